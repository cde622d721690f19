#include "harness/training/curves.h"

#include <gtest/gtest.h>

#include <fstream>

#include "sim/check.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

std::string Loss(int step, int stage, double diffusion, double text, double bins) {
  return "{\"step\":" + std::to_string(step) + ",\"stage\":" + std::to_string(stage) +
         ",\"loss\":1.0,\"diffusion\":" + std::to_string(diffusion) + ",\"text\":" + std::to_string(text) +
         ",\"location\":0.1,\"location_bins\":" + std::to_string(bins) + "}\n";
}

class TrainingCurvesTest : public ::testing::Test {
 protected:
  TrainingCurve Read(const std::string& log) {
    std::filesystem::create_directories(folder_.Path() / "policy");
    std::ofstream(folder_.Path() / "policy" / "train.jsonl") << log;
    return ReadTrainingCurve(folder_.Path() / "policy/");
  }
  TempFolder folder_;
};

TEST_F(TrainingCurvesTest, ReadsLossesStagesAndValidations) {
  const TrainingCurve curve = Read(
      Loss(50, 1, 0.5, 2.0, 30) +
      "{\"step\":50,\"validation\":{\"a\":{\"successes\":3,\"episodes\":4},\"b\":{\"successes\":0,\"episodes\":4}}}\n" +
      Loss(100, 2, 0.25, 0, 0));
  EXPECT_EQ(curve.name, "policy");
  ASSERT_EQ(curve.points.size(), 2u);
  EXPECT_EQ(curve.points[0].text, 2.0);
  EXPECT_EQ(curve.points[1].stage, 2);
  EXPECT_EQ(curve.points[1].diffusion, 0.25);
  EXPECT_FALSE(curve.points[1].text || curve.points[1].location_bins);  // 0: it writes none
  ASSERT_EQ(curve.validation.size(), 1u);
  EXPECT_EQ(curve.validation.at(50), 3.0 / 8);
}

TEST_F(TrainingCurvesTest, BadLogsNameFileLineAndKey) {
  ExpectError<InputError>([&] { Read(Loss(50, 1, 1, 1, 1) + "{\"step\":100}\n"); }, {"train.jsonl:2", "'diffusion'"});
  ExpectError<InputError>([&] { Read(Loss(50, 1, 1, 1, 1) + Loss(50, 1, 1, 1, 1)); },
                          {"train.jsonl:2", "'step'", "more than 50", "50"});
  ExpectError<InputError>([&] { Read(""); }, {"train.jsonl", "found none"});
  ExpectError<InputError>([&] { ReadTrainingCurve(folder_.Path() / "none"); }, {"train.jsonl"});
}

// Where values stand is known in closed form: the panel's plot is 290 px by 170 px, from (56, 40).
TEST_F(TrainingCurvesTest, DrawsOnALogarithmicScaleWithALineAtEachStage) {
  const TrainingCurve curve{"a<b", {{50, 1, 1.0, {}, {}}, {100, 2, 0.1, {}, {}}, {200, 2, 0.01, {}, {}}}, {}};
  const std::string drawing = DrawTrainingCurves({curve});
  EXPECT_NE(drawing.find("d=\"M128.5 40.0L201.0 125.0L346.0 210.0\""), std::string::npos) << drawing;
  EXPECT_NE(drawing.find("<path class=\"stage\" d=\"M128.5 40.0V210.0\"/>"), std::string::npos);
  EXPECT_NE(drawing.find(">a&lt;b</text>"), std::string::npos);
  EXPECT_EQ(drawing.find("text loss"), std::string::npos);  // no curve has it
  EXPECT_EQ(drawing, DrawTrainingCurves({curve}));
}

TEST_F(TrainingCurvesTest, ValidationsAreDrawnInPercent) {
  const TrainingCurve curve{"p", {{100, 1, 1.0, 0.5, 3.0}}, {{50, 0.5}, {100, 1.0}}};
  const std::string drawing = DrawTrainingCurves({curve});
  EXPECT_NE(drawing.find("d=\"M201.0 125.0L346.0 40.0\""), std::string::npos) << drawing;
}

TEST_F(TrainingCurvesTest, NoneAndTooManyAreRefused) {
  ExpectError<InputError>([] { DrawTrainingCurves({}); }, {"1 to 4", "found 0"});
  const TrainingCurve curve{"p", {{1, 1, 1.0, {}, {}}}, {}};
  ExpectError<InputError>([&] { DrawTrainingCurves({curve, curve, curve, curve, curve}); }, {"found 5"});
}

}  // namespace
}  // namespace divla
