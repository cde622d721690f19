// factory_sorting: counter-examples of success, the score, the reasoning that follows the gripper, and what is drawn.
#include "tasks/factory_sorting/factory_sorting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sim/controller.h"
#include "tasks/assignments.h"
#include "tasks/axes/axis.h"
#include "tasks/footprint.h"
#include "tasks/monitor.h"
#include "tasks/table_top.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr double kWall = 0.004;  // m, of a sector

const std::vector<const Task*>& Conditions() {
  static const std::vector<const Task*> tasks{&FactorySorting(), &FactorySortingMixed(), &FactorySortingCluttered(),
                                              &FactorySortingClutteredMixed()};
  return tasks;
}

EpisodePlan Draw(const Task& task, int index) { return task.Draw(7, {task.Spec().name, "none", 0, index}); }

class FactorySortingTest : public testing::Test {
 protected:
  // An episode with at least three objects that stand alone in their sectors, all put where they belong.
  void SetUp() override {
    for (int index = 0; index < 200; ++index) {
      plan_ = Draw(task_, index);
      std::set<std::string> sectors;
      for (const Assignment& assignment : plan_.assignments) sectors.insert(assignment.destination);
      if (plan_.assignments.size() == 3 && sectors.size() == 3) break;
    }
    ASSERT_EQ(plan_.assignments.size(), 3U);
    scene_ = std::make_unique<Scene>(task_.Build(plan_));
    for (const Assignment& assignment : plan_.assignments) Put(assignment.body, assignment.destination, 0, 0, 0.008);
    Hold(scene_.get(), 20);
  }

  std::array<double, 3> Sector(const std::string& name) const { return scene_->BodyPosition(scene_->BodyId(name)); }
  void Put(const std::string& body, const std::string& sector, double x, double y, double z) {
    const std::array<double, 3> middle = Sector(sector);
    scene_->SetFreeBody(body, {{middle[0] + x, middle[1] + y, z}, {1, 0, 0, 0}});
    scene_->Forward();
  }
  static void Hold(Scene* scene, int steps) {
    const std::vector<float> still = CommandedJoints(*scene);
    for (int i = 0; i < steps; ++i) ControlStep(*scene, ActionKind::kJointPosition, still);
  }
  TaskStatus Status() const { return task_.Status(*scene_, plan_); }
  ObjectContainer Inside() const { return *FindObject("sorting_sector").container; }

  MujocoWarningGuard guard_;
  const Task& task_ = FactorySorting();
  EpisodePlan plan_;
  std::unique_ptr<Scene> scene_;
};

// In the first layout of these, about two in a thousand, a key lies hidden behind the others or behind a wall.
TEST_F(FactorySortingTest, ACrowdThatHidesSomethingIsDrawnAgain) {
  const std::vector<std::tuple<const Task*, std::uint64_t, int>> hidden{{&FactorySorting(), 4468802, 58},
                                                                        {&FactorySorting(), 6147630, 70},
                                                                        {&FactorySortingCluttered(), 7042477, 83},
                                                                        {&FactorySortingCluttered(), 10558513, 27},
                                                                        {&FactorySortingClutteredMixed(), 4421288, 52},
                                                                        {&FactorySortingClutteredMixed(), 18271619, 1}};
  for (const auto& [task, seed, index] : hidden) {
    const EpisodePlan plan = task->Draw(seed, {task->Spec().name, "none", 0, index});
    for (const Premise& premise : task->Premises(task->Build(plan), plan)) {
      EXPECT_TRUE(premise.holds) << task->Spec().name << ' ' << seed << ": " << premise.name << ", " << premise.detail;
    }
  }
}

TEST_F(FactorySortingTest, EverythingInItsSectorIsSuccess) {
  EXPECT_TRUE(Status().goal);
  EXPECT_EQ(Status().objects_placed, 3);
  EXPECT_EQ(Status().objects_total, 3);
  EXPECT_EQ(CurrentAssignment(*scene_, plan_), nullptr);
  EXPECT_EQ(task_.Truth(*scene_, plan_).text, "All items are in their areas.");
}

