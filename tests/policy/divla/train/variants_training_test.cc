// Training of the policies that leave out a part of DiVLA: it learns, ends in a policy that plays what it learned, and
// an interruption changes no byte.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/divla_policy.h"
#include "policy/divla/weights/safetensors.h"
#include "policy/file_io.h"
#include "policy/rows.h"
#include "policy/trainer.h"
#include "tests/policy/divla/tiny_model.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

class VariantTraining : public testing::TestWithParam<const char*> {
 protected:
  static DivlaConfig Model() { return GetParam() == std::string("silent") ? TinySilent() : TinyInstructionPolicy(); }
  void SetUp() override { WriteSyntheticRows(Path("data"), 6); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  // The progress reports.
  std::vector<TrainProgress> Train(const std::string& out, int steps, const std::string& precision = "float32",
                                   int stop_after = 0, bool resume = false) const {
    const std::string path = WriteTinyTraining(folder_, steps, Model());
    nlohmann::json config = nlohmann::json::parse(ReadFile(path));
    config["precision"] = precision;
    config["weight_decay"] = 0.0;
    WriteFile(path, config.dump());
    std::vector<TrainProgress> reports;
    TrainDivla({.config = path,
                .data = {Path("data")},
                .out = Path(out),
                .init = {},
                .resume = resume,
                .stop_after = stop_after,
                .progress = [&](const TrainProgress& progress) { reports.push_back(progress); },
                .interrupted = {},
                .validate = {}});
    return reports;
  }
  std::string Weights(const std::string& out) const { return ReadFile(Path(out) + "/model.safetensors"); }

  std::string folder_ = FreshFolder(std::string("variant_") + GetParam());
};

TEST_P(VariantTraining, LearnsATinyFolderAndPlaysIt) {
  const std::vector<TrainProgress> reports = Train("out", 120);
  EXPECT_LT(reports.back().diffusion, 0.5);
  EXPECT_LT(reports.back().points, 0.5);
  EXPECT_LT(reports.back().loss, 0.5 * reports.front().loss);
  EXPECT_EQ(reports.back().text, 0.0);
  EXPECT_EQ(reports.back().location, 0.0);

  const RobotInterface robot = TestRobot("panda");
  const std::unique_ptr<Policy> policy = MakeDivlaPolicy("tiny", Path("out"));
  policy->Reset(robot, 1);
  const RowsReader rows(Path("data") + "/object_selection");
  for (const int row : {0, 7, 13}) {
    Observation observation;
    observation.robot = "panda";
    for (int camera = 0; camera < 2; ++camera) {
      const auto frame = rows.Frame(row, camera);
      observation.images[rows.Info().cameras[static_cast<std::size_t>(camera)]] = {
          32, 32, {frame.begin(), frame.end()}};
    }
    const auto state = rows.State(row), tool = rows.Tool(row);
    observation.state.assign(state.begin(), state.end());
    observation.tool.assign(tool.begin(), tool.end());
    observation.instruction = rows.Labels(row).instruction;
    const Query query{&observation, 0, 1, 0};
    const PolicyOutput output = policy->Infer({&query, 1})[0];
    EXPECT_EQ(output.reasoning.text + output.reasoning.grounded, "");
    EXPECT_TRUE(output.reasoning.pixels.empty());
    for (std::size_t axis = 0; axis < 2; ++axis) {
      EXPECT_NEAR(output.actions.Row(0)[axis], rows.ToolTarget(row)[axis], 0.1) << row << " " << axis;
    }
  }
}

// A weight that no loss reaches would stay, or be worn down by weight decay, which is off here.
TEST_P(VariantTraining, EveryWeightIsTrained) {
  Train("start", 1);
  Train("more", 8);
  const SafetensorsFile start = SafetensorsFile::Open(Path("start") + "/model.safetensors"),
                        more = SafetensorsFile::Open(Path("more") + "/model.safetensors");
  for (const std::string& name : start.Names()) {
    if (name.starts_with("normalizer.")) continue;
    const std::vector<float> before = CopyElements<float>(start.Tensor(name)),
                             after = CopyElements<float>(more.Tensor(name));
    EXPECT_NE(before, after) << name;
  }
}

TEST_P(VariantTraining, AnInterruptionGivesTheSameBytes) {
  for (const char* precision : {"float32", "bf16"}) {
    const std::string whole = std::string("whole_") + precision, parts = std::string("parts_") + precision;
    Train(whole, 10, precision);
    Train(parts, 10, precision, 4);
    EXPECT_NE(Weights(parts), Weights(whole)) << precision;
    Train(parts, 10, precision, 0, true);
    EXPECT_EQ(Weights(parts), Weights(whole)) << precision;
  }
  EXPECT_NE(Weights("whole_bf16"), Weights("whole_float32"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, VariantTraining, testing::Values("silent", "instruction"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace divla
