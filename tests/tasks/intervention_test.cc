#include "tasks/intervention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "sim/controller.h"
#include "tasks/axes/axis.h"
#include "tasks/monitor.h"
#include "tasks/put_down.h"
#include "tasks/registry.h"
#include "tasks/table_top.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kTask = "object_selection";

EpisodeKey Key(const std::string& task, const std::string& axis, int index) {
  return {task, axis, axis == "none" ? 0 : 1, index};
}

// The episode's scene at the moment at which its expert has held the target up for half a second.
struct Moment {
  const Task& task;
  EpisodePlan plan;
  Scene scene;
  int steps{};
};

Moment HeldUp(const std::string& name, const std::string& axis, int index) {
  const Task& task = FindTask(name);
  EpisodePlan plan = DrawEpisode(task, 1, Key(name, axis, index));
  Moment moment{task, plan, task.Build(plan)};
  const auto expert = task.MakeExpert(plan);
  EpisodeMonitor monitor(task, moment.plan, moment.scene);
  for (int held = 0; held < plan.intervention.held_steps; ++moment.steps) {
    EXPECT_LT(moment.steps, task.Spec().horizon);
    ControlStep(moment.scene, ActionKind::kEndEffectorPose, expert->Act(moment.scene));
    monitor.Update(moment.scene);
    held = monitor.HeldUp() == moment.plan.target ? held + 1 : 0;
  }
  return moment;
}

void Stay(Scene& scene, int steps, double gripper) {
  const ToolTarget target{scene.ToolPose(0), gripper};
  for (int i = 0; i < steps; ++i) {
    ASSERT_EQ(ControlStep(scene, ActionKind::kEndEffectorPose, ToAction(scene, {&target, 1})), StepStatus::kOk);
  }
}

TEST(InterventionTest, AxesAreNamedAndTheCleanTwinStays) {
  EXPECT_EQ(InterventionOfAxis("intervention_object"), InterventionKind::kObject);
  EXPECT_EQ(InterventionOfAxis("intervention_instruction"), InterventionKind::kInstruction);
  for (const char* other : {"none", "intervention", "intervention_none", "object"}) {
    EXPECT_EQ(InterventionOfAxis(other), InterventionKind::kNone) << other;
  }
  const Task& task = FindTask(kTask);
  const EpisodePlan clean = DrawEpisode(task, 1, Key(kTask, "none", 3));
  const EpisodePlan twin = DrawEpisode(task, 1, Key(kTask, "intervention_instruction", 3));
  EXPECT_EQ(clean.intervention.kind, InterventionKind::kNone);
  EXPECT_EQ(twin.intervention.kind, InterventionKind::kInstruction);
  EXPECT_EQ(twin.instruction, clean.instruction);
  EXPECT_EQ(twin.target, clean.target);
  EXPECT_EQ(twin.robot_start, clean.robot_start);
  EXPECT_EQ(HashState(task.Build(twin)), HashState(task.Build(clean)));
}

TEST(InterventionTest, OnlyFreeThingsThatFitTheHandCanSwap) {
  const Task& task = FindTask(kTask);
  const EpisodePlan plan = task.Draw(1, Key(kTask, "none", 0));
  const Scene scene = task.Build(plan);
  EXPECT_TRUE(CanSwap(scene, plan, "object_bread", "object_tape"));
  EXPECT_TRUE(CanSwap(scene, plan, "object_tape", "object_bread"));
  EXPECT_FALSE(CanSwap(scene, plan, "object_bread", "object_bread"));
  EXPECT_FALSE(CanSwap(scene, plan, "object_bread", plan.destination));  // the tray stands fixed
  EXPECT_FALSE(CanSwap(scene, plan, plan.destination, "object_bread"));
}

