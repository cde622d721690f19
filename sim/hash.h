// Hashes for results: XXH3-128 over bytes, as 32 hex digits. Not for security; weights use SHA-256
// (harness/provenance.h).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace divla {

// Collects bytes in the order given; little-endian machine representation (x86-64). Not thread-safe to share.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher& other);
  Hasher& operator=(const Hasher& other);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void Add(const void* bytes, std::size_t count);
  void Add(std::string_view text);  // with its length, so that neighbours cannot run together
  template <class T>
  void Add(std::span<const T> numbers) {
    static_assert(std::is_arithmetic_v<T>);
    Add(numbers.data(), numbers.size_bytes());
  }
  std::string Hex() const;  // of everything added so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string HashHex(const void* bytes, std::size_t count);

}  // namespace divla