TEST_F(FactorySortingTest, OneOfThreeMissingIsNot) {
  for (const Assignment& assignment : plan_.assignments) {
    const std::vector<double> before = scene_->SaveState();
    scene_->SetFreeBody(assignment.body, {{0.45, 0.3, 0.015}, {1, 0, 0, 0}});
    scene_->Forward();
    EXPECT_FALSE(Status().goal);
    EXPECT_EQ(Status().objects_placed, 2);
    EXPECT_EQ(CurrentAssignment(*scene_, plan_)->body, assignment.body);
    scene_->RestoreState(before);
  }
}

TEST_F(FactorySortingTest, InAnyOtherSectorIsNot) {
  const Assignment& first = plan_.assignments.front();
  for (const char* sector : {"sector_top_left", "sector_top_right", "sector_bottom_left", "sector_bottom_right"}) {
    Put(first.body, sector, 0.02, 0.02, 0.008);
    EXPECT_EQ(task_.Status(*scene_, plan_).stages.front().done, sector == first.destination) << sector;
    EXPECT_EQ(Status().goal, sector == first.destination) << sector;
  }
}

TEST_F(FactorySortingTest, OnADividerIsNot) {
  const Assignment& first = plan_.assignments.front();
  // The middle of the object a little inside the walls, its base on top of them.
  Put(first.body, first.destination, Inside().half_size[0] - 0.005, 0, Inside().rim + 0.001);
  EXPECT_FALSE(Status().goal);
  Put(first.body, first.destination, 0, -Inside().half_size[1] + 0.005, Inside().rim + 0.001);
  EXPECT_FALSE(Status().goal);
}

TEST_F(FactorySortingTest, OnTheTableBesideTheBoxIsNot) {
  const Assignment& first = plan_.assignments.front();
  const double outside = first.destination.find("top") != std::string::npos ? -1 : 1;  // of the whole box
  Put(first.body, first.destination, outside * (Inside().half_size[0] + kWall + 0.06), 0, 0.001);
  EXPECT_FALSE(Status().goal);
  Put(first.body, first.destination, 0, 0, -0.15);
  EXPECT_FALSE(Status().goal) << "under the floor";
}

TEST_F(FactorySortingTest, AboveTheSectorIsNot) {
  const Assignment& first = plan_.assignments.front();
  Put(first.body, first.destination, 0, 0, Inside().rim + 0.03);
  EXPECT_FALSE(Status().goal);
}

TEST_F(FactorySortingTest, ThrownThroughItIsNot) {
  const Assignment& first = plan_.assignments.front();
  const int joint = scene_->Model().body_jntadr[scene_->BodyId(first.body)];
  scene_->MutableData().qvel[scene_->Model().jnt_dofadr[joint]] = 0.6;  // m/s
  scene_->Forward();
  EXPECT_FALSE(Status().goal);
}

TEST_F(FactorySortingTest, AClosedGripperIsNot) {
  std::vector<double> closed = plan_.robot_start;
  closed.back() = 0.0;
  scene_->SetRobot(closed);
  scene_->Forward();
  EXPECT_FALSE(Status().goal);
  EXPECT_EQ(Status().objects_placed, 3) << "the score does not ask for the gripper";
}

