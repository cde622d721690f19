// table_bussing: counter-examples of success, the score, the reasoning that follows the hands, the two arms, and what
// is drawn.
#include "tasks/table_bussing/table_bussing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/controller.h"
#include "tasks/assignments.h"
#include "tasks/footprint.h"
#include "tasks/monitor.h"
#include "tasks/table_top.h"
#include "tasks/two_arms.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kTray = "object_bussing_tray";
constexpr const char* kBin = "object_rubbish_bin";

EpisodePlan Draw(const Task& task, int index) { return task.Draw(7, {task.Spec().name, "none", 0, index}); }

class TableBussingTest : public testing::Test {
 protected:
  // An episode with two of each kind, all put where they belong.
  void SetUp() override {
    for (int index = 0; plan_.assignments.size() != 4 || Of(kTray).size() != 2; ++index) {
      ASSERT_LT(index, 200);
      plan_ = Draw(task_, index);
    }
    scene_ = std::make_unique<Scene>(task_.Build(plan_));
    for (const char* container : {kTray, kBin}) {
      double side = -1;
      for (const Assignment& assignment : Of(container)) {
        Put(assignment.body, container, side * 0.045, 0, 0.008);
        side = 1;
      }
    }
    Hold(20);
  }

  std::vector<Assignment> Of(const std::string& container) const {
    std::vector<Assignment> own;
    for (const Assignment& assignment : plan_.assignments) {
      if (assignment.destination == container) own.push_back(assignment);
    }
    return own;
  }
  // The object's base, upright, at a point beside the container's middle; nothing else moves.
  void Put(const std::string& body, const std::string& container, double x, double y, double z) {
    const std::array<double, 3> middle = scene_->BodyPosition(scene_->BodyId(container));
    scene_->SetFreeBody(body, {{middle[0] + x, middle[1] + y, z}, {1, 0, 0, 0}});
    scene_->Forward();
  }
  void Hold(int steps) {
    const std::vector<float> still = CommandedJoints(*scene_);
    for (int i = 0; i < steps; ++i) ControlStep(*scene_, ActionKind::kJointPosition, still);
  }
  TaskStatus Status() const { return task_.Status(*scene_, plan_); }
  ObjectContainer Inside(const std::string& container) const { return *PlacedObject(plan_, container).container; }
  std::string Sentence(const Assignment& assignment) const {
    return "Place the " + PlacedObject(plan_, assignment.body).phrases_seen.front() + " to " +
           (assignment.destination == kTray ? "white container." : "rubbish bin.");
  }

  MujocoWarningGuard guard_;
  const Task& task_ = TableBussing();
  EpisodePlan plan_;
  std::unique_ptr<Scene> scene_;
};

TEST_F(TableBussingTest, EverythingWhereItBelongsIsSuccess) {
  EXPECT_TRUE(Status().goal);
  EXPECT_EQ(Status().objects_placed, 4);
  EXPECT_EQ(Status().objects_total, 4);
  EXPECT_EQ(Status().placed, std::vector<bool>(4, true));
  EXPECT_EQ(CurrentAssignment(*scene_, plan_), nullptr);
  EXPECT_EQ(task_.Truth(*scene_, plan_).text, "All tablewares and rubbish are sorted.");
}

TEST_F(TableBussingTest, OneLeftOnTheTableIsNot) {
  for (const Assignment& assignment : plan_.assignments) {
    const std::vector<double> before = scene_->SaveState();
    scene_->SetFreeBody(assignment.body, {{0.27, 0.0, 0.001}, {1, 0, 0, 0}});
    scene_->Forward();
    EXPECT_FALSE(Status().goal);
    EXPECT_EQ(Status().objects_placed, 3);
    EXPECT_EQ(CurrentAssignment(*scene_, plan_)->body, assignment.body);
    EXPECT_EQ(task_.Truth(*scene_, plan_).text, Sentence(assignment));
    scene_->RestoreState(before);
  }
}

TEST_F(TableBussingTest, InTheOtherContainerIsNot) {
  for (const Assignment& assignment : plan_.assignments) {
    const std::vector<double> before = scene_->SaveState();
    // Over what lies there: where it is, not how it lies, must be what counts.
    Put(assignment.body, assignment.destination == kTray ? kBin : kTray, 0, 0, 0.012);
    EXPECT_FALSE(Status().goal) << assignment.body;
    EXPECT_EQ(Status().objects_placed, 3);
    Put(assignment.body, assignment.destination, 0, 0, 0.012);
    EXPECT_EQ(Status().objects_placed, 4) << "the same place in its own container counts";
    scene_->RestoreState(before);
  }
}

