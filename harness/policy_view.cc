#include "harness/policy_view.h"

namespace divla {

std::unique_ptr<Renderer> PolicyRenderer(RendererKind kind) {
  return MakeRenderer(kind, {.shadows = true, .antialias = true});
}

Image ReportPicture(const Scene& scene, Renderer& renderer) {
  const std::string& camera = scene.GetRobot().spec.cameras.front();
  return renderer.Render(scene, scene.CameraId(camera), kReportHeight, kReportWidth);
}

}  // namespace divla
