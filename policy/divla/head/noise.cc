#include "policy/divla/head/noise.h"

#include "sim/rng.h"

namespace divla {

at::Tensor PolicyNoise(std::span<const Query> queries, std::int64_t steps, std::int64_t dim) {
  at::Tensor noise = at::empty({static_cast<std::int64_t>(queries.size()), steps, dim}, at::kFloat);
  auto* out = noise.mutable_data_ptr<float>();
  for (const Query& query : queries) {
    Rng rng(
        {.seed = query.noise_seed, .stream = "policy-noise", .index = static_cast<std::uint64_t>(query.query_number)});
    for (std::int64_t i = 0; i < steps * dim; ++i) *out++ = static_cast<float>(rng.Normal());
  }
  return noise;
}

}  // namespace divla
