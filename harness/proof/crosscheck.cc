#include "harness/proof/crosscheck.h"

#include "harness/policy_view.h"
#include "harness/report/sheet.h"

namespace divla {

Crosscheck CompareRenderers(const std::vector<const Task*>& tasks, std::uint64_t seed, int height, int width) {
  const auto software = PolicyRenderer(RendererKind::kSoftware);
  const auto gl = PolicyRenderer(RendererKind::kGl);
  Crosscheck result{.software = software->Description(), .gl = gl->Description(), .rows = {}, .sheet = {}};
  std::vector<std::vector<Image>> pictures;
  for (const Task* task : tasks) {
    const Scene scene = task->Build(task->Draw(seed, {task->Spec().name, "none", 0, 0}));
    pictures.emplace_back();
    for (const std::string& camera : scene.GetRobot().spec.cameras) {
      Image ours = software->Render(scene, scene.CameraId(camera), height, width);
      Image theirs = gl->Render(scene, scene.CameraId(camera), height, width);
      result.rows.push_back({task->Spec().name, camera, ComparePictures(ours, theirs)});
      if (!pictures.back().empty()) continue;  // the sheet shows the first camera
      Image difference = DifferencePicture(ours, theirs);
      for (Image* picture : {&ours, &theirs, &difference}) pictures.back().push_back(std::move(*picture));
    }
  }
  result.sheet = Sheet(pictures);
  return result;
}

}  // namespace divla
