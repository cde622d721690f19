#include "sim/looks/robot_looks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/check.h"
#include "sim/controller.h"
#include "sim/looks/menagerie.h"
#include "sim/render/picture_difference.h"
#include "sim/render/renderer.h"
#include "tests/support/fake_menagerie.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

// A cube to push around, and a mesh of the scene's own: those of the looks come after it.
constexpr const char* kThings =
    R"(<camera name="front" pos="1.3 -0.6 0.8" xyaxes="0.45 0.9 0 -0.45 0.22 0.87" fovy="60"/>
  <light pos="0.4 0 2" dir="0 0 -1" directional="true"/>
  <body name="cube" pos="0.45 0 0.02"><freejoint/><geom type="box" size="0.02 0.02 0.02" mass="0.05"/></body>
  <body name="wedge" pos="0.4 0.35 0.05"><geom type="mesh" mesh="wedge" rgba="0.1 0.2 0.9 1"/></body>
  </worldbody><asset><mesh name="wedge" vertex="0 0 0 0.1 0 0 0 0.1 0 0 0 0.1 0.1 0.1 0.1"/></asset><worldbody>)";

class RobotLooksTest : public MujocoTest {
 protected:
  RobotLooksTest() : looks_(LoadMenagerie(folder_.Folder())) {}

  Scene Plain() const { return TableTop("panda", kThings); }
  Scene Dressed() const {
    Scene scene = Plain();
    scene.Wear(looks_);
    return scene;
  }

  const FakeMenagerie folder_;
  const std::shared_ptr<const RobotLooks> looks_;
};

TEST_F(RobotLooksTest, PhysicsKnowsNothingOfThem) {
  const ScopedVariable off("DIVLA_MENAGERIE", "off");
  Scene plain = Plain();
  const ScopedVariable on("DIVLA_MENAGERIE", folder_.Root().string());
  Scene dressed = Plain();
  ASSERT_NE(dressed.Looks(), nullptr);  // by the builder
  ASSERT_EQ(plain.Looks(), nullptr);
  EXPECT_EQ(HashModel(dressed.Model()), HashModel(plain.Model()));
  EXPECT_EQ(HashState(dressed), HashState(plain));
  EXPECT_NE(dressed.VisualAssetsHash(), plain.VisualAssetsHash());
  // The hand goes down on the cube.
  std::set<std::string> states;
  for (int step = 0; step < 30; ++step) {
    for (Scene* scene : {&plain, &dressed}) {
      for (int joint : {1, 3}) scene->MutableData().ctrl[joint] += joint == 1 ? 0.03 : -0.01;
      scene->Step(25);
    }
    ASSERT_EQ(HashState(dressed), HashState(plain)) << step;
    ASSERT_EQ(dressed.Data().ncon, plain.Data().ncon);
    states.insert(HashState(plain));
  }
  EXPECT_EQ(states.size(), 30U);
}

TEST_F(RobotLooksTest, TheViewHasThemInThePlaceOfOurs) {
  const Scene plain = Plain();
  Scene scene = Dressed();
  const int camera = scene.CameraId("front");
  SceneView own, view;
  scene.SetRobot({0.3, 0.1, -0.4, -2.0, 0.5, 2.2, 0.2, 0.5});
  scene.Forward();
  own.Update(plain, camera);
  const mjvScene& seen = view.Update(scene, camera);
  const auto body_of = [&](const mjvGeom& geom) {
    return geom.objtype == mjOBJ_GEOM ? scene.Model().geom_bodyid[geom.objid] : -1;
  };
  std::map<int, int> worn;  // looks by body
  int others = 0, housing = 0;
  for (int i = 0; i < seen.ngeom; ++i) {
    const mjvGeom& geom = seen.geoms[i];
    if (geom.type != mjGEOM_MESH || geom.dataid < 2) {
      ++others;
      housing += body_of(geom) == scene.BodyId("panda_hand") ? 1 : 0;
      EXPECT_TRUE(geom.objtype != mjOBJ_GEOM || !scene.Looks()->Replaces(geom.objid)) << geom.objid;
      continue;
    }
    EXPECT_TRUE(scene.Looks()->Replaces(geom.objid));  // the ids are those of a geom that is gone
    ++worn[body_of(geom)];
  }
  EXPECT_EQ(worn.size(), FakeMenagerie::kBodies.size());
  EXPECT_EQ(housing, 2);  // the wrist camera keeps what carries it
  int replaced = 0;
  for (int i = 0; i < own.Get().ngeom; ++i) {
    const mjvGeom& geom = own.Get().geoms[i];
    replaced += geom.objtype == mjOBJ_GEOM && scene.Looks()->Replaces(geom.objid) ? 1 : 0;
  }
  EXPECT_GT(replaced, 40);
  EXPECT_EQ(others, own.Get().ngeom - replaced);
}

