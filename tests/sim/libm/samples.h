// Arguments to test the elementary functions with.
#pragma once

#include <cstdint>
#include <vector>

namespace divla {

// How many times more samples than usual are drawn: DIVLA_LIBM_EFFORT in the environment, 1 without it.
int LibmEffort();

// Both signs of every exponent of a double, subnormals among them, `per_exponent` random mantissas each, with the
// smallest, the largest and the numbers beside a power of two.
std::vector<double> EveryExponent(int per_exponent, std::uint64_t seed);

// `count` numbers uniform in [low, high).
std::vector<double> Evenly(double low, double high, int count, std::uint64_t seed);

// The doubles nearest to each of `centres` and `reach` neighbours on either side.
std::vector<double> Around(const std::vector<double>& centres, int reach);

// The nearest doubles to n * pi/256 for n = 1 to `count` and for n = 2^k: every boundary between two rows of a table,
// and every zero and pole of the functions.
std::vector<double> MultiplesOfPi(int count);

// Doubles that come nearest to a multiple of pi/2 among all of their size; the first comes nearest of all doubles.
std::vector<double> HardestAngles();

// Bit patterns of floats, `count` of them, evenly over all 2^32 (zeros, subnormals, infinities and NaNs among them).
std::vector<float> FloatBitPatterns(int count, std::uint64_t seed);

std::vector<double> Joined(std::vector<std::vector<double>> lists);

}  // namespace divla
