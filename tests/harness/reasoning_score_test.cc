#include "harness/reasoning_score.h"

#include <gtest/gtest.h>

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
