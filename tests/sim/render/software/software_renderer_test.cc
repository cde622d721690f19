// The renderer as the rest of the program uses it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <thread>

#include "sim/check.h"
#include "sim/render/renderer.h"
#include "tests/sim/render/software/drawing.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

constexpr const char* kThings = R"(<light type="directional" pos="0 0 3" dir=".3 .2 -1"/>
  <camera name="front" pos="1.6 0 1.5" xyaxes="0 1 0 -0.6 0 0.8" fovy="40"/>
  <camera name="left" pos="0.4 1.2 0.8" xyaxes="-1 0 0 0 -0.55 0.83" fovy="50"/>
  <camera name="right" pos="0.4 -1.2 0.8" xyaxes="1 0 0 0 0.55 0.83" fovy="50"/>
  <body name="ball" pos="0.6 0.12 0.3"><freejoint/><geom name="ball" type="sphere" size="0.08" rgba="1 0 0 1"/></body>
  <geom name="glass" type="box" size=".05 .05 .1" pos=".6 -.2 .1" rgba=".2 .3 .8 .5"/>)";

class SoftwareRendererTest : public MujocoTest {};

TEST_F(SoftwareRendererTest, AnyNumberOfThreadsDrawsTheSame) {
  const std::vector<std::string> cameras = {"front", "left", "right", "wrist"};
  const Scene scene = TableTop("panda", kThings);
  const auto draw_all = [&](const Scene& of) {
    const auto renderer = MakeSoftwareRenderer();
    std::vector<Image> images;
    for (int round = 0; round < 3; ++round) {
      for (const std::string& camera : cameras) images.push_back(renderer->Render(of, of.CameraId(camera), 97, 120));
    }
    return images;
  };
  const std::vector<Image> expected = draw_all(scene);
  for (const std::size_t camera : {0U, 1U, 2U, 3U}) EXPECT_TRUE(expected[camera] == expected[camera + 8]);
  EXPECT_FALSE(expected[0] == expected[1]);
  for (const int count : {1, 2, 5}) {
    std::vector<Scene> scenes;
    for (int i = 0; i < count; ++i) scenes.push_back(TableTop("panda", kThings));
    std::vector<std::vector<Image>> found(static_cast<std::size_t>(count));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < found.size(); ++i) {
      threads.emplace_back([&, i] { found[i] = draw_all(scenes[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& images : found) EXPECT_TRUE(images == expected) << count << " threads";
  }
}

TEST_F(SoftwareRendererTest, EveryInstructionSetDrawsTheSame) {
  const char* before = std::getenv("DIVLA_RENDER_ISA");
  const std::string kept = before != nullptr ? before : "";
  const Scene scene = TableTop("panda", kThings);
  std::optional<Frame> first;
  for (const software::InstructionSet set : software::SupportedSets()) {
    setenv("DIVLA_RENDER_ISA", std::string(software::ToString(set)).substr(7).c_str(), 1);
    SceneView view;
    const Frame frame = MakeSoftwareRenderer()->DrawFrame(scene, view.Update(scene, scene.CameraId("front")), 111, 131);
    if (!first) first = frame;
    EXPECT_TRUE(frame.image == first->image && frame.depth == first->depth && frame.segmentation == first->segmentation)
        << software::ToString(set);
  }
  if (kept.empty()) unsetenv("DIVLA_RENDER_ISA");
  if (!kept.empty()) setenv("DIVLA_RENDER_ISA", kept.c_str(), 1);
}

TEST_F(SoftwareRendererTest, AFrameIsThePictureWithDepthAndGeoms) {
  const Scene scene = TableTop("panda", kThings);
  const auto renderer = MakeSoftwareRenderer();
  SceneView view;
  const mjvScene& seen = view.Update(scene, scene.CameraId("front"));
  const Frame frame = renderer->DrawFrame(scene, seen, 90, 130);
  EXPECT_TRUE(frame.image == renderer->Draw(scene, seen, 90, 130));
  ASSERT_EQ(frame.image.rgb.size(), 90U * 130U * 3U);
  ASSERT_EQ(frame.depth.size(), 90U * 130U);
  ASSERT_EQ(frame.segmentation.size(), 90U * 130U);
  int ball = 0, glass = 0, sky = 0;
  for (std::size_t i = 0; i < frame.depth.size(); ++i) {
    const std::int32_t id = frame.segmentation[i];
    ASSERT_TRUE(id == kNoGeom || (id >= 0 && id < scene.Model().ngeom));
    ball += id == scene.GeomId("ball") ? 1 : 0;
    glass += id == scene.GeomId("glass") ? 1 : 0;
    if (id == kNoGeom) {
      ++sky;
      EXPECT_EQ(frame.depth[i], seen.camera[0].frustum_far);
    } else {
      EXPECT_LT(frame.depth[i], 4.0F);
    }
    if (id == scene.GeomId("ball")) {
      // The ball's nearest point along the camera's axis: |(1.6, 0, 1.5) - centre| . (0.8, 0, 0.6) - radius.
      EXPECT_NEAR(frame.depth[i], 1.0 * 0.8 + 1.2 * 0.6 - 0.04, 0.05);
    }
  }
  EXPECT_GT(ball, 30);
  EXPECT_GT(glass, 20);  // transparent geoms count like solid ones
  EXPECT_GT(sky, 10);
}

TEST_F(SoftwareRendererTest, SizesMayChangeFromPictureToPicture) {
  const Scene scene = TableTop("panda", kThings);
  const auto renderer = MakeSoftwareRenderer();
  for (const auto& [height, width] : {std::pair{40, 60}, std::pair{1, 1}, std::pair{200, 17}, std::pair{40, 60}}) {
    const Image image = renderer->Render(scene, scene.CameraId("front"), height, width);
    EXPECT_EQ(image.height, height);
    EXPECT_EQ(image.width, width);
    EXPECT_TRUE(image == MakeSoftwareRenderer()->Render(scene, scene.CameraId("front"), height, width));
  }
}

// A texture that changes is another asset: the renderer must not draw the old one, nor mix up the many it has seen.
TEST_F(SoftwareRendererTest, KeepsAssetsApart) {
  const auto scene_of = [](int shade) {
    const std::string color = std::to_string(0.01 * shade) + " .5 .5";
    return TableTop("panda", std::string(kThings) +
                                 R"(<geom type="box" size=".1 .1 .1" pos=".3 .3 .1" material="m"/></worldbody>
      <asset><texture name="t" type="2d" builtin="flat" width="8" height="8" rgb1=")" +
                                 color + R"("/><material name="m" texture="t"/></asset><worldbody>)");
  };
  const auto renderer = MakeSoftwareRenderer();
  std::vector<Scene> scenes;
  for (int i = 0; i < 20; ++i) scenes.push_back(scene_of(4 * i));
  std::vector<Image> first;
  for (const Scene& scene : scenes) first.push_back(renderer->Render(scene, scene.CameraId("front"), 60, 60));
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    EXPECT_TRUE(renderer->Render(scenes[i], scenes[i].CameraId("front"), 60, 60) == first[i]) << i;
    EXPECT_TRUE(MakeSoftwareRenderer()->Render(scenes[i], scenes[i].CameraId("front"), 60, 60) == first[i]) << i;
    if (i > 0) {
      EXPECT_FALSE(first[i] == first[i - 1]) << i;
    }
  }
}

TEST_F(SoftwareRendererTest, OptionsChangeThePicture) {
  const Scene scene = TableTop("panda", kThings);
  const auto draw = [&](const RenderOptions& options) {
    return MakeSoftwareRenderer(options)->Render(scene, scene.CameraId("front"), 100, 100);
  };
  const Image usual = draw({});
  EXPECT_FALSE(draw({.shadows = false}) == usual);
  EXPECT_FALSE(draw({.antialias = false}) == usual);
  EXPECT_TRUE(draw({.shadows = true, .antialias = true}) == usual);
}

TEST_F(SoftwareRendererTest, BadRequests) {
  const Scene scene = TableTop("panda", kThings);
  const auto renderer = MakeSoftwareRenderer();
  EXPECT_DEATH(renderer->Render(scene, scene.CameraId("front"), 0, 10), "positive size");
  EXPECT_DEATH(renderer->Render(scene, scene.CameraId("front"), 10, -1), "positive size");
  SceneView view;
  mjvScene flat = view.Update(scene, scene.CameraId("front"));  // shares the view's buffers
  flat.camera[0].orthographic = 1;
  EXPECT_THROW(renderer->Draw(scene, flat, 10, 10), InputError);
  EXPECT_NO_THROW(renderer->Render(scene, scene.CameraId("front"), 10, 10));  // and it goes on drawing
  EXPECT_TRUE(renderer->Description().starts_with("software "));
}

}  // namespace
}  // namespace divla
