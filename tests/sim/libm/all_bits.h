// One number for the bits of every result of sim/libm over a fixed set of arguments. Needs nothing but the functions,
// so that tests/reproducibility/libm_bits.sh can compile it with any compiler and options.
#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>

#include "sim/libm/libm.h"

namespace divla {

class BitsHash {  // FNV-1a over 64-bit words
 public:
  void Add(std::uint64_t word) { value_ = (value_ ^ word) * 0x100000001b3; }
  // NaNs have a sign and a payload that IEEE 754 leaves open.
  void Add(double x) { Add(x != x ? 0x7ff8000000000000 : std::bit_cast<std::uint64_t>(x)); }
  std::uint64_t Value() const { return value_; }

 private:
  std::uint64_t value_{0xcbf29ce484222325};
};

// The sizes that physics meets, then bit patterns of every exponent. `count` arguments of each kind.
inline std::uint64_t HashOfAllBits(int count) {
  BitsHash hash;
  std::uint64_t state = 0x9e3779b97f4a7c15;
  const auto next = [&state] {  // xorshift64* (Vigna, 2016)
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1d;
  };
  const auto in = [&next](double low, double high) {
    return low + (high - low) * (static_cast<double>(next() >> 11) * 0x1p-53);
  };
  for (int i = 0; i < 2 * count; ++i) {
    const bool usual = i < count;
    const double x = usual ? in(-8, 8) : std::bit_cast<double>(next());
    const double y = usual ? in(-8, 8) : std::bit_cast<double>(next());
    const double unit = usual ? in(-1, 1) : std::bit_cast<double>(next() & 0xbfffffffffffffff);
    const double positive = std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & 0x7fffffffffffffff);
    const float a = usual ? static_cast<float>(x) : std::bit_cast<float>(static_cast<std::uint32_t>(next()));
    const float b = usual ? static_cast<float>(y) : std::bit_cast<float>(static_cast<std::uint32_t>(next()));
    const float c = a < 0 ? -a : a;
    double sine = 0;
    double cosine = 0;
    float float_sine = 0;
    float float_cosine = 0;
    sincos(y, &sine, &cosine);
    sincosf(b, &float_sine, &float_cosine);
    for (const double result :
         {sin(x), cos(x), tan(x), sine, cosine, asin(unit), acos(unit), atan(x), atan2(y, x), exp(x), log(positive),
          log10(positive), pow(positive, y), pow(x, y), cbrt(x), hypot(x, y)}) {
      hash.Add(result);
    }
    for (const float result :
         {sinf(a), cosf(a), float_sine, float_cosine, atan2f(b, a), log10f(c), powf(c, b), powf(a, b)}) {
      hash.Add(static_cast<double>(result));
    }
  }
  return hash.Value();
}

}  // namespace divla
