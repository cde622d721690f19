// bin_picking beyond what every task of the pick-and-place kind is tested for (pick_place_status_test.cc).
#include "tasks/bin_picking/bin_picking.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/controller.h"
#include "tasks/table_top.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

EpisodePlan Plan(int index) { return BinPicking().Draw(5, {"bin_picking", "none", 0, index}); }

TEST(BinPickingTest, EachObjectOfTheListHasOneTrialIn102Episodes) {
  std::set<std::string> placed;
  for (int i = 0; i < 102; ++i) {
    const EpisodePlan plan = Plan(i);
    placed.insert(plan.target);
    EXPECT_NE(PlacedObject(plan, plan.target).split, "seen");
    EXPECT_EQ(plan.target, Plan(i + 102).target);
  }
  EXPECT_EQ(placed.size(), 102U);
}

TEST(BinPickingTest, EveryObjectFitsInAndCountsAsItLies) {
  const MujocoWarningGuard guard;
  for (int i = 0; i < 102; ++i) {
    const EpisodePlan plan = Plan(i);
    Scene scene = BinPicking().Build(plan);
    const std::array<double, 3> basket = scene.BodyPosition(scene.BodyId(plan.destination));
    scene.SetFreeBody(plan.target, {{basket[0], basket[1], 0.012}, {1, 0, 0, 0}});
    scene.Forward();
    const std::vector<float> still = CommandedJoints(scene);
    for (int step = 0; step < 40; ++step) ControlStep(scene, ActionKind::kJointPosition, still);
    EXPECT_TRUE(BinPicking().Status(scene, plan).goal) << plan.target;
  }
}

TEST(BinPickingTest, HeldInTheBasketIsNotYetPlaced) {
  const EpisodePlan plan = Plan(66);  // a cube: it fits between the fingers as it stands
  Scene scene = BinPicking().Build(plan);
  const auto expert = BinPicking().MakeExpert(plan);
  bool held_inside = false;
  for (int step = 0; step < BinPicking().Spec().horizon && !BinPicking().Status(scene, plan).goal; ++step) {
    const int body = scene.BodyId(plan.target);
    const ObjectContainer basket = *PlacedObject(plan, plan.destination).container;
    if (LiesIn(scene, body, scene.BodyId(plan.destination), basket) && scene.IsTouched(0, body)) {
      held_inside = true;
      EXPECT_FALSE(BinPicking().Status(scene, plan).goal);
    }
    ControlStep(scene, ActionKind::kEndEffectorPose, expert->Act(scene));
  }
  EXPECT_TRUE(held_inside);
  EXPECT_TRUE(BinPicking().Status(scene, plan).goal);
}

// A long object across the rim has its centre of mass over the basket, yet it does not lie in it.
TEST(BinPickingTest, AcrossTheRimIsNotInside) {
  const EpisodePlan plan = Plan(9);  // the wrench, 13 cm long
  ASSERT_EQ(plan.target, "object_wrench");
  Scene scene = BinPicking().Build(plan);
  const ObjectContainer basket = *PlacedObject(plan, plan.destination).container;
  const std::array<double, 3> middle = scene.BodyPosition(scene.BodyId(plan.destination));
  for (const double beyond : {0.03, -0.004}) {
    scene.SetFreeBody(plan.target,
                      {{middle[0] + basket.half_size[0] - beyond, middle[1], basket.rim + 0.001}, {1, 0, 0, 0}});
    scene.Forward();
    EXPECT_FALSE(BinPicking().Status(scene, plan).goal) << beyond;
  }
}

TEST(BinPickingTest, TheReasoningNamesObjectAndSide) {
  const EpisodePlan plan = Plan(6);
  const Scene scene = BinPicking().Build(plan);
  EXPECT_EQ(BinPicking().Truth(scene, plan).text, "Pick up the red screwdriver and place it to the left basket.");
}

}  // namespace
}  // namespace divla
