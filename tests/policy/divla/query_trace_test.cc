// Somebody watches a query of the shipped checkpoint: what is seen belongs to the answer and changes no bit of it.
#include <gtest/gtest.h>

#include <numeric>

#include "policy/registry.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

const std::string kCheckpoints = std::string(DIVLA_SOURCE_DIR) + "/assets/checkpoints";

class QueryTraceTest : public testing::TestWithParam<const char*> {
 protected:
  QueryTraceTest() : robot_(TestRobot(GetParam())), policy_(MakePolicy("divla-tiny", kCheckpoints)) {
    const PolicyRequirements wants = policy_->Requirements(robot_);
    for (int i = 0; i < 2; ++i) observations_.push_back(TestObservation(robot_, wants, i));
    policy_->Reset(robot_, 2);
    for (int i = 0; i < 2; ++i) queries_.push_back({&observations_[static_cast<std::size_t>(i)], i, 7, 0});
  }

  RobotInterface robot_;
  std::unique_ptr<Policy> policy_;
  std::vector<Observation> observations_;
  std::vector<Query> queries_;
};

TEST_P(QueryTraceTest, WatchingChangesNoBit) {
  const std::vector<PolicyOutput> alone = policy_->Infer(queries_);
  QueryTrace trace;
  trace.wrote = [](const std::string&) {};
  trace.denoised = [](int, int, const ActionChunk&) {};
  queries_[0].trace = &trace;
  const std::vector<PolicyOutput> watched = policy_->Infer(queries_);
  for (std::size_t q = 0; q < 2; ++q) {
    EXPECT_EQ(watched[q].reasoning.grounded, alone[q].reasoning.grounded);
    EXPECT_EQ(watched[q].actions.values, alone[q].actions.values);
  }
}

TEST_P(QueryTraceTest, TheTextGrowsToTheAnswerAndTheChunkEndsAsTheAnswer) {
  QueryTrace trace;
  std::vector<std::string> texts;
  std::vector<ActionChunk> chunks;
  trace.wrote = [&](const std::string& text) { texts.push_back(text); };
  trace.denoised = [&](int step, int steps, const ActionChunk& chunk) {
    chunks.push_back(chunk);
    EXPECT_EQ(step, static_cast<int>(chunks.size()));
    EXPECT_EQ(steps, 10);
  };
  queries_[1].trace = &trace;
  const PolicyOutput answer = policy_->Infer(queries_)[1];
  ASSERT_FALSE(texts.empty());
  EXPECT_EQ(texts.back(), answer.reasoning.grounded);
  for (std::size_t i = 1; i < texts.size(); ++i) EXPECT_LE(texts[i - 1].size(), texts[i].size() + 16) << texts[i];
  ASSERT_EQ(chunks.size(), 10U);
  EXPECT_EQ(chunks.back().values, answer.actions.values);  // after the last step the expected sample is the sample
  EXPECT_EQ(chunks.back().dim, answer.actions.dim);
  EXPECT_NE(chunks.front().values, answer.actions.values);
}

TEST_P(QueryTraceTest, AttentionIsAShareForEachCellOfEachCamera) {
  QueryTrace trace;
  queries_[0].trace = &trace;
  policy_->Infer(queries_);
  double all = 0;
  ASSERT_EQ(trace.attention.size(), policy_->Requirements(robot_).cameras.size());
  for (const auto& [camera, map] : trace.attention) {
    EXPECT_EQ(map.height * map.width, static_cast<int>(map.weights.size()));
    for (const float weight : map.weights) EXPECT_GE(weight, 0.0F);
    all += std::accumulate(map.weights.begin(), map.weights.end(), 0.0);
  }
  EXPECT_GT(all, 0.05);
  EXPECT_LE(all, 1.0 + 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Robots, QueryTraceTest, testing::Values("panda", "agilex"));

}  // namespace
}  // namespace divla
