#include "harness/bench/bench_renderers.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/render/scene_view.h"
#include "tasks/registry.h"

namespace divla {
namespace {

TEST(BenchRenderersTest, NoTaskIsHeavierThanTheHeaviest) {
  const HeaviestTask heaviest = FindHeaviestTask();
  ASSERT_NE(heaviest.task, nullptr);
  SceneView view;
  bool reached = false;
  for (const Task* task : AllTasks()) {
    const Scene scene = task->Build(task->Draw(1, {task->Spec().name, "none", 0, 0}));
    const int geoms = view.Update(scene, scene.CameraId(scene.GetRobot().spec.cameras.back())).ngeom;
    EXPECT_LE(geoms, heaviest.geoms) << task->Spec().name;
    reached = reached || (task == heaviest.task && geoms == heaviest.geoms);
  }
  EXPECT_TRUE(reached);
}

// The targets belong to the software renderer; gl stands beside it, or a line says why not.
TEST(BenchRenderersTest, BothRenderersAreMeasuredInOneRun) {
  std::vector<BenchFigure> figures;
  std::vector<std::string> notes;
  MeasureRenderers(
      0.01, [&](BenchFigure figure) { figures.push_back(std::move(figure)); },
      [&](const std::string& note) { notes.push_back(note); });
  std::set<std::string> software, gl;
  int targets = 0;
  for (const BenchFigure& figure : figures) {
    EXPECT_GT(figure.value, 0.0);
    EXPECT_NE(figure.note.find(FindHeaviestTask().task->Spec().name), std::string::npos) << figure.note;
    const bool ours = figure.what.starts_with("software ");
    (ours ? software : gl).insert(figure.what.substr(figure.what.find(' ')));
    EXPECT_TRUE(ours || !figure.target) << figure.what;
    targets += figure.target ? 1 : 0;
  }
  EXPECT_EQ(targets, 2);
  EXPECT_EQ(software.size(), 4U);
  if (notes.empty()) {
    EXPECT_EQ(gl, software);
  } else {
    EXPECT_TRUE(gl.empty());
    EXPECT_NE(notes.front().find("gl is not measured"), std::string::npos);
  }
}

}  // namespace
}  // namespace divla