TEST_F(TableBussingTest, OnTheRimIsNot) {
  for (const Assignment& assignment : plan_.assignments) {
    const std::vector<double> before = scene_->SaveState();
    const ObjectContainer inside = Inside(assignment.destination);
    // Its middle a little inside the walls, its base on top of them.
    Put(assignment.body, assignment.destination, 0, inside.half_size[1] - 0.005, inside.rim + 0.001);
    EXPECT_FALSE(Status().goal) << assignment.body;
    EXPECT_EQ(Status().objects_placed, 3);
    scene_->RestoreState(before);
  }
}

TEST_F(TableBussingTest, AboveOrUnderOrBesideTheContainerIsNot) {
  for (const char* container : {kTray, kBin}) {
    const std::string body = Of(container).front().body;
    Put(body, container, 0, 0, Inside(container).rim + 0.05);
    EXPECT_FALSE(Status().goal) << "above";
    Put(body, container, 0, 0, -0.15);
    EXPECT_FALSE(Status().goal) << "under";
    Put(body, container, Inside(container).half_size[0] + 0.06, 0, 0.001);
    EXPECT_FALSE(Status().goal) << "beside";
    Put(body, container, 0, 0, 0.012);
    EXPECT_TRUE(Status().goal);
  }
}

TEST_F(TableBussingTest, MovingIsNot) {
  for (const Assignment& assignment : plan_.assignments) {
    const std::vector<double> before = scene_->SaveState();
    const int joint = scene_->Model().body_jntadr[scene_->BodyId(assignment.body)];
    scene_->MutableData().qvel[scene_->Model().jnt_dofadr[joint]] = 0.4;  // m/s
    scene_->Forward();
    EXPECT_FALSE(Status().goal);
    EXPECT_EQ(Status().objects_placed, 4) << "the score does not ask for rest";
    scene_->RestoreState(before);
  }
}

TEST_F(TableBussingTest, OneClosedGripperIsNot) {
  const std::size_t arm = plan_.robot_start.size() / 2;
  for (const std::size_t gripper : {arm - 1, 2 * arm - 1}) {
    std::vector<double> closed = plan_.robot_start;
    closed[gripper] = 0.0;
    scene_->SetRobot(closed);
    scene_->Forward();
    EXPECT_FALSE(Status().goal);
    EXPECT_EQ(Status().objects_placed, 4) << "the score does not ask for the grippers";
  }
  scene_->SetRobot(plan_.robot_start);
  scene_->Forward();
  EXPECT_TRUE(Status().goal);
}

// While the expert works: the sentence is that of what a hand holds, held tableware is in the left hand and rubbish in
// the right one, what is held over or in its container is not placed, and no sentence comes back once its object is in.
TEST_F(TableBussingTest, ReasoningAndArmsFollowTheSubGoals) {
  Scene scene = task_.Build(plan_);
  const auto expert = task_.MakeExpert(plan_);
  EpisodeMonitor monitor(task_, plan_, scene);
  std::vector<std::string> said;
  std::set<std::string> held;
  for (int step = 0; step < task_.Spec().horizon && !monitor.GoalHeld(); ++step) {
    const GroundTruth truth = task_.Truth(scene, plan_);
    if (said.empty() || said.back() != truth.text) said.push_back(truth.text);
    for (const Assignment& assignment : plan_.assignments) {
      const int arm = HoldingArm(scene, assignment.body);
      if (arm < 0) continue;
      held.insert(assignment.body);
      EXPECT_EQ(truth.text, Sentence(assignment));
      EXPECT_EQ(truth.destination_body, assignment.destination);
      EXPECT_EQ(arm, assignment.destination == kTray ? kLeftArm : kRightArm);
      EXPECT_FALSE(IsPlaced(scene, plan_, assignment));
    }
    ASSERT_EQ(ControlStep(scene, ActionKind::kEndEffectorPose, expert->Act(scene)), StepStatus::kOk);
    monitor.Update(scene);
  }
  EXPECT_TRUE(monitor.GoalHeld());
  EXPECT_EQ(held.size(), 4U);
  EXPECT_EQ(said.size(), 5U) << "one sentence for each object, and the last one";
  EXPECT_EQ(std::set<std::string>(said.begin(), said.end()).size(), said.size());
  EXPECT_EQ(said.back(), "All tablewares and rubbish are sorted.");
}

