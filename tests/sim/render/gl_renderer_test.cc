#include <dlfcn.h>

#include <thread>

#include "sim/check.h"
#include "sim/render/gl_context.h"
#include "sim/render/renderer.h"
#include "tests/support/mujoco_fixture.h"

namespace divla {
namespace {

constexpr const char* kTarget = R"(<camera name="front" pos="1.6 0 1.5" xyaxes="0 1 0 -0.6 0 0.8" fovy="30"/>
  <light pos="0 0 3" dir="0 0 -1" directional="true"/>
  <body name="ball" pos="1.0 0.12 1.02"><freejoint/><geom name="ball" type="sphere" size="0.05" mass="0.1" rgba="1 0 0 1"/></body>)";

using GlRendererTest = MujocoTest;

// Pixels that are clearly red.
struct Blob {
  int count{};
  double u{}, v{};  // mean, share of width and height
};
Blob RedPixels(const Image& image) {
  Blob blob;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::uint8_t* p =
          image.rgb.data() +
          3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x));
      if (p[0] < 60 || p[0] < 3 * p[1] || p[0] < 3 * p[2]) continue;
      ++blob.count;
      blob.u += (x + 0.5) / image.width;
      blob.v += (y + 0.5) / image.height;
    }
  }
  if (blob.count > 0) blob.u /= blob.count, blob.v /= blob.count;
  return blob;
}

TEST_F(GlRendererTest, DrawsTheBallWhereItProjects) {
  const Scene scene = TableTop("panda", kTarget);
  const auto renderer = MakeGlRenderer();
  EXPECT_EQ(renderer->Description().substr(0, 4), "gl (");
  for (const auto& [height, width] : {std::pair{96, 96}, std::pair{240, 320}, std::pair{96, 96}}) {
    const Image image = renderer->Render(scene, scene.CameraId("front"), height, width);
    EXPECT_EQ(image.height, height);
    EXPECT_EQ(image.width, width);
    ASSERT_EQ(image.rgb.size(), image.ByteCount());
    const Blob blob = RedPixels(image);
    const auto& data = scene.Data();
    const int camera = scene.CameraId("front");
    // Independent projection of the ball's centre by the camera's own axes.
    double local[3];
    mjtNum offset[3];
    mju_sub3(offset, data.xpos + 3 * scene.BodyId("ball"), data.cam_xpos + 3 * camera);
    mju_mulMatTVec3(local, data.cam_xmat + 9 * camera, offset);
    const double scale = 0.5 / (-local[2] * std::tan(15.0 * mjPI / 180));
    EXPECT_GT(blob.count, height * width / 400);
    EXPECT_NEAR(blob.u, 0.5 + local[0] * scale * height / width, 0.03);
    EXPECT_NEAR(blob.v, 0.5 - local[1] * scale, 0.03);
  }
}

TEST_F(GlRendererTest, TheSameSceneGivesTheSameBytes) {
  const Scene scene = TableTop("panda", kTarget);
  const Scene other = TableTop("agilex");
  const auto renderer = MakeGlRenderer({.shadows = false, .antialias = false});
  const Image first = renderer->Render(scene, scene.CameraId("front"), 96, 96);
  renderer->Render(other, other.CameraId("cam_left_wrist"), 200, 120);  // another model and size in between
  EXPECT_EQ(first, renderer->Render(scene, scene.CameraId("front"), 96, 96));
  const auto second = MakeGlRenderer({.shadows = false, .antialias = false});
  EXPECT_EQ(first, second->Render(scene, scene.CameraId("front"), 96, 96));
}

