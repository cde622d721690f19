// Prints the hash of sim/libm's results: tests/reproducibility/libm_bits.sh compiles this in many ways.
#include <cstdio>

#include "tests/sim/libm/all_bits.h"

int main() {
  std::printf("%016llx\n", static_cast<unsigned long long>(divla::HashOfAllBits(200000)));
  return 0;
}
