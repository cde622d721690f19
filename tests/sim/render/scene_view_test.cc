#include "sim/render/scene_view.h"

#include <cstring>

#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

constexpr const char* kBall = R"(<camera name="front" pos="1.6 0 1.5" xyaxes="0 1 0 -0.6 0 0.8" fovy="30"/>
  <light pos="0 0 3" dir="0 0 -1" directional="true"/>
  <body name="ball" pos="1.0 0.12 1.02"><freejoint/><geom name="ball" type="sphere" size="0.05" mass="0.1" rgba="1 0 0 1"/></body>)";

using SceneViewTest = MujocoTest;

TEST_F(SceneViewTest, HoldsTheGeomsAndTheCameraItself) {
  const Scene scene = TableTop("panda", kBall);
  SceneView view;
  for (const char* name : {"front", "wrist"}) {
    const int camera = scene.CameraId(name);
    const mjvScene& seen = view.Update(scene, camera);
    EXPECT_GE(seen.ngeom, static_cast<int>(scene.Model().ngeom) / 2);
    bool ball = false;
    for (int i = 0; i < seen.ngeom; ++i) {
      ball = ball || (seen.geoms[i].objtype == mjOBJ_GEOM && seen.geoms[i].objid == scene.GeomId("ball"));
    }
    EXPECT_TRUE(ball);
    // MuJoCo sets stereo eyes cam_ipd apart; a picture is taken from where the camera is.
    for (const mjvGLCamera& eye : seen.camera) {
      for (int axis = 0; axis < 3; ++axis) {
        EXPECT_EQ(eye.pos[axis], static_cast<float>(scene.Data().cam_xpos[3 * camera + axis])) << name;
        EXPECT_NEAR(static_cast<double>(eye.forward[axis]), -scene.Data().cam_xmat[9 * camera + 3 * axis + 2], 1e-6);
      }
    }
  }
}

TEST_F(SceneViewTest, MovesWithoutLosingTheView) {
  const Scene scene = TableTop("panda", kBall);
  SceneView view;
  const std::string before = HashView(view.Update(scene, scene.CameraId("front")));
  SceneView moved = std::move(view);
  EXPECT_EQ(HashView(moved.Get()), before);
  SceneView assigned;
  assigned = std::move(moved);
  EXPECT_EQ(HashView(assigned.Get()), before);
  EXPECT_EQ(HashView(view.Update(scene, scene.CameraId("front"))), before);  // the old one can be used again
}

// MuJoCo centres endless planes on the camera of the view's last update.
TEST_F(SceneViewTest, DoesNotRememberTheCameraBefore) {
  const Scene scene = TableTop("panda", std::string(kBall) + R"(<geom type="plane" size="0 0 1" pos="0 0 -1"/>
    <camera name="away" pos="-40 30 9" xyaxes="0 1 0 -0.6 0 0.8"/>)");
  for (const char* name : {"front", "away", "wrist"}) {
    SceneView fresh;
    const std::string expected = HashView(fresh.Update(scene, scene.CameraId(name)));
    for (const char* before : {"front", "away", "wrist"}) {
      SceneView used;
      used.Update(scene, scene.CameraId(before));
      EXPECT_EQ(HashView(used.Update(scene, scene.CameraId(name))), expected) << before << " before " << name;
    }
  }
}

TEST_F(SceneViewTest, HashIsThatOfWhatIsSeen) {
  Scene scene = TableTop("panda", kBall);
  SceneView view;
  SceneView other;
  const std::string before = HashView(view.Update(scene, scene.CameraId("front")));
  EXPECT_EQ(before.size(), 32U);
  EXPECT_EQ(HashView(other.Update(scene, scene.CameraId("front"))), before);
  EXPECT_NE(HashView(view.Update(scene, scene.CameraId("wrist"))), before);
  scene.SetFreeBody("ball", {{1.0, 0.12 + 1e-6, 1.02}, {1, 0, 0, 0}});  // a micrometre
  scene.Forward();
  EXPECT_NE(HashView(view.Update(scene, scene.CameraId("front"))), before);
}

// Every kind of number that reaches a pixel changes the hash, by its last bit; what reaches none does not.
TEST_F(SceneViewTest, HashSeesEveryBitThatMattersAndNothingElse) {
  const Scene scene = TableTop("panda", kBall);
  SceneView view;
  mjvScene seen = view.Update(scene, scene.CameraId("front"));  // shares its buffers with `view`
  const std::string before = HashView(seen);
  const auto flip = [](float& number) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    bits ^= 1U;
    std::memcpy(&number, &bits, sizeof bits);
  };
  mjvGeom& geom = seen.geoms[seen.ngeom - 1];
  mjvLight& light = seen.lights[seen.nlight - 1];
  mjvGLCamera& camera = seen.camera[0];
  for (float* number :
       {&geom.size[2],      &geom.pos[0],           &geom.mat[8],           &geom.rgba[3],       &geom.emission,
        &geom.specular,     &geom.shininess,        &geom.reflectance,      &geom.texrepeat[1],  &geom.modelrbound,
        &light.pos[2],      &light.dir[1],          &light.attenuation[0],  &light.cutoff,       &light.exponent,
        &light.ambient[0],  &light.diffuse[2],      &light.specular[1],     &camera.pos[1],      &camera.forward[0],
        &camera.up[2],      &camera.frustum_center, &camera.frustum_bottom, &camera.frustum_top, &camera.frustum_near,
        &camera.frustum_far}) {
    flip(*number);
    EXPECT_NE(HashView(seen), before);
    flip(*number);
    ASSERT_EQ(HashView(seen), before);
  }
  for (int* number : {&geom.type, &geom.dataid, &geom.objid, &geom.matid, &geom.texid, &geom.segid, &light.type,
                      &seen.ngeom, &seen.nlight, &camera.orthographic}) {
    --*number;
    EXPECT_NE(HashView(seen), before);
    ++*number;
  }
  for (mjtByte* flag : {&geom.castshadow, &light.castshadow, &light.headlight, &seen.flags[mjRND_SHADOW],
                        &seen.flags[mjRND_SKYBOX], &seen.flags[mjRND_CULL_FACE]}) {
    *flag ^= 1;
    EXPECT_NE(HashView(seen), before);
    *flag ^= 1;
  }
  const float zero = geom.pos[0];
  geom.pos[0] = 0.0F;
  const std::string positive = HashView(seen);
  geom.pos[0] = -0.0F;
  EXPECT_NE(HashView(seen), positive);  // the sign of zero is a bit that a renderer may see
  geom.pos[0] = zero;
  std::memset(geom.label, 'x', sizeof geom.label - 1);
  geom.camdist += 1.0F;
  seen.maxgeom += 1;
  EXPECT_EQ(HashView(seen), before);
}

}  // namespace
}  // namespace divla