// The reasoning is about what the gripper holds, whatever the order was; while the fingers hold it in its sector it is
// not placed.
TEST_F(FactorySortingTest, TheTruthFollowsTheGripper) {
  Scene scene = task_.Build(plan_);
  const std::string next = CurrentAssignment(scene, plan_)->body;
  for (const Assignment& assignment : plan_.assignments) {
    const ObjectInfo& object = PlacedObject(plan_, assignment.body);
    Scene other = task_.Build(plan_);
    const Pose tool = other.ToolPose(0);
    const ObjectGrasp& grasp = object.grasps.front();
    other.SetFreeBody(assignment.body, {{tool.position[0] - grasp.position[0], tool.position[1] - grasp.position[1],
                                         tool.position[2] - grasp.position[2]},
                                        {1, 0, 0, 0}});
    const int joint = other.Model().body_jntadr[other.BodyId(assignment.body)];
    std::vector<float> close = CommandedJoints(other);
    close.back() = 0.0F;
    for (int step = 0; step < 8; ++step) {
      // A person holds it there while the gripper closes.
      for (int i = 0; i < 6; ++i) other.MutableData().qvel[other.Model().jnt_dofadr[joint] + i] = 0;
      other.SetFreeBody(assignment.body, {{tool.position[0] - grasp.position[0], tool.position[1] - grasp.position[1],
                                           tool.position[2] - grasp.position[2]},
                                          {1, 0, 0, 0}});
      ControlStep(other, ActionKind::kJointPosition, close);
    }
    ASSERT_TRUE(other.IsGrasped(0, other.BodyId(assignment.body))) << assignment.body;
    const GroundTruth truth = task_.Truth(other, plan_);
    EXPECT_EQ(truth.object_body, assignment.body);
    EXPECT_EQ(truth.destination_body, assignment.destination);
    EXPECT_EQ(truth.text.rfind("The " + object.phrases_seen.front() + " belongs to ", 0), 0U) << truth.text;
    // And the expert sorts it at once: it is never on the panel again.
    const auto expert = task_.MakeExpert(plan_);
    int step = 0;
    for (; step < 120 && !IsPlaced(other, plan_, assignment); ++step) {
      EXPECT_EQ(task_.Truth(other, plan_).object_body, assignment.body);
      ControlStep(other, ActionKind::kEndEffectorPose, expert->Act(other));
    }
    EXPECT_TRUE(IsPlaced(other, plan_, assignment)) << assignment.body;
    EXPECT_LT(step, 80);
  }
  EXPECT_FALSE(next.empty());
}

TEST_F(FactorySortingTest, TheReasoningIsThePapers) {
  Scene scene = task_.Build(plan_);
  const std::map<std::string, std::string> expected{
      {"sector_top_left", " belongs to protective tools which locate at top-left of box. Place it on top-left of box."},
      {"sector_top_right", " belongs to stuffed toys which locate at top-right of box. Place it on top-right of box."},
      {"sector_bottom_left",
       " belongs to toy cars which locate at bottom-left of box. Place it on bottom-left of box."},
      {"sector_bottom_right",
       " belongs to hardware tools which locate at bottom-right of box. Place it on bottom-right of box."}};
  const GroundTruth truth = task_.Truth(scene, plan_);
  EXPECT_EQ(truth.text,
            "The " + PlacedObject(plan_, truth.object_body).phrases_seen.front() + expected.at(truth.destination_body));
  // As the outer cameras see the box: left is at negative y, the bottom at greater x.
  EXPECT_LT(Sector("sector_top_left")[1], Sector("sector_top_right")[1]);
  EXPECT_LT(Sector("sector_top_left")[0], Sector("sector_bottom_left")[0]);
  EXPECT_LT(Sector("sector_bottom_left")[1], Sector("sector_bottom_right")[1]);
}

