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
  int tokens = 0;
  trace.wrote = [&](const Reasoning&, const Attention&) { ++tokens; };
  trace.denoised = [](int, int, const ActionChunk&) {};
  queries_[0].trace = &trace;
  const std::vector<PolicyOutput> watched = policy_->Infer(queries_);
  EXPECT_GT(tokens, 3);
  for (std::size_t q = 0; q < 2; ++q) {
    EXPECT_EQ(watched[q].reasoning.grounded, alone[q].reasoning.grounded);
    EXPECT_EQ(watched[q].actions.values, alone[q].actions.values);
  }
}

TEST_P(QueryTraceTest, TheTextGrowsToTheAnswerAndTheChunkEndsAsTheAnswer) {
  QueryTrace trace;
  std::vector<std::string> texts;
  std::vector<ActionChunk> chunks;
  trace.wrote = [&](const Reasoning& said, const Attention&) { texts.push_back(said.grounded); };
  trace.denoised = [&](int step, int steps, const ActionChunk& chunk) {
    chunks.push_back(chunk);
    EXPECT_EQ(step, static_cast<int>(chunks.size()));
    EXPECT_EQ(steps, 10);
  };
  queries_[1].trace = &trace;
  const PolicyOutput answer = policy_->Infer(queries_)[1];
  ASSERT_FALSE(texts.empty());
  EXPECT_EQ(texts.back(), answer.reasoning.grounded);
  // Each text begins with the one before. Only " Next action:" is taken away again at the end, when it is whole.
  for (std::size_t i = 1; i + 1 < texts.size(); ++i) EXPECT_TRUE(texts[i].starts_with(texts[i - 1])) << texts[i];
  EXPECT_GT(texts.size(), 4U);
  ASSERT_EQ(chunks.size(), 10U);
  EXPECT_EQ(chunks.back().values, answer.actions.values);  // after the last step the expected sample is the sample
  EXPECT_EQ(chunks.back().dim, answer.actions.dim);
  EXPECT_NE(chunks.front().values, answer.actions.values);
}

double Total(const Attention& looked, const AttentionMap& like) {
  double all = 0;
  for (const auto& [camera, map] : looked) {
    EXPECT_EQ(map.height, like.height);
    EXPECT_EQ(map.width, like.width);
    EXPECT_EQ(map.weights.size(), static_cast<std::size_t>(map.height * map.width));
    for (const float weight : map.weights) EXPECT_GE(weight, 0.0F);
    all += std::accumulate(map.weights.begin(), map.weights.end(), 0.0);
  }
  return all;
}

// 96 x 96 pixels in patches of 8 of which 2 x 2 are one token: 6 x 6 cells.
TEST_P(QueryTraceTest, AttentionIsAShareForEachCellOfEachCamera) {
  const AttentionMap cells{6, 6, {}};
  const std::vector<std::string> cameras = policy_->Requirements(robot_).cameras;
  QueryTrace trace;
  std::vector<Attention> looks;
  trace.wrote = [&](const Reasoning&, const Attention& looked) { looks.push_back(looked); };
  queries_[0].trace = &trace;
  policy_->Infer(queries_);
  looks.push_back(trace.acted);
  for (const Attention& looked : looks) {
    ASSERT_EQ(looked.size(), cameras.size());
    for (const std::string& camera : cameras) EXPECT_TRUE(looked.contains(camera)) << camera;
    const double all = Total(looked, cells);
    EXPECT_GT(all, 0.02);
    EXPECT_LT(all, 1.0);  // something goes to the words
  }
  EXPECT_NE(looks.front().begin()->second.weights, looks[1].begin()->second.weights) << "each token has its own";
}

// What was put into its mouth is read token by token, and acted upon, like its own words.
TEST_P(QueryTraceTest, ForcedWordsAreTracedToo) {
  const ForcedReasoning words{"The blue box is on the left.", {}};
  queries_[0].reasoning = ReasoningMode::kForced;
  queries_[0].forced = &words;
  QueryTrace trace;
  std::vector<std::string> texts;
  trace.wrote = [&](const Reasoning& said, const Attention&) { texts.push_back(said.grounded); };
  queries_[0].trace = &trace;
  const std::vector<PolicyOutput> answers = policy_->Infer(queries_);
  ASSERT_FALSE(texts.empty());
  EXPECT_EQ(texts.back(), answers[0].reasoning.grounded);
  EXPECT_NE(texts.back().find("The blue box is on the left."), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Robots, QueryTraceTest, testing::Values("panda", "agilex"));

}  // namespace
}  // namespace divla
