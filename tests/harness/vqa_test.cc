#include "harness/vqa.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/canonical_json.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/fake_policy.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

Suite Scenes(int episodes) {
  Suite suite{.name = "small", .version = 1, .summary = "", .seed = 3, .group_size = 4, .cells = {}};
  for (const char* task : {"object_selection", "cube_to_coloured_box"})
    suite.cells.push_back({task, "none", 0, episodes});
  return suite;
}

PolicyFactory Saying(FakePolicy::Answer answer, PolicyRequirements wants = {}) {
  return [=] { return std::make_unique<FakePolicy>(wants, nullptr, answer); };
}

PolicyFactory Parrot(const std::string& text) {
  return Saying([text](const Query&, PolicyOutput& output) { output.reasoning.text = text; });
}

std::string Lines(const VqaResult& result) {
  std::string lines;
  for (const VqaRecord& record : result.records) lines += CanonicalJson(ToJson(record)) + "\n";
  return lines;
}

std::map<std::string, VqaScore> ByKind(const std::vector<VqaRecord>& records) {
  std::map<std::string, VqaScore> scores;
  for (const VqaScore& score : ScoreAnswers(records)) scores[score.kind] = score;
  return scores;
}

TEST(VqaRunTest, TheTruthScoresFullAndSilenceNothing) {
  const MujocoWarningGuard guard;
  const VqaResult silent = AskQuestions(Scenes(6), Parrot(""), {}, nullptr);
  ASSERT_GT(silent.records.size(), 40U);
  std::map<std::string, std::string> truth;  // a question's text may recur with another answer: asked scene by scene
  bool start = false, after = false;
  for (const VqaRecord& record : silent.records) {
    EXPECT_FALSE(record.right);
    start = start || !record.after_expert;
    after = after || record.after_expert;
    EXPECT_EQ(record.camera, "left");
  }
  EXPECT_TRUE(start && after);
  EXPECT_EQ(silent.renderer, "none");
  for (const auto& [kind, score] : ByKind(silent.records)) {
    EXPECT_EQ(score.k, 0) << kind;
    EXPECT_GT(score.n, 0) << kind;
  }

  std::vector<VqaRecord> told = silent.records;
  std::size_t next = 0;  // one worker asks in order
  const VqaResult right = AskQuestions(Scenes(6), Saying([&](const Query& query, PolicyOutput& output) {
                                         EXPECT_EQ(query.observation->instruction, told[next].question.text);
                                         output.reasoning.text = "It is " + told[next++].question.accepted.back();
                                       }),
                                       {}, nullptr);
  EXPECT_EQ(ByKind(right.records)["all"].k, static_cast<int>(told.size()));
  EXPECT_EQ(ByKind(right.records)["all"].n, static_cast<int>(told.size()));
}

TEST(VqaRunTest, AlwaysTheSameGetsChanceAtMost) {
  const VqaResult result = AskQuestions(Scenes(8), Parrot("yes"), {}, nullptr);
  auto scores = ByKind(result.records);
  EXPECT_GT(scores["side"].k, 0);
  EXPECT_LT(scores["side"].k, scores["side"].n);
  EXPECT_LE(scores["side"].k, static_cast<int>(scores["side"].chance * scores["side"].n + 0.5));
  EXPECT_EQ(scores["colour"].k, 0);
}

TEST(VqaRunTest, ChanceIsTheMostFrequentAnswer) {
  const auto record = [](const std::string& kind, const std::string& answer, bool right) {
    VqaRecord one;
    one.question = {kind, "?", {answer}, {}};
    one.right = right;
    return one;
  };
  auto scores = ByKind({record("count", "3", true), record("count", "3", false), record("count", "4", false),
                        record("count", "5", false), record("side", "yes", true)});
  EXPECT_EQ(scores["count"].n, 4);
  EXPECT_EQ(scores["count"].k, 1);
  EXPECT_DOUBLE_EQ(scores["count"].chance, 0.5);
  EXPECT_DOUBLE_EQ(scores["all"].chance, 0.6);              // 2 of 4 and 1 of 1
  EXPECT_NEAR(scores["count"].wilson.low, 0.0456, 0.0001);  // Wilson for 1 of 4, by hand
  EXPECT_NEAR(scores["count"].wilson.high, 0.6994, 0.0001);
  EXPECT_FALSE(scores.contains("object"));
}

TEST(VqaRunTest, DoesNotDependOnTheNumberOfWorkers) {
  const PolicyRequirements wants{.cameras = {"wrist", "left"}, .image_height = 32, .image_width = 48};
  const auto answer = [](const Query& query, PolicyOutput& output) {
    const auto& rgb = query.observation->images.at("wrist").rgb;
    output.reasoning.text =
        std::to_string(std::count(rgb.begin(), rgb.end(), 128)) + " " + std::to_string(query.noise_seed % 1000);
  };
  VqaOptions options;
  options.per_kind = 2;
  const VqaResult one = AskQuestions(Scenes(4), Saying(answer, wants), options, nullptr);
  options.workers = 3;
  const VqaResult three = AskQuestions(Scenes(4), Saying(answer, wants), options, nullptr);
  EXPECT_EQ(Lines(one), Lines(three));
  EXPECT_EQ(one.records.front().camera, "wrist");  // the first that the policy looks at
  EXPECT_NE(one.renderer, "none");
  EXPECT_NE(Lines(one), Lines(AskQuestions(Scenes(4), Saying(answer), options, nullptr)));
}

TEST(VqaRunTest, APolicyThatThrowsIsWrongAndNamed) {
  const VqaResult result = AskQuestions(
      Scenes(1), Saying([](const Query&, PolicyOutput&) { throw std::runtime_error("no idea"); }), {}, nullptr);
  EXPECT_EQ(result.policy_error, "no idea");
  EXPECT_GT(result.records.size(), 0U);
  EXPECT_EQ(ByKind(result.records)["all"].k, 0);
}

TEST(VqaRunTest, AxesAreRefusedAndAStopKeepsWhatWasAsked) {
  Suite suite = Scenes(1);
  suite.cells[0].axis = "object_colour";
  ExpectError<InputError>([&] { AskQuestions(suite, Parrot("yes"), {}, nullptr); }, {"object_colour", "none"});
  VqaOptions options;
  std::atomic<int> asked{0};
  options.stop = [&] { return asked++ >= 3; };
  const VqaResult result = AskQuestions(Scenes(4), Parrot("yes"), options, nullptr);
  EXPECT_TRUE(result.stopped);
  EXPECT_GT(result.records.size(), 0U);
  EXPECT_LT(result.records.size(), AskQuestions(Scenes(4), Parrot("yes"), {}, nullptr).records.size());
}

}  // namespace
}  // namespace divla