TEST_F(FactorySortingTest, TheMonitorJudgesEachObject) {
  const Assignment& first = plan_.assignments.front();
  scene_->SetFreeBody(first.body, {{0.45, 0.3, 0.015}, {1, 0, 0, 0}});
  scene_->Forward();
  EpisodeMonitor monitor(task_, plan_, *scene_);
  monitor.Update(*scene_);
  EXPECT_EQ(monitor.Judge(), Failure::kNotReached) << "the two others lie where they belong";
  EXPECT_DOUBLE_EQ(monitor.Progress(), 2.0 / 3.0);

  // A policy that lets it go in another sector.
  EpisodePlan wrong = plan_;
  const std::string other = first.destination == "sector_bottom_left" ? "sector_bottom_right" : "sector_bottom_left";
  wrong.assignments.front().destination = other;
  const auto expert = task_.MakeExpert(wrong);
  for (int step = 0; step < 120; ++step) {
    ControlStep(*scene_, ActionKind::kEndEffectorPose, expert->Act(*scene_));
    monitor.Update(*scene_);
  }
  EXPECT_TRUE(IsPlaced(*scene_, wrong, wrong.assignments.front()));
  EXPECT_EQ(monitor.Judge(), Failure::kWrongPlace);
  EXPECT_EQ(monitor.ActedOn(), first.body);
  EXPECT_FALSE(monitor.GoalOnce());
}

// Episodes in which the box was moved so near to the robot that the arm folds into its limits: without going back to
// where it started it stands there to the end.
TEST(FactorySortingExpertTest, AFoldedArmGoesBackAndComesAgain) {
  const Task& task = FactorySorting();
  for (const int index : {32, 47}) {
    const EpisodePlan plan = DrawEpisode(task, 5, {task.Spec().name, "environment_layout", 5, index});
    Scene scene = task.Build(plan);
    EpisodeMonitor monitor(task, plan, scene);
    const std::unique_ptr<Expert> expert = task.MakeExpert(plan);
    for (int step = 0; step < task.Spec().horizon && !monitor.GoalHeld(); ++step) {
      ASSERT_EQ(ControlStep(scene, ActionKind::kEndEffectorPose, expert->Act(scene)), StepStatus::kOk);
      monitor.Update(scene);
    }
    EXPECT_TRUE(monitor.GoalHeld()) << index;
  }
}

TEST(FactorySortingDrawTest, EasyAndHardSeenAndMixedApartAndCluttered) {
  for (const Task* task : Conditions()) {
    SCOPED_TRACE(task->Spec().name);
    const bool mixed = task->Spec().evaluation_only;
    const bool cluttered = task->Spec().name.find("cluttered") != std::string::npos;
    std::map<int, int> counts;
    for (int index = 0; index < 100; ++index) {
      const EpisodePlan plan = Draw(*task, index);
      const int count = static_cast<int>(plan.assignments.size());
      ++counts[count];
      EXPECT_TRUE((count >= 2 && count <= 4) || (count >= 6 && count <= 11)) << count;
      EXPECT_EQ(plan.target, plan.assignments.front().body);
      EXPECT_EQ(plan.destination, plan.assignments.front().destination);
      int unseen = 0;
      std::vector<Footprint> prints;
      std::map<std::string, int> in_sector;
      for (const Assignment& assignment : plan.assignments) {
        const ObjectInfo& object = PlacedObject(plan, assignment.body);
        unseen += object.split == "seen" ? 0 : 1;
        ++in_sector[assignment.destination];
        for (const ObjectPlacement& placement : plan.objects) {
          if (placement.body == assignment.body) {
            prints.push_back(FootprintOf(object, placement.position, placement.yaw));
          }
        }
      }
      EXPECT_EQ(unseen > 0, mixed);
      if (mixed) {
        EXPECT_LT(unseen, count) << "at least one seen object";
      }
      for (const auto& [sector, number] : in_sector) EXPECT_LE(number, 3) << sector;
      for (std::size_t i = 0; i < prints.size(); ++i) {
        double nearest = 1e9;
        for (std::size_t j = 0; j < prints.size(); ++j) {
          if (i != j) nearest = std::min(nearest, Gap(prints[i], prints[j]));
        }
        EXPECT_GE(nearest, 0.001);
        if (cluttered) {
          EXPECT_LE(nearest, 0.012);
        }
        if (!cluttered && count <= 4) {
          EXPECT_GE(nearest, 0.012);
        }
      }
    }
    EXPECT_EQ(counts.size(), 9U) << "every number of objects";
  }
}

}  // namespace
}  // namespace divla
