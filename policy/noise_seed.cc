#include "policy/noise_seed.h"

#include "sim/rng.h"

namespace divla {

std::uint64_t EpisodeNoiseSeed(std::uint64_t run_seed, std::string_view task, std::string_view axis, int level,
                               int index) {
  return Rng({run_seed, task, axis, level, index, "policy-noise", 0}).NextU64();
}

}  // namespace divla
