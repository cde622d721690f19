#include "policy/divla/head/injection.h"

#include <algorithm>
#include <vector>

namespace divla {

at::Tensor InjectedRows(std::span<const Query> queries) {
  const auto withheld = [](const Query& query) { return query.reasoning == ReasoningMode::kWithheld; };
  if (std::none_of(queries.begin(), queries.end(), withheld)) return {};
  std::vector<float> injected;
  for (const Query& query : queries) injected.push_back(withheld(query) ? 0.0F : 1.0F);
  return at::tensor(injected, at::kFloat).unsqueeze(1);
}

}  // namespace divla
