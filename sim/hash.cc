#include "sim/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

namespace divla {
namespace {

std::string ToHex(XXH128_hash_t hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }

}  // namespace

struct Hasher::State {
  XXH3_state_t* xxh{XXH3_createState()};
  State() { XXH3_128bits_reset(xxh); }
  ~State() { XXH3_freeState(xxh); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(const Hasher& other) : Hasher() { XXH3_copyState(state_->xxh, other.state_->xxh); }
Hasher& Hasher::operator=(const Hasher& other) {
  if (this != &other) *this = Hasher(other);
  return *this;
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Add(const void* bytes, std::size_t count) {
  if (count > 0) XXH3_128bits_update(state_->xxh, bytes, count);
}

void Hasher::Add(std::string_view text) {
  const std::uint64_t size = text.size();
  Add(&size, sizeof size);
  Add(text.data(), text.size());
}

std::string Hasher::Hex() const { return ToHex(XXH3_128bits_digest(state_->xxh)); }

std::string HashHex(const void* bytes, std::size_t count) { return ToHex(XXH3_128bits(bytes, count)); }

}  // namespace divla
