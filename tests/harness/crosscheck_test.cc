#include "harness/crosscheck.h"

#include <gtest/gtest.h>

#include "sim/check.h"
#include "sim/render/renderer.h"
#include "tasks/registry.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr double kLeastPsnr = 32.0;  // dB; MuJoCo's own picture without anti-aliasing is as far from the one with it

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
  EXPECT_EQ(check.sheet.height, 8 + static_cast<int>(check.rows.size()) * (224 + 8));
}

INSTANTIATE_TEST_SUITE_P(Tasks, CrosscheckTest, testing::ValuesIn(AllTasks()),
                         [](const auto& parameter) { return parameter.param->Spec().name; });

}  // namespace
}  // namespace divla
