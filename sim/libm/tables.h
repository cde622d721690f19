// The tables and the types of their rows. Made by make_tables.py with 1500 bits; never edited by hand.
#pragma once

#include <cstdint>

namespace divla::libm {

// An unevaluated sum; |lo| is at most about half a unit in the last place of hi.
struct Pair {
  double hi;
  double lo;
};

// head has 26 bits of mantissa, so that its product with another such number is exact; tail is the rest, rounded.
struct SplitNumber {
  double head;
  double tail;
};

// sin(n pi / 128); exact where that is 0, 1 or -1. The cosine stands 64 rows later, rows counted modulo 256.
extern const SplitNumber kSines[256];

// The binary digits of 1/(2 pi), highest first, 64 to a word; the first word is zero (the digits before the point).
extern const std::uint64_t kTurnBits[21];

// asin(c + h) = angle_hi + angle_lo + slope h + more[0] h^2 + ... + more[7] h^9 at c = k/128, 1/2 + k/256 and 3/4 +
// k/512 for row k of the three tables; the slope is split as in SplitNumber.
struct ArcSine {
  double angle_hi;
  double angle_lo;
  double slope_head;
  double slope_tail;
  double more[8];
};
extern const ArcSine kArcSinesInner[65];
extern const ArcSine kArcSinesMiddle[65];
extern const ArcSine kArcSinesOuter[65];

// Row k: atan(k / 128).
extern const Pair kArcTangents[129];

// Row j: 2^(j / 128) = value * (1 + relative_tail), value rounded to nearest, in [1, 2).
struct PowerOfTwo {
  double value;
  double relative_tail;
};
extern const PowerOfTwo kPowersOfTwo[128];

// Row i: 1/z for the middle z of cell i, rounded to a multiple of 2^-11 (so its product with a 30-bit number is exact),
// and -log of that number: log_head a multiple of 2^-42, so that it and k * kLn2Head add without rounding. The cell
// around 1 has inverse 1 and logarithm 0. Cell i begins at the double with the bits kLogStart + i * 2^45.
struct LogCell {
  double inverse;
  double log_head;
  double log_tail;
};
extern const LogCell kLogCells[128];
inline constexpr std::uint64_t kLogStart = 0x3fe6900000000000;

}  // namespace divla::libm
