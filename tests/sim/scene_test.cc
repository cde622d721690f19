#include "sim/scene.h"

#include <unistd.h>

#include <cmath>
#include <functional>
#include <limits>

#include "sim/check.h"
#include "sim/controller.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

constexpr const char* kCube =
    R"(<body name="cube" pos="0.5 0 0.02"><freejoint/><geom name="cube" type="box" size="0.02 0.02 0.02" mass="0.05"/></body>
  <body name="shelf" pos="0.5 0.3 0.1"><geom name="shelf" type="box" size="0.1 0.1 0.01"/></body>)";

using SceneTest = MujocoTest;

std::string Message(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(SceneTest, LookupsNameWhatIsMissing) {
  const Scene scene = TableTop("panda", kCube);
  EXPECT_NO_THROW(scene.BodyId("cube"));
  EXPECT_NE(Message([&] { scene.BodyId("cub"); }).find("no body named 'cub'"), std::string::npos);
  EXPECT_NE(Message([&] { scene.GeomId("x"); }).find("no geom named 'x'"), std::string::npos);
  EXPECT_NE(Message([&] { scene.SiteId("x"); }).find("no site named 'x'"), std::string::npos);
  EXPECT_NE(Message([&] { scene.CameraId("x"); }).find("no camera named 'x'"), std::string::npos);
}

TEST_F(SceneTest, ARestoredStateGoesOnBitForBit) {
  Scene scene = TableTop("panda", kCube);
  scene.SetFreeBody("cube", {{0.5, 0, 0.1}, {1, 0, 0, 0}});
  scene.Forward();
  scene.Step(60);  // falling, about to touch the table
  const std::vector<double> middle = scene.SaveState();
  scene.Step(200);
  const std::string expected = HashState(scene);
  scene.RestoreState(middle);
  scene.Step(200);
  EXPECT_EQ(HashState(scene), expected);
  Scene other = TableTop("panda", kCube);  // also in another Scene of the same model
  other.RestoreState(middle);
  other.Step(200);
  EXPECT_EQ(HashState(other), expected);
  EXPECT_NE(Message([&] { other.RestoreState({1.0, 2.0}); }).find("expected"), std::string::npos);
}

TEST_F(SceneTest, HashesTellModelsAndStatesApart) {
  Scene scene = TableTop("panda", kCube);
  const Scene same = TableTop("panda", kCube);
  EXPECT_EQ(HashModel(scene.Model()), HashModel(same.Model()));
  EXPECT_EQ(HashState(scene), HashState(same));
  EXPECT_EQ(scene.VisualAssetsHash(), same.VisualAssetsHash());
  const std::string before = HashState(scene);
  scene.Step(1);
  EXPECT_NE(HashState(scene), before);
  scene.MutableModel().geom_rgba[0] += 0.1F;
  EXPECT_NE(HashModel(scene.Model()), HashModel(same.Model()));
}

TEST_F(SceneTest, FreeBodiesArePlacedAndFixedOnesRefused) {
  Scene scene = TableTop("panda", kCube);
  scene.SetFreeBody("cube", {{0.4, 0.1, 0.2}, {0, 0, 0, 1}});
  scene.Forward();
  EXPECT_DOUBLE_EQ(scene.BodyPose("cube").position[0], 0.4);
  EXPECT_DOUBLE_EQ(scene.BodyPose("cube").rotation[3], 1.0);
  EXPECT_NE(Message([&] { scene.SetFreeBody("shelf", {}); }).find("'shelf' has no free joint"), std::string::npos);
}

TEST_F(SceneTest, ContactsAreBetweenBodies) {
  Scene scene = TableTop("panda", kCube);
  scene.SetFreeBody("cube", {{0.5, 0.3, 0.129}, {1, 0, 0, 0}});  // 1 mm into the shelf
  scene.Forward();
  EXPECT_TRUE(scene.InContact(scene.BodyId("cube"), scene.BodyId("shelf")));
  EXPECT_FALSE(scene.IsTouched(0, scene.BodyId("cube")));
  scene.SetFreeBody("cube", {{0.5, 0, 0.5}, {1, 0, 0, 0}});
  scene.Forward();
  EXPECT_FALSE(scene.InContact(scene.BodyId("cube"), scene.BodyId("shelf")));
}

TEST_F(SceneTest, SpeedIsTheBodysOwn) {
  Scene scene = TableTop("panda", kCube);
  const int joint = scene.Model().body_jntadr[scene.BodyId("cube")];
  scene.MutableData().qvel[scene.Model().jnt_dofadr[joint] + 1] = 0.3;
  scene.Forward();
  EXPECT_NEAR(scene.BodySpeed(scene.BodyId("cube")), 0.3, 1e-12);
}

// Diverging is an outcome with a name, not an error. MuJoCo warns of it, which is why this test has no MujocoTest
// fixture.
TEST(SceneDivergence, IsReported) {
  mju_user_warning = [](const char*) {};
  {
    SceneBuilder builder(std::filesystem::path(DIVLA_SOURCE_DIR) / "tasks" / "object_selection" / "scene.xml",
                         FindRobot("panda"));
    Scene scene = builder.Build();
    EXPECT_EQ(scene.Step(5), StepStatus::kOk);
    scene.MutableData().qvel[0] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(scene.Step(2), StepStatus::kDiverged);
    EXPECT_GT(scene.WarningCount(), 0);
  }
  mju_user_warning = nullptr;
}

TEST_F(SceneTest, BuilderErrorsNameTheFile) {
  EXPECT_NE(Message([] { SceneBuilder builder("no_such_scene.xml", FindRobot("panda")); }).find("no_such_scene.xml"),
            std::string::npos);
  const auto file = std::filesystem::path(::testing::TempDir()) / (std::to_string(getpid()) + "_broken_scene.xml");
  std::ofstream(file) << "<mujoco><worldbody><geom type='cone'/></worldbody></mujoco>";
  EXPECT_NE(Message([&] {
              SceneBuilder builder(file, FindRobot("panda"));
            }).find((std::to_string(getpid()) + "_broken_scene.xml")),
            std::string::npos);
}

}  // namespace
}  // namespace divla
