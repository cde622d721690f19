#include "harness/bench/bench_renderers.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "harness/policy_view.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "sim/observe.h"
#include "sim/render/scene_view.h"
#include "tasks/registry.h"

namespace divla {
namespace {

constexpr int kSeed = 1;

struct Size {
  int height, width;             // pixels
  std::optional<double> target;  // frames a second, software
};
constexpr std::array<Size, 3> kSizes{{{224, 224, 500.0}, {96, 96, std::nullopt}, {480, 640, std::nullopt}}};
constexpr double kControlTarget = 150.0;  // control steps a second, software

Scene FirstScene(const Task& task) { return task.Build(task.Draw(kSeed, {task.Spec().name, "none", 0, 0})); }

void Measure(Scene& scene, Renderer& renderer, const std::string& where, bool with_targets, double seconds,
             const std::function<void(BenchFigure)>& report) {
  const std::vector<std::string>& cameras = scene.GetRobot().spec.cameras;
  const std::string note = fmt::format("{}; {}; shadows, anti-aliasing; one core", renderer.Description(), where);
  const std::string name = renderer.Description().substr(0, renderer.Description().find(' '));
  for (const Size& size : kSizes) {
    std::size_t camera = 0;
    const double frame = SecondsPerCall(seconds, [&] {
      renderer.Render(scene, scene.CameraId(cameras[camera++ % cameras.size()]), size.height, size.width);
    });
    report({fmt::format("{} frames {}x{}", name, size.width, size.height), 1.0 / frame, "/s",
            with_targets ? size.target : std::nullopt, true, note});
  }
  const std::vector<float> hold = CommandedJoints(scene);
  const double control = SecondsPerCall(seconds, [&] {
    ControlStep(scene, ActionKind::kJointPosition, hold);
    Observe(scene, &renderer, cameras, 224, 224, "");
  });
  report({fmt::format("{} control steps, {} cameras 224x224", name, cameras.size()), 1.0 / control, "/s",
          with_targets ? std::optional(kControlTarget) : std::nullopt, true, note});
}

}  // namespace

HeaviestTask FindHeaviestTask() {
  HeaviestTask heaviest;
  SceneView view;
  for (const Task* task : AllTasks()) {
    const Scene scene = FirstScene(*task);
    const int geoms = view.Update(scene, scene.CameraId(scene.GetRobot().spec.cameras.front())).ngeom;
    if (geoms > heaviest.geoms) heaviest = {task, geoms};
  }
  return heaviest;
}

void MeasureRenderers(double seconds, const std::function<void(BenchFigure)>& report,
                      const std::function<void(const std::string&)>& note) {
  const HeaviestTask heaviest = FindHeaviestTask();
  const std::string where = fmt::format("{}, {} geoms", heaviest.task->Spec().name, heaviest.geoms);
  Scene scene = FirstScene(*heaviest.task);
  const std::vector<double> start = scene.SaveState();
  const auto software = PolicyRenderer(RendererKind::kSoftware);
  Measure(scene, *software, where, true, seconds, report);
  scene.RestoreState(start);
  std::unique_ptr<Renderer> gl;
  try {
    gl = PolicyRenderer(RendererKind::kGl);
  } catch (const MachineError& error) {
    if (note) note(fmt::format("gl is not measured: {}", error.what()));
    return;
  }
  Measure(scene, *gl, where, false, seconds, report);
}

}  // namespace divla