TEST(InterventionTest, NothingIsSwappedIntoTheTable) {
  // The bread is held 44 mm lower than the pot: close over the table its place in the hand has no room for the pot.
  ASSERT_GT(FindObject("metal_pot").grasps.front().position[2], FindObject("bread").grasps.front().position[2] + 0.03);
  for (int index = 0; index < 12; ++index) {
    Moment moment = HeldUp(kTask, "none", index);
    if (moment.plan.target != "object_bread") continue;
    EXPECT_TRUE(CanSwap(moment.scene, moment.plan, "object_bread", "object_metal_pot"));
    const double low = FindObject("bread").grasps.front().position[2] + 0.025;
    for (int step = 0; step < 30 && moment.scene.ToolPose(0).position[2] > low; ++step) {
      ToolTarget target{moment.scene.ToolPose(0), 0.0};
      target.pose.position[2] -= 0.02;
      ControlStep(moment.scene, ActionKind::kEndEffectorPose, ToAction(moment.scene, {&target, 1}));
    }
    ASSERT_TRUE(moment.scene.IsGrasped(0, moment.scene.BodyId("object_bread")));
    EXPECT_FALSE(CanSwap(moment.scene, moment.plan, "object_bread", "object_metal_pot"));
    return;
  }
  FAIL() << "no episode is about the bread";
}

TEST(InterventionTest, SwappedObjectsChangePlacesAndTheHandKeepsHold) {
  const MujocoWarningGuard guard;
  std::set<std::string> seen;
  for (int index = 0; index < 6; ++index) {
    for (const char* other : {"object_bread", "object_tape", "object_metal_pot", "object_sponge", "object_bowl"}) {
      Moment moment = HeldUp(kTask, "none", index);
      Scene& scene = moment.scene;
      const std::string held = moment.plan.target;
      const bool there = std::any_of(moment.plan.objects.begin(), moment.plan.objects.end(),
                                     [&](const ObjectPlacement& placement) { return placement.body == other; });
      if (!there || !CanSwap(scene, moment.plan, held, other)) continue;
      seen.insert(other);
      SCOPED_TRACE(held + " for " + other);
      const auto place = scene.BodyPosition(scene.BodyId(other));
      SwapHeld(scene, moment.plan, 0, held, other);
      EXPECT_TRUE(scene.IsGrasped(0, scene.BodyId(other)));
      EXPECT_FALSE(scene.IsTouched(0, scene.BodyId(held)));
      const Pose grasp = GraspPose(scene, other, PlacedObject(moment.plan, other));
      const Pose tool = scene.ToolPose(0);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(grasp.position[i], tool.position[i], 1e-6);
        EXPECT_NEAR(scene.BodyPosition(scene.BodyId(held))[i], place[i], 1e-6);
      }
      Stay(scene, 20, 0.0);
      EXPECT_TRUE(scene.IsGrasped(0, scene.BodyId(other))) << "it slipped";
      EXPECT_NEAR(scene.BodyPosition(scene.BodyId(held))[2], 0, 0.005);
      EXPECT_LT(scene.BodySpeed(scene.BodyId(held)), 0.05);
      EXPECT_LT(std::hypot(scene.BodyPosition(scene.BodyId(held))[0] - place[0],
                           scene.BodyPosition(scene.BodyId(held))[1] - place[1]),
                0.02);
    }
  }
  EXPECT_GE(seen.size(), 3U);
}

TEST(InterventionTest, AFreePlaceIsFreeAndNear) {
  EpisodePlan plan;
  plan.key = Key("cube_to_coloured_box", "none", 0);
  plan.objects = {{"bread", "object_bread", {0.48, 0.0, 0}, 0}, {"blue_box", "object_blue_box", {0.48, 0.20, 0}, 0}};
  plan.robot_start = FindRobot("panda").home;
  const Scene scene = FindTask(plan.key.task).Build(plan);
  // Alone, it goes straight down (to the grid's next point); over the box, it goes beside.
  const auto down = FreePlace(scene, plan, "object_bread", {0.48, -0.10});
  EXPECT_NEAR(down[0], 0.48, 1e-9);
  EXPECT_NEAR(down[1], -0.10, 1e-9);
  const auto beside = FreePlace(scene, plan, "object_bread", {0.48, 0.20});
  const double apart = std::hypot(beside[0] - 0.48, beside[1] - 0.20);
  const double needed = FindObject("bread").radius + FindObject("blue_box").radius + 0.02;
  EXPECT_GE(apart, needed);
  EXPECT_LT(apart, needed + 0.03);
}

