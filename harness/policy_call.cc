#include "harness/policy_call.h"

#include <fmt/format.h>

#include <new>

#include "sim/check.h"

namespace divla {

std::vector<PolicyOutput> TryInfer(Policy& policy, std::span<const Query> queries, std::string& error) {
  try {
    auto outputs = policy.Infer(queries);
    if (outputs.size() == queries.size()) return outputs;
    error = fmt::format("{} answers to {} queries", outputs.size(), queries.size());
  } catch (const MachineError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw MachineError("the policy ran out of memory: use fewer --workers or a smaller group");
  } catch (const std::exception& exception) {
    error = exception.what();
    if (error.empty()) error = "an exception without a message";
  }
  return {};
}

}  // namespace divla
