// Physics stays sane whatever a policy does: random scenes, clean and perturbed, under 10 s of random actions, without
// a divergence and without a warning of MuJoCo. A few scenes of each task by default; DIVLA_STABILITY_SCENES=N runs N
// of each (tests/acceptance/tasks_and_axes.sh asks for 2,000 in all).
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "sim/check.h"
#include "sim/controller.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr std::uint64_t kSeed = 77;
constexpr int kSteps = 200;  // 10 s
constexpr int kHold = 8;     // control steps with the same target: long enough to hit things with speed

int Scenes() {
  const char* asked = std::getenv("DIVLA_STABILITY_SCENES");
  return asked == nullptr ? 3 : std::stoi(asked);
}

// Every third scene is clean; the others are twins of an axis that changes the physics, at the highest level.
EpisodePlan RandomPlan(const Task& task, int index) {
  const std::string& name = task.Spec().name;
  std::vector<std::string> axes;
  for (const Axis* axis : AllAxes()) {
    const AxisSpec& spec = axis->Spec();
    if ((spec.checked || spec.name == "environment_dynamics") && task.Without(spec.name).empty()) {
      axes.push_back(spec.name);
    }
  }
  if (index % 3 == 0) return DrawEpisode(task, kSeed, {name, "none", 0, index});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    try {
      return DrawEpisode(task, kSeed,
                         {name, axes[(static_cast<std::size_t>(index) + i) % axes.size()], kLevels, index});
    } catch (const InputError&) {
      // No valid draw of this axis for this seed: the next one. That published episodes can be drawn is tested elsewhere.
    }
  }
  return DrawEpisode(task, kSeed, {name, "none", 0, index});
}

std::vector<float> RandomAction(Rng& rng, const RobotInterface& robot) {
  std::vector<float> action;
  for (std::size_t i = 0; i < robot.low.size(); ++i) {
    action.push_back(
        static_cast<float>(rng.Uniform(static_cast<double>(robot.low[i]), static_cast<double>(robot.high[i]))));
  }
  return action;
}

class Stability : public testing::TestWithParam<const Task*> {
 private:
  MujocoWarningGuard guard_;
};

TEST_P(Stability, RandomActionsNeitherDivergeNorWarn) {
  const Task& task = *GetParam();
  for (int index = 0; index < Scenes(); ++index) {
    const EpisodePlan plan = RandomPlan(task, index);
    SCOPED_TRACE(ToString(plan.key));
    Scene scene = task.Build(plan);
    const RobotInterface robot = scene.GetRobot().Interface();
    Rng rng({kSeed, task.Spec().name, "none", 0, index, "random-actions"});
    std::vector<float> action;
    for (int step = 0; step < kSteps; ++step) {
      if (step % kHold == 0) action = RandomAction(rng, robot);
      ASSERT_EQ(ControlStep(scene, ActionKind::kJointPosition, action), StepStatus::kOk) << "step " << step;
    }
    EXPECT_EQ(scene.WarningCount(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, Stability, testing::ValuesIn(AllTasks()),
                         [](const auto& parameter) { return parameter.param->Spec().name; });

}  // namespace
}  // namespace divla
