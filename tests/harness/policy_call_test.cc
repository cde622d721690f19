// What becomes of a policy that fails at a batch of queries.
#include "harness/policy_call.h"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <stdexcept>

#include "sim/check.h"

namespace divla {
namespace {

class Stubborn final : public Policy {
 public:
  explicit Stubborn(std::function<std::vector<PolicyOutput>()> answer) : answer_(std::move(answer)) {}
  const PolicyInfo& Info() const override { return info_; }
  PolicyRequirements Requirements(const RobotInterface&) const override { return {}; }
  void Reset(const RobotInterface&, int) override {}
  std::vector<PolicyOutput> Infer(std::span<const Query>) override { return answer_(); }

 private:
  PolicyInfo info_{.name = "stubborn", .weights_sha256 = ""};
  std::function<std::vector<PolicyOutput>()> answer_;
};

struct Outcome {
  std::size_t answers{};
  std::string error;
};

// Of two queries.
Outcome Ask(std::function<std::vector<PolicyOutput>()> answer) {
  Stubborn policy(std::move(answer));
  Outcome outcome;
  outcome.answers = TryInfer(policy, std::vector<Query>(2), outcome.error).size();
  return outcome;
}

TEST(TryInferTest, PassesTheAnswersOn) {
  const Outcome outcome = Ask([] { return std::vector<PolicyOutput>(2); });
  EXPECT_EQ(outcome.answers, 2U);
  EXPECT_EQ(outcome.error, "");
}

TEST(TryInferTest, SaysWhyThereIsNone) {
  const Outcome few = Ask([] { return std::vector<PolicyOutput>(1); });
  EXPECT_EQ(few.answers, 0U);
  EXPECT_EQ(few.error, "1 answers to 2 queries");
  EXPECT_EQ(Ask([]() -> std::vector<PolicyOutput> { throw std::runtime_error("no idea"); }).error, "no idea");
  EXPECT_EQ(Ask([]() -> std::vector<PolicyOutput> { throw std::runtime_error(""); }).error,
            "an exception without a message");
}

TEST(TryInferTest, TheMachinesFaultsPassThrough) {
  EXPECT_THROW(Ask([]() -> std::vector<PolicyOutput> { throw MachineError("no disk"); }), MachineError);
  EXPECT_THROW(Ask([]() -> std::vector<PolicyOutput> { throw std::bad_alloc(); }), MachineError);
}

}  // namespace
}  // namespace divla