class InstructionSwap : public ::testing::TestWithParam<const Task*> {};

TEST_P(InstructionSwap, GivesASeenTextOfAnotherTruthAndIsSolved) {
  const MujocoWarningGuard guard;
  const Task& task = *GetParam();
  EXPECT_FALSE(task.HasIntervention(InterventionKind::kNone));
  const std::string& name = task.Spec().name;
  int struck = 0, solved = 0;
  std::set<std::string> instructions;
  for (int index = 0; index < 12; ++index) {
    Moment moment = HeldUp(name, "intervention_instruction", index);
    const EpisodePlan before = moment.plan;
    const std::vector<double> state = moment.scene.SaveState();
    EpisodePlan again = moment.plan;
    const bool changed = Intervene(task, moment.scene, moment.plan, before.target);
    EXPECT_EQ(moment.scene.SaveState(), state);  // words move nothing
    EXPECT_EQ(Intervene(task, moment.scene, again, before.target), changed);
    EXPECT_EQ(again.instruction, moment.plan.instruction);
    if (!changed) {
      EXPECT_EQ(moment.plan.instruction, before.instruction);
      continue;
    }
    ++struck;
    const auto& seen = task.Spec().instructions_seen;
    EXPECT_NE(std::find(seen.begin(), seen.end(), moment.plan.instruction), seen.end()) << moment.plan.instruction;
    EXPECT_NE(task.Truth(moment.scene, moment.plan).required, task.Truth(moment.scene, before).required);
    EXPECT_TRUE(moment.plan.target != before.target || moment.plan.destination != before.destination);
    EXPECT_EQ(moment.plan.objects.size(), before.objects.size());
    EXPECT_EQ(moment.plan.robot_start, before.robot_start);
    instructions.insert(moment.plan.instruction);

    EpisodeMonitor monitor(task, moment.plan, moment.scene);
    const auto expert = ExpertFromHere(task, moment.scene, moment.plan);
    for (int step = moment.steps; step < task.Spec().horizon && !monitor.GoalHeld(); ++step) {
      ControlStep(moment.scene, ActionKind::kEndEffectorPose, expert->Act(moment.scene));
      monitor.Update(moment.scene);
    }
    solved += monitor.GoalHeld();
  }
  EXPECT_GE(struck, 4);
  EXPECT_GE(10 * solved, 9 * struck);
  EXPECT_GE(instructions.size(), 2U);
}

std::vector<const Task*> WithInstructionSwap() {
  std::vector<const Task*> tasks;
  for (const Task* task : AllTasks()) {
    if (task->HasIntervention(InterventionKind::kInstruction)) tasks.push_back(task);
  }
  return tasks;
}

INSTANTIATE_TEST_SUITE_P(Tasks, InstructionSwap, ::testing::ValuesIn(WithInstructionSwap()),
                         [](const auto& task) { return task.param->Spec().name; });

TEST(InterventionTest, AShelfWithOnePlateHasNothingToChangeTo) {
  const Task& task = FindTask("cup_on_plate");
  int one = 0, two = 0;
  for (int index = 0; index < 20; ++index) {
    EpisodePlan plan = DrawEpisode(task, 1, Key("cup_on_plate", "intervention_instruction", index));
    const auto plates = std::count_if(plan.objects.begin(), plan.objects.end(), [](const ObjectPlacement& placement) {
      return placement.object_id == "shelf_plate";
    });
    Scene scene = task.Build(plan);
    EXPECT_EQ(Intervene(task, scene, plan, plan.target), plates == 2) << index;
    (plates == 2 ? two : one)++;
  }
  EXPECT_GT(one, 0);
  EXPECT_GT(two, 0);
}

