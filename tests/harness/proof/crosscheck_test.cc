#include "harness/proof/crosscheck.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/check.h"
#include "sim/render/renderer.h"
#include "tasks/registry.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr double kMostOutline = 0.01;  // share of the pixels
constexpr double kLeastPsnr = 32.0;    // dB; MuJoCo's own picture without anti-aliasing is as far from the one with it

class CrosscheckTest : public testing::TestWithParam<const Task*> {};

TEST_P(CrosscheckTest, BothRenderersDrawTheSameScene) {
  const MujocoWarningGuard guard;
  try {
    MakeGlRenderer();
  } catch (const MachineError& error) {
    GTEST_SKIP() << error.what();
  }
  const Crosscheck check = CompareRenderers({GetParam()}, 0, 224, 224);
  EXPECT_NE(check.software, check.gl);
  ASSERT_FALSE(check.rows.empty());
  for (const CrosscheckRow& row : check.rows) {
    EXPECT_GE(row.difference.psnr, kLeastPsnr) << row.task << " " << row.camera;
    EXPECT_LT(row.difference.psnr, kEqualPsnr) << "the cross-check compared a renderer with itself";
  }
  EXPECT_EQ(check.sheet.width, 8 + 3 * (224 + 8));
  EXPECT_EQ(check.sheet.height, 8 + 224 + 8);
}

// Depth and ids come from quite different code in both: ray against polygon. They may disagree along outlines, where gl
// draws facets, and nowhere else.
TEST_P(CrosscheckTest, BothRenderersSeeTheSameGeomsAtTheSameDepth) {
  const MujocoWarningGuard guard;
  std::unique_ptr<Renderer> gl;
  try {
    gl = MakeGlRenderer();
  } catch (const MachineError& error) {
    GTEST_SKIP() << error.what();
  }
  const auto software = MakeSoftwareRenderer();
  const Task& task = *GetParam();
  const Scene scene = task.Build(task.Draw(0, {task.Spec().name, "none", 0, 0}));
  SceneView view;
  for (const std::string& camera : scene.GetRobot().spec.cameras) {
    const mjvScene& seen = view.Update(scene, scene.CameraId(camera));
    const Frame ours = software->DrawFrame(scene, seen, 168, 224), theirs = gl->DrawFrame(scene, seen, 168, 224);
    ASSERT_EQ(ours.depth.size(), theirs.depth.size());
    ASSERT_EQ(ours.segmentation.size(), theirs.segmentation.size());
    std::size_t other_geom = 0, other_depth = 0;
    for (std::size_t i = 0; i < ours.depth.size(); ++i) {
      other_geom += ours.segmentation[i] != theirs.segmentation[i] ? 1U : 0U;
      other_depth += std::abs(ours.depth[i] - theirs.depth[i]) > 0.005F * theirs.depth[i] ? 1U : 0U;
    }
    const auto count = static_cast<double>(ours.depth.size());
    EXPECT_LT(static_cast<double>(other_geom) / count, kMostOutline) << task.Spec().name << " " << camera;
    EXPECT_LT(static_cast<double>(other_depth) / count, kMostOutline) << task.Spec().name << " " << camera;
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, CrosscheckTest, testing::ValuesIn(AllTasks()),
                         [](const auto& parameter) { return parameter.param->Spec().name; });

}  // namespace
}  // namespace divla
