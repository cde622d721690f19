#include "tasks/footprint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "sim/check.h"

namespace divla {
namespace {

constexpr double kRight = std::numbers::pi / 2;

Footprint Box(double x, double y, double yaw, double half_x, double half_y, double top = 0) {
  return {{x, y}, yaw, {half_x, half_y}, 0, top};
}

TEST(FootprintTest, GapIsTheDistanceOfRectangles) {
  EXPECT_NEAR(Gap(Box(0, 0, 0, 0.05, 0.02), Box(0.2, 0, 0, 0.05, 0.02)), 0.1, 1e-12);
  EXPECT_NEAR(Gap(Box(0, 0, kRight, 0.05, 0.02), Box(0.2, 0, 0, 0.05, 0.02)), 0.13, 1e-12);
  EXPECT_NEAR(Gap(Box(0, 0, 0, 0.05, 0.05), Box(0.06, 0.02, 0, 0.05, 0.05)), -0.04, 1e-12);
  // A square on its corner reaches out by its half diagonal.
  EXPECT_NEAR(Gap(Box(0, 0, 0, 0.05, 0.05), Box(0.2, 0, kRight / 2, 0.05, 0.05)), 0.15 - 0.05 * std::sqrt(2.0), 1e-12);
}

TEST(FootprintTest, OfAnObjectIsItsBoundingBox) {
  const ObjectInfo& key = FindObject("hex_key");  // an L: its box is not around its origin
  const Footprint print = FootprintOf(key, {0.4, 0.1, 0.005}, kRight);
  EXPECT_NEAR(2 * print.half[0], key.size[0], 1e-9);
  EXPECT_NEAR(2 * print.half[1], key.size[1], 1e-9);
  EXPECT_NEAR(print.top, 0.005 + key.size[2], 0.001);
  EXPECT_GT(std::hypot(print.centre[0] - 0.4, print.centre[1] - 0.1), 0.005);
}

TEST(FootprintTest, TallOrNearThingsAreInTheFingersWay) {
  const ObjectInfo& cube = FindObject("red_cube");
  const double width = cube.grasps.front().width;
  const std::array<double, 3> origin{};
  EXPECT_TRUE(FingersFit(cube, origin, 0, {}));
  // Beside the gripped side: under the open finger, or out of its reach.
  EXPECT_FALSE(FingersFit(cube, origin, 0, {Box(0, width / 2 + 0.03, 0, 0.02, 0.02, 0.03)}));
  EXPECT_TRUE(FingersFit(cube, origin, 0, {Box(0, 0.09, 0, 0.02, 0.02, 0.03)}));
  EXPECT_FALSE(FingersFit(cube, origin, 0, {Box(0, 0.09, 0, 0.02, 0.02, 0.12)})) << "the palm meets it";
  // In front of it nothing is in the way, unless the gripper is turned.
  EXPECT_TRUE(FingersFit(cube, origin, 0, {Box(0.045, 0, 0, 0.02, 0.02, 0.03)}));
  EXPECT_FALSE(FingersFit(cube, origin, kRight, {Box(0.045, 0, 0, 0.02, 0.02, 0.03)}));
}

TEST(FootprintTest, EachRobotHasItsHand) {
  const ObjectInfo& cube = FindObject("red_cube");
  // The AgileX opens 2 cm wider than the Panda and has its palm higher and narrower.
  const std::vector<Footprint> beside{Box(0, 0.085, 0, 0.02, 0.02, 0.03)};
  EXPECT_TRUE(FingersFit(cube, {}, 0, beside, HandOf("panda")));
  EXPECT_FALSE(FingersFit(cube, {}, 0, beside, HandOf("agilex")));
  const std::vector<Footprint> tall{Box(0, 0.11, 0, 0.02, 0.02, 0.12)};
  EXPECT_FALSE(FingersFit(cube, {}, 0, tall, HandOf("panda")));
  EXPECT_TRUE(FingersFit(cube, {}, 0, tall, HandOf("agilex")));
  EXPECT_THROW(HandOf("hexapod"), InputError);
}

TEST(FootprintTest, ACrowdCanBeClearedInSomeOrder) {
  const std::vector<std::string> ids{"blue_car", "pink_pig", "hex_key", "white_gloves", "blue_van", "red_can"};
  CrowdOptions options;
  options.region = {0.3, 0.5, 0.1, 0.3};
  options.yaw = 0.8;
  options.gap = 0.002;
  options.reach = 0.012;
  for (int i = 0; i < 20; ++i) {
    Rng rng({1, "footprint_test", "none", 0, i, "crowd"});
    std::vector<ObjectPlacement> left;
    PlaceCrowd(rng, ids, options, left);
    ASSERT_EQ(left.size(), ids.size());
    bool taken = true;
    while (taken && !left.empty()) {
      taken = false;
      for (std::size_t k = 0; k < left.size() && !taken; ++k) {
        std::vector<Footprint> others;
        for (std::size_t j = 0; j < left.size(); ++j) {
          if (j == k) continue;
          others.push_back(FootprintOf(FindObject(left[j].object_id), left[j].position, left[j].yaw));
        }
        taken = FingersFit(FindObject(left[k].object_id), left[k].position, left[k].yaw, others);
        if (taken) left.erase(left.begin() + static_cast<std::ptrdiff_t>(k));
      }
    }
    EXPECT_TRUE(left.empty()) << left.size() << " cannot be reached";
  }
}

TEST(FootprintTest, ARegionWithoutRoomIsAnError) {
  CrowdOptions options;
  options.region = {0.3, 0.32, 0.1, 0.12};
  Rng rng({1, "footprint_test", "none", 0, 0, "crowd"});
  std::vector<ObjectPlacement> placed;
  EXPECT_THROW(PlaceCrowd(rng, {"blue_car", "red_car", "white_car", "blue_van"}, options, placed), InputError);
}

}  // namespace
}  // namespace divla
