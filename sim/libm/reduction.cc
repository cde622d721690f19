#include "sim/libm/reduction.h"

namespace divla::libm {
namespace {

__extension__ using Wide = unsigned __int128;

// pi/128 as a sum of two doubles.
constexpr Pair kStepPair = {0x1.921fb54442d18p-6, 0x1.1a62633145c07p-60};

}  // namespace

Reduced ReduceLong(double x) {
  // x = mantissa * 2^exponent, so of the digits of 1/(2 pi) those before `exponent` give whole turns and are left out.
  // The table begins 64 digits early, which covers the negative exponents (down to 17 - 52).
  const int exponent = static_cast<int>((Bits(x) >> 52) & 0x7ff) - 1075;
  const std::uint64_t mantissa = (Bits(x) & 0x000fffffffffffff) | 0x0010000000000000;
  const unsigned first = static_cast<unsigned>(exponent + 64);
  const unsigned word = first / 64;
  const unsigned shift = first % 64;
  std::uint64_t window[4];  // most significant first
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint64_t low = word + i + 1 < 21 ? kTurnBits[word + i + 1] : 0;
    window[i] = shift == 0 ? kTurnBits[word + i] : (kTurnBits[word + i] << shift) | (low >> (64 - shift));
  }
  // The fraction of a turn, 256 bits: the product modulo one turn.
  std::uint64_t turn[4];
  std::uint64_t carry = 0;
  for (int i = 3; i >= 0; --i) {
    const Wide product = static_cast<Wide>(window[i]) * mantissa + carry;
    turn[i] = static_cast<std::uint64_t>(product);
    carry = static_cast<std::uint64_t>(product >> 64);
  }
  // The first 8 bits count steps of pi/128; the others are the rest, made signed by rounding to the nearest step.
  std::uint64_t steps = turn[0] >> 56;
  for (int i = 0; i < 3; ++i) turn[i] = (turn[i] << 8) | (turn[i + 1] >> 56);
  turn[3] <<= 8;
  const bool negative = (turn[0] >> 63) != 0;
  if (negative) {
    ++steps;
    std::uint64_t add = 1;
    for (int i = 3; i >= 0; --i) {
      turn[i] = ~turn[i] + add;
      add = (add != 0 && turn[i] == 0) ? 1 : 0;
    }
  }
  int zeros = 0;  // whole words, then bits
  while (zeros < 192 && turn[0] == 0) {
    for (int i = 0; i < 3; ++i) turn[i] = turn[i + 1];
    turn[3] = 0;
    zeros += 64;
  }
  const int bits = turn[0] == 0 ? 0 : std::countl_zero(turn[0]);
  if (bits > 0) {
    turn[0] = (turn[0] << bits) | (turn[1] >> (64 - bits));
    turn[1] = (turn[1] << bits) | (turn[2] >> (64 - bits));
  }
  zeros += bits;
  // 53 bits, then the next 53.
  const double head = static_cast<double>(static_cast<std::int64_t>(turn[0] >> 11));
  const double tail = static_cast<double>(static_cast<std::int64_t>(((turn[0] << 53) | (turn[1] >> 11)) >> 11));
  const double hi = head * PowerOfTwoDouble(-53 - zeros);
  const double lo = tail * PowerOfTwoDouble(-106 - zeros);
  const Pair product = TwoProduct(hi, kStepPair.hi);
  const Pair rest = FastTwoSum(product.hi, product.lo + (hi * kStepPair.lo + lo * kStepPair.hi));
  const bool flip = negative != ((Bits(x) & kSignBit) != 0);
  if ((Bits(x) & kSignBit) != 0) steps = 0 - steps;
  return {steps, flip ? -rest.hi : rest.hi, flip ? -rest.lo : rest.lo};
}

}  // namespace divla::libm