// A hand that came up empty: the sentence stays, though another object belongs nearer to its container.
TEST_F(TableBussingTest, AFailedGraspChangesNothing) {
  Scene scene = task_.Build(plan_);
  const std::string next = CurrentAssignment(scene, plan_)->body;
  for (const Assignment& assignment : plan_.assignments) {
    Scene other = task_.Build(plan_);
    const Pose tool = other.ToolPose(kLeftArm);
    const ObjectGrasp& grasp = PlacedObject(plan_, assignment.body).grasps.front();
    other.SetFreeBody(assignment.body, {{tool.position[0] - grasp.position[0], tool.position[1] - grasp.position[1],
                                         tool.position[2] - grasp.position[2] - 0.03},
                                        {1, 0, 0, 0}});
    other.Forward();
    ASSERT_LT(HoldingArm(other, assignment.body), 0);
    EXPECT_EQ(task_.Truth(other, plan_).text, Sentence(assignment));
  }
  EXPECT_FALSE(next.empty());
}

TEST_F(TableBussingTest, LeftAndRightAreAsTheRobotSeesThem) {
  EXPECT_GT(scene_->BodyPosition(scene_->BodyId(kTray))[1], 0.2);
  EXPECT_LT(scene_->BodyPosition(scene_->BodyId(kBin))[1], -0.2);
  // In the picture of cam_high x grows to the right: its x axis in the world is the first column of its rotation.
  const mjtNum* across = scene_->Data().cam_xmat + 9 * scene_->CameraId("cam_high");
  EXPECT_LT(across[3], -0.99) << "right in the picture is negative y";
}

TEST(TableBussingDrawTest, ThreeToFiveOfBothKindsAndEachCategoryOnce) {
  for (const Task* task : {&TableBussing(), &TableBussingMixed()}) {
    SCOPED_TRACE(task->Spec().name);
    const bool mixed = task->Spec().evaluation_only;
    EXPECT_EQ(mixed, task == &TableBussingMixed());
    std::map<std::size_t, int> counts;
    std::set<std::string> ids;
    int crossed = 0;
    int total = 0;
    for (int index = 0; index < 150; ++index) {
      const EpisodePlan plan = Draw(*task, index);
      ++counts[plan.assignments.size()];
      EXPECT_EQ(plan.objects.size(), plan.assignments.size() + 2);
      EXPECT_EQ(plan.target, plan.assignments.front().body);
      EXPECT_EQ(plan.destination, plan.assignments.front().destination);
      int unseen = 0;
      std::map<std::string, int> kinds;
      std::set<std::string> categories;
      std::vector<Footprint> prints;
      for (const Assignment& assignment : plan.assignments) {
        const ObjectInfo& object = PlacedObject(plan, assignment.body);
        ids.insert(object.id);
        categories.insert(object.category);
        ++kinds[object.object_class];
        EXPECT_EQ(assignment.destination, object.object_class == "tableware" ? kTray : kBin);
        unseen += object.split == "seen" ? 0 : 1;
        const auto placement = std::find_if(plan.objects.begin(), plan.objects.end(),
                                            [&](const auto& other) { return other.body == assignment.body; });
        ++total;
        crossed += (placement->position[1] > 0) != (assignment.destination == kTray) ? 1 : 0;
        prints.push_back(FootprintOf(object, placement->position, placement->yaw));
      }
      EXPECT_EQ(categories.size(), plan.assignments.size());
      for (const char* kind : {"tableware", "rubbish"}) {
        EXPECT_GE(kinds[kind], 1);
        EXPECT_LE(kinds[kind], 3);
      }
      EXPECT_EQ(unseen > 0, mixed);
      EXPECT_LT(unseen, static_cast<int>(plan.assignments.size())) << "at least one seen object";
      for (std::size_t i = 0; i < prints.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) EXPECT_GE(Gap(prints[i], prints[j]), 0.001);
      }
    }
    EXPECT_EQ(counts.size(), 3U);
    EXPECT_GE(ids.size(), mixed ? 30U : 12U) << "the pool is used";
    // The ranges of the two kinds overlap: where a thing lies does not say where it belongs.
    EXPECT_GE(crossed, 0.15 * total) << "on the other kind's half";
    EXPECT_LE(crossed, 0.45 * total);
  }
}

}  // namespace
}  // namespace divla
