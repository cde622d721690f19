// Counter-based random streams (Philox 4x32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// A stream is named, not seeded in sequence: the same key gives the same numbers whatever else was drawn before, on any
// thread and in any order. No std:: distributions. Normal() is Box-Muller with the log and cos of sim/libm; the other
// draws use exactly rounded operations only, so all give the same bits on every x86-64 machine. An Rng is a small value
// owned by its user; not thread-safe to share.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace divla {

// Names one stream of one episode. Equal keys are equal streams; any differing field gives an unrelated one.
struct StreamKey {
  std::uint64_t seed{};       // the run's seed
  std::string_view task{};    // task name
  std::string_view axis{};    // generalisation axis, "none" for the training distribution
  int level{};                // axis level, 0 to 5
  int episode{};              // episode index
  std::string_view stream{};  // what the numbers are for: "layout", "instruction", "policy-noise", ...
  std::uint64_t index{};      // sub-stream, for example the query number
};

class Rng {
 public:
  explicit Rng(const StreamKey& key);

  std::uint32_t NextU32();
  std::uint64_t NextU64();
  double Uniform();                         // [0, 1), 53 random bits
  double Uniform(double low, double high);  // [low, high)
  int Int(int n);                           // 0 .. n-1, unbiased; n >= 1
  double Normal();                          // mean 0, deviation 1

  // Fisher-Yates, from the end.
  template <class Container>
  void Shuffle(Container& items) {
    for (int i = static_cast<int>(items.size()) - 1; i > 0; --i) {
      using std::swap;
      swap(items[static_cast<std::size_t>(i)], items[static_cast<std::size_t>(Int(i + 1))]);
    }
  }

 private:
  std::array<std::uint32_t, 2> key_{};
  std::array<std::uint32_t, 4> counter_{};
  std::array<std::uint32_t, 4> block_{};
  int used_{4};  // numbers of block_ already given out
};

// The Philox 4x32-10 block function, exposed for its published test vectors.
std::array<std::uint32_t, 4> Philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

}  // namespace divla
