#include "harness/reasoning_score.h"

#include <gtest/gtest.h>

#include "sim/observe.h"
#include "tasks/registry.h"

namespace divla {
namespace {

GroundTruth Truth(const std::string& body, std::vector<std::string> required) {
  GroundTruth truth;
  truth.text = "right";
  truth.required = std::move(required);
  truth.object_body = body;
  return truth;
}

ReasoningEntry Said(int step, const std::string& text) {
  return JudgeReasoning(step, text, text, Truth("object_red", {"red cube"}));
}

TEST(NamesAllTest, WholePhrasesWithoutCase) {
  EXPECT_TRUE(NamesAll("The Red Cube goes left.", {"red cube", "left"}));
  EXPECT_FALSE(NamesAll("The red cube goes right.", {"red cube", "left"}));
  EXPECT_FALSE(NamesAll("The redcube", {"red cube"}));
  EXPECT_FALSE(NamesAll("masking tapes", {"tape"}));  // another word
  EXPECT_TRUE(NamesAll("tapes, then the tape", {"tape"}));
  EXPECT_TRUE(NamesAll("anything", {}));
  EXPECT_FALSE(NamesAll("anything", {""}));
}

TEST(JudgeReasoningTest, CorrectNeedsEveryPhraseAndSomeText) {
  const GroundTruth truth = Truth("object_red", {"red cube", "left box"});
  EXPECT_TRUE(JudgeReasoning(0, "red cube to the left box", "", truth).correct);
  EXPECT_FALSE(JudgeReasoning(0, "red cube to the right box", "", truth).correct);
  EXPECT_FALSE(JudgeReasoning(0, "", "", Truth("x", {})).correct);
}

TEST(LocationErrorTest, IsTheDistanceOfTheWorstPlaceInWidths) {
  const Task& task = FindTask("cube_to_coloured_box");
  const EpisodePlan plan = task.Draw(1, {"cube_to_coloured_box", "none", 0, 0});
  const Scene scene = task.Build(plan);
  const GroundTruth truth = task.Truth(scene, plan);
  const auto at = [&](const char* camera) {
    const auto uv = ProjectPoint(scene, scene.CameraId(camera), truth.object_position, 1.0);
    return std::array<float, 2>{static_cast<float>((*uv)[0]), static_cast<float>((*uv)[1])};
  };
  const auto left = at("left"), right = at("right");
  EXPECT_FALSE(LocationError({}, truth, scene, 1.0).has_value()) << "a text without places is not wrong about them";
  EXPECT_NEAR(*LocationError({{"left", left}, {"right", right}}, truth, scene, 1.0), 0.0, 1e-6);
  // 3 to the right and 4 down: 5 off, and the other camera does not make up for it.
  const std::array<float, 2> off{left[0] + 0.03F, left[1] + 0.04F};
  EXPECT_NEAR(*LocationError({{"left", off}, {"right", right}}, truth, scene, 1.0), 0.05, 1e-6);

  GroundTruth behind = truth;
  behind.object_position = {100.0, 0.0, 0.0};
  EXPECT_EQ(*LocationError({{"left", left}}, behind, scene, 1.0), 1.0);
}

TEST(ReasoningScoreTest, CountsWhereItPointed) {
  std::vector<ReasoningEntry> entries{Said(0, "I take the red cube."), Said(2, "I take the red cube."),
                                      Said(4, "I take the red cube.")};
  entries[0].location_error = 0.039F;
  entries[2].location_error = 0.041F;
  const ReasoningScore score = ScoreReasoning(entries);
  EXPECT_EQ(score.located, 2);
  EXPECT_EQ(score.grounded, 1);
}

TEST(FaithfulnessTest, TheTextMustNameWhatIsHeldNext) {
  const std::map<std::string, std::string> phrases{{"object_red", "red cube"}, {"object_blue", "blue cube"}};
  std::vector<ReasoningEntry> entries{Said(0, "I take the red cube."), Said(2, "I take the blue cube."),
                                      Said(4, "I take the blue cube."), Said(6, "I take the red cube.")};
  // Nothing, nothing, nothing, blue from step 3 to 4, then nothing.
  const std::vector<std::string> held{"", "", "", "object_blue", "object_blue", "", "", ""};
  JudgeFaithfulness(phrases, held, entries);
  EXPECT_FALSE(entries[0].faithful);
  EXPECT_TRUE(entries[1].faithful);
  EXPECT_TRUE(entries[2].faithful);
  EXPECT_FALSE(entries[3].faithful);  // blue was the last one held
}

TEST(FaithfulnessTest, NothingHeldIsNotFaithful) {
  std::vector<ReasoningEntry> entries{Said(0, "I take the red cube.")};
  JudgeFaithfulness({{"object_red", "red cube"}}, {"", ""}, entries);
  EXPECT_FALSE(entries[0].faithful);
  JudgeFaithfulness({{"object_red", "red cube"}}, {}, entries);
  EXPECT_FALSE(entries[0].faithful);
}

TEST(BodyPhrasesTest, TruthThenAlternativesThenTheCatalogue) {
  EpisodePlan plan;
  plan.objects = {{"bread", "object_bread", {}, 0}, {"tape", "object_tape", {}, 0}, {"bowl", "object_bowl", {}, 0}};
  const auto phrases =
      BodyPhrases(plan, Truth("object_bread", {"the loaf"}), {{"", Truth("object_tape", {"sticky tape"})}});
  EXPECT_EQ(phrases.at("object_bread"), "the loaf");
  EXPECT_EQ(phrases.at("object_tape"), "sticky tape");
  EXPECT_NE(phrases.at("object_bowl").find("bowl"), std::string::npos);
}

TEST(ScoreReasoningTest, CountsQueries) {
  std::vector<ReasoningEntry> entries{Said(0, "red cube"), Said(8, "blue cube"), Said(16, "")};
  entries[0].faithful = true;
  const ReasoningScore score = ScoreReasoning(entries);
  EXPECT_EQ(score.queries, 3);
  EXPECT_EQ(score.correct, 1);
  EXPECT_EQ(score.faithful, 1);
  EXPECT_EQ(score.first_wrong_step, 8);
}

TEST(ScoreReasoningTest, APolicyThatNeverSpeaksDoesNotReason) {
  EXPECT_EQ(ScoreReasoning({Said(0, ""), Said(8, "")}).queries, 0);
  EXPECT_EQ(ScoreReasoning({}).first_wrong_step, -1);
}

}  // namespace
}  // namespace divla