// A glass ball half-way before an opaque one, and a table: depth and ids by hand, from the camera's own axes.
TEST_F(GlRendererTest, DepthIsMetresAlongTheAxisAndIdsAreTheModels) {
  const Scene scene = TableTop("panda", R"(<camera name="down" pos="0.4 2 1" xyaxes="1 0 0 0 1 0" fovy="40"/>
    <geom name="slab" type="box" size="0.1 0.1 0.05" pos="0.4 2 0.05" rgba="0 1 0 1"/>
    <geom name="glass" type="box" size="0.02 0.02 0.02" pos="0.45 2 0.48" rgba="0 0 1 0.3"/>
    <site name="mark" pos="0.35 2 0.3" type="box" size="0.02 0.02 0.02"/>)");
  SceneView view;
  const int camera = scene.CameraId("down");
  const mjvScene& seen = view.Update(scene, camera);
  const auto renderer = MakeGlRenderer();
  const std::string before = HashView(seen);
  constexpr int kHeight = 120, kWidth = 160;
  const Frame frame = renderer->DrawFrame(scene, seen, kHeight, kWidth);
  EXPECT_EQ(HashView(seen), before);  // the view is the caller's
  EXPECT_EQ(frame.image, renderer->Draw(scene, seen, kHeight, kWidth));
  ASSERT_EQ(frame.depth.size(), static_cast<std::size_t>(kHeight * kWidth));
  ASSERT_EQ(frame.segmentation.size(), frame.depth.size());
  const auto at = [&](double x, double y, double z) {  // the pixel of a point; the camera looks straight down
    const double scale = kHeight / 2.0 / std::tan(20.0 * mjPI / 180) / (1.0 - z);
    const auto column = static_cast<std::size_t>(kWidth / 2.0 + (x - 0.4) * scale);
    const auto row = static_cast<std::size_t>(kHeight / 2.0 - (y - 2.0) * scale);
    return row * kWidth + column;
  };
  const std::size_t slab = at(0.37, 2.04, 0.1), glass = at(0.45, 2.0, 0.5), mark = at(0.35, 2.0, 0.32);
  EXPECT_EQ(frame.segmentation[slab], scene.GeomId("slab"));
  EXPECT_NEAR(static_cast<double>(frame.depth[slab]), 0.9, 1e-3);
  EXPECT_EQ(frame.segmentation[glass], scene.GeomId("glass"));
  EXPECT_NEAR(static_cast<double>(frame.depth[glass]), 0.5, 1e-3);
  EXPECT_EQ(frame.segmentation[mark], kNoGeom);  // a site is decoration
  EXPECT_EQ(frame.segmentation.front(), kNoGeom);
  EXPECT_EQ(frame.depth.front(), seen.camera[0].frustum_far);
}

TEST_F(GlRendererTest, OptionsChangeThePicture) {
  const Scene scene = TableTop("panda", kTarget);
  const auto draw = [&](RenderOptions options) {
    return MakeGlRenderer(options)->Render(scene, scene.CameraId("front"), 96, 96);
  };
  EXPECT_NE(draw({.shadows = true, .antialias = true}), draw({.shadows = false, .antialias = true}));
  EXPECT_NE(draw({.shadows = true, .antialias = true}), draw({.shadows = true, .antialias = false}));
}

TEST_F(GlRendererTest, EveryThreadHasItsOwnContext) {
  const Scene scene = TableTop("panda", kTarget);
  const auto renderer = MakeGlRenderer({.shadows = false, .antialias = false});
  const Image expected = renderer->Render(scene, scene.CameraId("front"), 64, 64);
  std::vector<Image> images(3);
  std::vector<std::thread> threads;
  for (Image& image : images) {
    threads.emplace_back([&image] {
      const Scene own = TableTop("panda", kTarget);
      const auto mine = MakeGlRenderer({.shadows = false, .antialias = false});
      for (int i = 0; i < 3; ++i) image = mine->Render(own, own.CameraId("front"), 64, 64);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Image& image : images) EXPECT_EQ(image, expected);
}

// EGL is what runs; the fallback must work too where its library is there.
TEST_F(GlRendererTest, OsMesaDrawsAsWell) {
  // MuJoCo takes EGL's functions once EGL is in the process. CTest runs every test in a process of its own; by hand,
  // run this one alone.
  if (dlopen("libEGL.so.1", RTLD_LAZY | RTLD_NOLOAD) != nullptr) GTEST_SKIP() << "EGL is in this process already";
  setenv("DIVLA_GL", "osmesa", 1);
  std::thread([] {
    std::string reason;
    if (!MakeOsMesaContext(reason)) {
      std::printf("skipped: %s\n", reason.c_str());
      return;
    }
    const Scene scene = TableTop("panda", kTarget);
    const auto renderer = MakeGlRenderer({.shadows = false, .antialias = false});
    EXPECT_NE(renderer->Description().find("OSMesa"), std::string::npos);
    EXPECT_GT(RedPixels(renderer->Render(scene, scene.CameraId("front"), 96, 96)).count, 20);
  }).join();
  unsetenv("DIVLA_GL");
}

TEST_F(GlRendererTest, AnUnknownChoiceIsRefused) {
  setenv("DIVLA_GL", "vulkan", 1);
  EXPECT_THROW(MakeGlContext(), InputError);
  unsetenv("DIVLA_GL");
}

}  // namespace
}  // namespace divla
