// What a person or a control does to the reasoning of the shipped checkpoint.
#include <gtest/gtest.h>

#include <optional>

#include "policy/divla/text/answer.h"
#include "policy/registry.h"
#include "tests/policy/fixed_queries.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

const std::string kCheckpoints = std::string(DIVLA_SOURCE_DIR) + "/assets/checkpoints";

class ForcedReasoningTest : public testing::Test {
 protected:
  ForcedReasoningTest() : robot_(TestRobot("panda")), policy_(MakePolicy("divla-tiny", kCheckpoints)) {
    const PolicyRequirements wants = policy_->Requirements(robot_);
    policy_->Reset(robot_, 3);
    // Of pictures of noise the model says what it likes: those are taken of which it says where in both cameras.
    for (int seed = 0; observations_.size() < 3 && seed < 100; ++seed) {
      Observation observation = TestObservation(robot_, wants, seed);
      observation.instruction = "Pick purple cube to blue box.";
      const std::vector<Query> query{{&observation, 0, 7, 0}};
      if (policy_->Infer(query)[0].reasoning.pixels.size() == 2) observations_.push_back(observation);
    }
    for (int i = 0; i < 3; ++i) queries_.push_back({&observations_.at(static_cast<std::size_t>(i)), i, 7, 0});
  }

  RobotInterface robot_;
  std::unique_ptr<Policy> policy_;
  std::vector<Observation> observations_;
  std::vector<Query> queries_;
};

TEST_F(ForcedReasoningTest, SayingWhatItSaysAnywayChangesNothing) {
  const std::vector<PolicyOutput> own = policy_->Infer(queries_);
  std::vector<ForcedReasoning> forced;
  for (const PolicyOutput& output : own) {
    EXPECT_EQ(output.reasoning.pixels.size(), 2U) << output.reasoning.grounded;
    forced.push_back({output.reasoning.text, {}});
    for (const auto& [camera, at] : output.reasoning.pixels) forced.back().pixels[camera] = at;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    queries_[i].reasoning = ReasoningMode::kForced;
    queries_[i].forced = &forced[i];
  }
  const std::vector<PolicyOutput> again = policy_->Infer(queries_);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(again[i].reasoning.grounded, own[i].reasoning.grounded);
    EXPECT_EQ(again[i].actions.values, own[i].actions.values);
  }
}

TEST_F(ForcedReasoningTest, ForcedLocationsAreReadBack) {
  const ForcedReasoning forced{"The blue box is on the left.",
                               {{"left", {{0.25F, 0.75F}}}, {"right", std::nullopt}, {"elsewhere", {{0.5F, 0.5F}}}}};
  queries_[1].reasoning = ReasoningMode::kForced;
  queries_[1].forced = &forced;
  const Reasoning said = policy_->Infer(queries_)[1].reasoning;
  EXPECT_EQ(said.text, forced.text);
  // Half a bin of 1/128 at most; what is out of view is not said to be anywhere.
  ASSERT_EQ(said.pixels.size(), 1U);
  EXPECT_NEAR(said.pixels.at("left")[0], 0.25, 1.0 / 256);
  EXPECT_NEAR(said.pixels.at("left")[1], 0.75, 1.0 / 256);
}

TEST_F(ForcedReasoningTest, AnotherTextIsAnotherActionForItsQueryOnly) {
  const std::vector<PolicyOutput> own = policy_->Infer(queries_);
  const ForcedReasoning forced{"The blue box is on the left.", {}};
  queries_[1].reasoning = ReasoningMode::kForced;
  queries_[1].forced = &forced;
  const std::vector<PolicyOutput> outputs = policy_->Infer(queries_);
  EXPECT_NE(outputs[1].actions.values, own[1].actions.values);
  EXPECT_EQ(outputs[0].actions.values, own[0].actions.values);
  EXPECT_EQ(outputs[2].reasoning.grounded, own[2].reasoning.grounded);
}

TEST_F(ForcedReasoningTest, WithheldReasoningLeavesTheTextAndChangesTheAction) {
  const std::vector<PolicyOutput> own = policy_->Infer(queries_);
  queries_[2].reasoning = ReasoningMode::kWithheld;
  const std::vector<PolicyOutput> outputs = policy_->Infer(queries_);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(outputs[i].reasoning.grounded, own[i].reasoning.grounded);
  EXPECT_EQ(outputs[0].actions.values, own[0].actions.values);
  EXPECT_EQ(outputs[1].actions.values, own[1].actions.values);
  EXPECT_NE(outputs[2].actions.values, own[2].actions.values);
}

}  // namespace
}  // namespace divla
