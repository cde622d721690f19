// A readable rollout of the expert for every task, tests/golden/rollouts/<task>.txt: what a person reads to see what a
// task is, and what shows at once that physics, scene or expert changed. DIVLA_REGENERATE=1 writes them anew. Positions
// are compared within 3 mm, so that a harmless change of the last bits does not ask for new files (that the bits are
// the same on every CPU is tested in tests/reproducibility); words and line count exactly.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/controller.h"
#include "tasks/monitor.h"
#include "tasks/registry.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr double kTolerance = 0.003;  // m, and share of the gripper's opening
constexpr int kStride = 8;            // control steps between lines

std::string Line(const Scene& scene, const EpisodePlan& plan, const TaskStatus& status, const GroundTruth& truth,
                 int step) {
  const std::array<double, 3> target = scene.BodyPosition(scene.BodyId(plan.target));
  std::string line = fmt::format("step {:3d} target {:.3f} {:.3f} {:.3f}", step, target[0], target[1], target[2]);
  for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
    const Pose tool = scene.ToolPose(arm);
    line += fmt::format(" tool {:.3f} {:.3f} {:.3f} open {:.2f}", tool.position[0], tool.position[1], tool.position[2],
                        scene.GripperOpening(arm));
  }
  std::string stages;
  for (const Stage& stage : status.stages) stages += stage.done ? "+" + stage.name : "";
  return line + " stages " + (stages.empty() ? "-" : stages) + " says " + truth.text;
}

std::vector<std::string> Rollout(const Task& task) {
  const EpisodePlan plan = task.Draw(20, {task.Spec().name, "none", 0, 0});
  Scene scene = task.Build(plan);
  EpisodeMonitor monitor(task, plan, scene);
  const std::unique_ptr<Expert> expert = task.MakeExpert(plan);
  std::vector<std::string> lines{fmt::format("MuJoCo {} {}", mj_versionString(), plan.instruction)};
  for (int step = 0; step < task.Spec().horizon && !monitor.GoalHeld(); ++step) {
    if (step % kStride == 0)
      lines.push_back(Line(scene, plan, task.Status(scene, plan), task.Truth(scene, plan), step));
    ControlStep(scene, ActionKind::kEndEffectorPose, expert->Act(scene));
    monitor.Update(scene);
  }
  lines.push_back(monitor.GoalHeld() ? "success" : "failure");
  return lines;
}

// Equal words; numbers with a point may differ by the tolerance.
bool Agree(const std::string& expected, const std::string& found) {
  std::istringstream left(expected);
  std::istringstream right(found);
  std::string a;
  std::string b;
  while (true) {
    const bool more_a = static_cast<bool>(left >> a);
    const bool more_b = static_cast<bool>(right >> b);
    if (more_a != more_b) return false;
    if (!more_a) return true;
    if (a == b) continue;
    char* end_a = nullptr;
    char* end_b = nullptr;
    const double number_a = std::strtod(a.c_str(), &end_a);
    const double number_b = std::strtod(b.c_str(), &end_b);
    const bool numbers = *end_a == '\0' && *end_b == '\0' && a.find('.') != std::string::npos;
    if (!numbers || std::abs(number_a - number_b) > kTolerance) return false;
  }
}

class GoldenRollout : public testing::TestWithParam<const Task*> {};

TEST_P(GoldenRollout, StillReadsTheSame) {
  const MujocoWarningGuard guard;
  const Task& task = *GetParam();
  const std::filesystem::path file =
      std::filesystem::path(DIVLA_SOURCE_DIR) / "tests" / "golden" / "rollouts" / (task.Spec().name + ".txt");
  const std::vector<std::string> lines = Rollout(task);
  if (std::getenv("DIVLA_REGENERATE") != nullptr) {
    std::ofstream stream(file);
    for (const std::string& line : lines) stream << line << '\n';
  }
  std::ifstream stream(file);
  ASSERT_TRUE(stream) << file << " is missing: every task has a rollout; write it with DIVLA_REGENERATE=1";
  std::vector<std::string> expected;
  for (std::string line; std::getline(stream, line);) expected.push_back(line);
  for (std::size_t i = 0; i < std::min(lines.size(), expected.size()); ++i) {
    ASSERT_TRUE(Agree(expected[i], lines[i]))
        << file << " line " << i + 1 << "\nexpected " << expected[i] << "\nfound    " << lines[i];
  }
  EXPECT_EQ(lines.size(), expected.size());
}

TEST(GoldenRolloutCompare, SeesMillimetresAndWords) {
  EXPECT_TRUE(Agree("step 8 tool 0.500 says hello", "step 8 tool 0.502 says hello"));
  EXPECT_FALSE(Agree("step 8 tool 0.500 says hello", "step 8 tool 0.504 says hello"));
  EXPECT_FALSE(Agree("step 8 tool 0.500 says hello", "step 9 tool 0.500 says hello"));
  EXPECT_FALSE(Agree("step 8 says hello", "step 8 says goodbye"));
  EXPECT_FALSE(Agree("step 8 says hello", "step 8 says hello there"));
}

INSTANTIATE_TEST_SUITE_P(Tasks, GoldenRollout, testing::ValuesIn(AllTasks()),
                         [](const auto& parameter) { return parameter.param->Spec().name; });

}  // namespace
}  // namespace divla
