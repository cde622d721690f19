#include "sim/rng.h"

#include <xxhash.h>

#include <cmath>
#include <numbers>
#include <string>

#include "sim/check.h"

namespace divla {
namespace {

std::uint64_t HashFields(const StreamKey& key) {
  // Lengths keep ("ab","c") apart from ("a","bc").
  std::string bytes;
  auto add_text = [&](std::string_view text) {
    bytes += std::to_string(text.size());
    bytes += ':';
    bytes += text;
  };
  add_text(key.task);
  add_text(key.axis);
  bytes += std::to_string(key.level) + ',' + std::to_string(key.episode) + ',';
  add_text(key.stream);
  bytes += std::to_string(key.index);
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace

std::array<std::uint32_t, 4> Philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53U;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57U;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9U;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85U;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

Rng::Rng(const StreamKey& key) {
  key_ = {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)};
  const std::uint64_t hash = HashFields(key);
  counter_ = {0, 0, static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(hash >> 32)};
}

std::uint32_t Rng::NextU32() {
  if (used_ == 4) {
    block_ = Philox4x32(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

std::uint64_t Rng::NextU64() {
  const std::uint64_t high = NextU32();
  return (high << 32) | NextU32();
}

double Rng::Uniform() { return static_cast<double>(NextU64() >> 11) * 0x1.0p-53; }

double Rng::Uniform(double low, double high) { return low + (high - low) * Uniform(); }

int Rng::Int(int n) {
  DIVLA_CHECK(n >= 1, "Rng::Int needs at least one outcome");
  const auto range = static_cast<std::uint32_t>(n);
  const std::uint32_t limit = UINT32_MAX - (UINT32_MAX % range + 1) % range;  // last value of the unbiased part
  std::uint32_t draw = NextU32();
  while (draw > limit) draw = NextU32();
  return static_cast<int>(draw % range);
}

double Rng::Normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));  // 1 - u is in (0, 1]
  return radius * std::cos(2.0 * std::numbers::pi * Uniform());
}

}  // namespace divla