// Two seconds later the object that nobody wants any more stands on the table, not in a heap with others.
TEST(InterventionTest, WhatIsHeldIsPutDownBeforeTheNewObjectIsTaken) {
  const MujocoWarningGuard guard;
  for (int index = 0; index < 5; ++index) {
    Moment moment = HeldUp(kTask, "intervention_instruction", index);
    const std::string old = moment.plan.target;
    ASSERT_TRUE(Intervene(moment.task, moment.scene, moment.plan, old));
    const auto expert = ExpertFromHere(moment.task, moment.scene, moment.plan);
    const int body = moment.scene.BodyId(old);
    double fastest = 0;
    for (int step = 0; step < 60; ++step) {
      ControlStep(moment.scene, ActionKind::kEndEffectorPose, expert->Act(moment.scene));
      if (!moment.scene.IsTouched(0, body)) fastest = std::max(fastest, moment.scene.BodySpeed(body));
    }
    EXPECT_NEAR(moment.scene.BodyPosition(body)[2], 0, 0.005) << index;
    EXPECT_GT(moment.scene.Data().xmat[9 * body + 8], std::cos(15 * std::numbers::pi / 180))
        << index << ": it fell over";
    EXPECT_LT(fastest, 0.5) << index << ": it was dropped";
  }
}

TEST(InterventionTest, AnExpertMadeWithTheObjectInHandDoesNotLetGo) {
  Moment moment = HeldUp("cube_to_coloured_box", "none", 2);
  const auto expert = ExpertFromHere(moment.task, moment.scene, moment.plan);
  const int cube = moment.scene.BodyId(moment.plan.target);
  for (int step = 0; step < 5; ++step) {
    ControlStep(moment.scene, ActionKind::kEndEffectorPose, expert->Act(moment.scene));
    EXPECT_TRUE(moment.scene.IsGrasped(0, cube)) << step;
  }
}

// Of a task that is scored per object, any of its objects can be the one in the hand.
TEST(MonitorTest, AnAssignedObjectIsHeldUpToo) {
  Moment moment = HeldUp(kTask, "none", 1);
  const std::string held = moment.plan.target;
  const std::string other = held == "object_bread" ? "object_tape" : "object_bread";
  const Scene start = moment.task.Build(moment.plan);
  moment.plan.target = other;
  for (const bool assigned : {false, true}) {
    if (assigned) moment.plan.assignments = {{other, moment.plan.destination}, {held, moment.plan.destination}};
    EpisodeMonitor monitor(moment.task, moment.plan, start);
    monitor.Update(start);
    EXPECT_EQ(monitor.HeldUp(), "");
    monitor.Update(moment.scene);
    EXPECT_EQ(monitor.HeldUp(), assigned ? held : "");
  }
}

TEST(MonitorTest, WhatWasHeldWhenThePlanChangedIsNotTheWrongObject) {
  for (const bool told : {true, false}) {
    Moment moment = HeldUp(kTask, "intervention_instruction", 1);
    const Scene start = moment.task.Build(moment.plan);
    EpisodeMonitor monitor(moment.task, moment.plan, start);
    monitor.Update(moment.scene);
    EXPECT_EQ(monitor.HeldUp(), moment.plan.target);
    EXPECT_GT(monitor.Progress(), 0.5);  // reached and grasped
    const std::string old = moment.plan.target;
    ASSERT_TRUE(Intervene(moment.task, moment.scene, moment.plan, old));
    if (told) {
      monitor.PlanChanged(moment.scene);
      EXPECT_EQ(monitor.Progress(), 0.0);
    }
    monitor.Update(moment.scene);
    // Never told, it goes on judging by the first target, which hangs in the air; told, nothing has happened yet.
    EXPECT_EQ(monitor.HeldUp(), told ? "" : old);
    EXPECT_EQ(monitor.Judge(), told ? Failure::kNotReached : Failure::kWrongPlace);
    if (!told) continue;
    // Let go of and picked again it is the wrong one.
    const auto expert = moment.task.MakeExpert(DrawEpisode(moment.task, 1, moment.plan.key));
    Stay(moment.scene, 10, 1.0);
    monitor.Update(moment.scene);
    EXPECT_FALSE(moment.scene.IsTouched(0, moment.scene.BodyId(old)));
    for (int step = 0; step < 80; ++step) {
      ControlStep(moment.scene, ActionKind::kEndEffectorPose, expert->Act(moment.scene));
      monitor.Update(moment.scene);
    }
    EXPECT_EQ(monitor.Judge(), Failure::kWrongObject);
  }
}

}  // namespace
}  // namespace divla