// Where the file has a box's corners in its body's frame, the picture's geom has them in the world.
TEST_F(RobotLooksTest, TheyMoveWithTheirBodies) {
  Scene scene = Dressed();
  SceneView view;
  for (const double turn : {0.0, 0.7, -1.1}) {
    scene.SetRobot({turn, 0.2, turn / 2, -2.1, turn, 2.0, 0.4, 0.3});
    scene.Forward();
    const mjvScene& seen = view.Update(scene, scene.CameraId("front"));
    for (int body = 0; body < static_cast<int>(FakeMenagerie::kBodies.size()); ++body) {
      const int id = scene.BodyId(std::string("panda_") + FakeMenagerie::kBodies.at(static_cast<std::size_t>(body)));
      const std::array<double, 3> middle = FakeMenagerie::BoxMiddle(body);
      mjtNum expected[3];
      mju_mulMatVec3(expected, scene.Data().xmat + 9 * id, middle.data());
      mju_addTo3(expected, scene.Data().xpos + 3 * id);
      int found = 0;
      for (int i = 0; i < seen.ngeom; ++i) {
        const mjvGeom& geom = seen.geoms[i];
        if (geom.type != mjGEOM_MESH || geom.dataid < 2 || scene.Model().geom_bodyid[geom.objid] != id) continue;
        ++found;
        for (int k = 0; k < 3; ++k) EXPECT_NEAR(static_cast<double>(geom.pos[k]), expected[k], 1e-5) << body;
      }
      EXPECT_EQ(found, 1) << body;
    }
  }
}

TEST_F(RobotLooksTest, WhatIsNotInTheViewIsNotDressed) {
  const Scene scene = Dressed();
  mjvOption option;
  mjv_defaultOption(&option);
  option.geomgroup[2] = 0;  // ours
  option.geomgroup[3] = 1;  // what collides
  mjvCamera camera;
  mjv_defaultCamera(&camera);
  mjvScene view;
  mjv_defaultScene(&view);
  mjv_makeScene(nullptr, &view, 2000);
  mjv_updateScene(&scene.Model(), const_cast<mjData*>(&scene.Data()), &option, nullptr, &camera, mjCAT_ALL, &view);
  const int before = view.ngeom;
  scene.Looks()->Dress(scene.Data(), view);
  EXPECT_EQ(view.ngeom, before);
  mjv_freeScene(&view);
}

TEST_F(RobotLooksTest, AnotherRobotCannotWearThem) {
  Scene scene = TableTop("agilex", kThings);
  try {
    scene.Wear(looks_);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("agilex"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("panda"), std::string::npos) << error.what();
  }
}

int Reddish(const Image& image) {
  int count = 0;
  for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
    count += image.rgb[i] > 60 && image.rgb[i] > 3 * image.rgb[i + 1] && image.rgb[i] > 3 * image.rgb[i + 2] ? 1 : 0;
  }
  return count;
}

TEST_F(RobotLooksTest, ARendererDrawsScenesWithAndWithoutInTurn) {
  const Scene plain = Plain(), dressed = Dressed();
  const auto fresh = [](const Scene& scene) {
    return MakeSoftwareRenderer()->Render(scene, scene.CameraId("front"), 120, 160);
  };
  const Image own = fresh(plain), worn = fresh(dressed);
  EXPECT_EQ(Reddish(own), 0);
  EXPECT_GT(Reddish(worn), 300);
  const auto renderer = MakeSoftwareRenderer();
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(renderer->Render(plain, plain.CameraId("front"), 120, 160) == own) << i;
    EXPECT_TRUE(renderer->Render(dressed, dressed.CameraId("front"), 120, 160) == worn) << i;
  }
}

// MuJoCo's OpenGL has the meshes from JoinedMeshes: were they others, or elsewhere, the pictures would differ.
TEST_F(RobotLooksTest, BothRenderersAgree) {
  std::unique_ptr<Renderer> gl;
  try {
    gl = MakeGlRenderer();
  } catch (const MachineError& error) {
    GTEST_SKIP() << error.what();
  }
  const auto software = MakeSoftwareRenderer();
  const Scene plain = Plain(), dressed = Dressed();
  SceneView view;
  for (const Scene* scene : {&dressed, &plain, &dressed}) {
    for (const char* camera : {"front", "wrist"}) {
      const mjvScene& seen = view.Update(*scene, scene->CameraId(camera));
      const Frame ours = software->DrawFrame(*scene, seen, 168, 224), theirs = gl->DrawFrame(*scene, seen, 168, 224);
      EXPECT_GT(ComparePictures(ours.image, theirs.image).psnr, 30.0) << camera;
      std::size_t same = 0;
      for (std::size_t i = 0; i < ours.segmentation.size(); ++i) {
        same += ours.segmentation[i] == theirs.segmentation[i] ? 1 : 0;
      }
      EXPECT_GT(static_cast<double>(same), 0.98 * static_cast<double>(ours.segmentation.size())) << camera;
    }
  }
}

}  // namespace
}  // namespace divla
