// Tests for policy/check_observation.cc.
#include "policy/check_observation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

TEST(CheckObservation, NamesWhatDoesNotFit) {
  const RobotInterface robot = TestRobot("panda");
  PolicyRequirements requirements;
  requirements.cameras = {"left", "wrist"};
  requirements.image_height = 12;
  requirements.image_width = 16;
  const auto check = [&](const Observation& observation) { CheckObservation(observation, robot, requirements); };
  const Observation good = TestObservation(robot, requirements);
  EXPECT_NO_THROW(check(good));

  Observation bad = good;
  bad.images.erase("wrist");
  ExpectInputError([&] { check(bad); }, {"camera 'wrist'", "missing", "[left]"});
  bad = good;
  std::swap(bad.images["left"].height, bad.images["left"].width);
  ExpectInputError([&] { check(bad); }, {"camera 'left'", "expected 12x16", "found 16x12"});
  bad = good;
  bad.images["left"].rgb.pop_back();
  ExpectInputError([&] { check(bad); }, {"camera 'left'", "575 bytes"});
  bad = good;
  bad.state.pop_back();
  ExpectInputError([&] { check(bad); }, {"state", "expected 8", "'panda'", "found 7"});
  bad = good;
  bad.state[3] = INFINITY;
  ExpectInputError([&] { check(bad); }, {"state 'joint4'", "finite", "inf"});
  bad = good;
  bad.robot = "agilex";
  ExpectInputError([&] { check(bad); }, {"robot", "expected 'panda'", "found 'agilex'"});
}

TEST(CheckObservation, IgnoresPicturesThatNobodyAskedFor) {
  const RobotInterface robot = TestRobot("panda");
  Observation observation = TestObservation(robot, {});
  observation.images["left"] = Image{1, 1, {1, 2, 3}};
  EXPECT_NO_THROW(CheckObservation(observation, robot, {}));
}

}  // namespace
}  // namespace divla
