#include "sim/observe.h"

#include "sim/controller.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

// A camera at x = 1 m that looks back along x, up along z; fovy 90 degrees, so 1 m away the picture is 2 m high.
constexpr const char* kCamera = R"(<camera name="front" pos="1 0 0.5" xyaxes="0 1 0 0 0 1" fovy="90"/>)";

using ObserveTest = MujocoTest;

TEST_F(ObserveTest, PointsProjectWhereGeometrySays) {
  const Scene scene = TableTop("panda", kCamera);
  const int camera = scene.CameraId("front");
  const auto centre = ProjectPoint(scene, camera, {0, 0, 0.5}, 1.0);
  ASSERT_TRUE(centre.has_value());
  EXPECT_NEAR((*centre)[0], 0.5, 1e-12);
  EXPECT_NEAR((*centre)[1], 0.5, 1e-12);
  const auto corner = ProjectPoint(scene, camera, {0, 0.5, 1.0}, 1.0);  // right and up
  ASSERT_TRUE(corner.has_value());
  EXPECT_NEAR((*corner)[0], 0.75, 1e-12);
  EXPECT_NEAR((*corner)[1], 0.25, 1e-12);
  const auto wide = ProjectPoint(scene, camera, {0, 0.5, 1.0}, 4.0 / 3.0);
  ASSERT_TRUE(wide.has_value());
  EXPECT_NEAR((*wide)[0], 0.5 + 0.25 * 0.75, 1e-12);
  EXPECT_FALSE(ProjectPoint(scene, camera, {2, 0, 0.5}, 1.0).has_value()) << "behind the camera";
  EXPECT_FALSE(ProjectPoint(scene, camera, {0, 1.5, 0.5}, 1.0).has_value()) << "beside the picture";
}

TEST_F(ObserveTest, GivesWhatWasAskedAndNothingElse) {
  const Scene scene = TableTop("panda", kCamera);
  const Observation blind = Observe(scene, nullptr, {}, 96, 96, "do it");
  EXPECT_TRUE(blind.images.empty());
  EXPECT_EQ(blind.instruction, "do it");
  EXPECT_EQ(blind.robot, "panda");
  EXPECT_EQ(blind.state.size(), 8U);
  EXPECT_EQ(blind.tool.size(), 9U);
  EXPECT_EQ(blind.state, ProprioState(scene));
  const std::vector<std::string> cameras{"front"};
  EXPECT_DEATH(Observe(scene, nullptr, cameras, 96, 96, ""), "without a renderer");
}

}  // namespace
}  // namespace divla
