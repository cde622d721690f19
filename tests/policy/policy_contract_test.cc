// Runs the contract over every registered policy, the shipped checkpoints among them.
#include "tests/policy/policy_contract.h"

#include <gtest/gtest.h>

#include <cctype>

#include "policy/registry.h"

namespace divla {
namespace {

const std::string kCheckpoints = std::string(DIVLA_SOURCE_DIR) + "/assets/checkpoints";

class RegisteredPolicy : public testing::TestWithParam<std::string> {};

TEST_P(RegisteredPolicy, KeepsTheContract) {
  const PolicyMaker make = [] { return MakePolicy(GetParam(), kCheckpoints); };
  EXPECT_EQ(make()->Info().name, GetParam());
  ExpectPolicyContract(make);
}

TEST_P(RegisteredPolicy, KeepsTheContractInStrictMode) {
  const PolicyMaker make = [] { return MakePolicy(GetParam(), kCheckpoints, {.strict = true}); };
  EXPECT_TRUE(make()->Info().batch_invariant);
  ExpectPolicyContract(make);
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const PolicyDescription& policy : ListPolicies(kCheckpoints)) names.push_back(policy.name);
  return names;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Registry, RegisteredPolicy, testing::ValuesIn(Names()), TestName);

}  // namespace
}  // namespace divla
