#include "harness/policy_view.h"

namespace divla {

std::unique_ptr<Renderer> PolicyRenderer() { return MakeGlRenderer({.shadows = false, .samples = 0, .slices = 12}); }

std::unique_ptr<Renderer> ReportRenderer() { return MakeGlRenderer(); }

Image ReportPicture(const Scene& scene, Renderer& renderer) {
  const std::string& camera = scene.GetRobot().spec.cameras.front();
  return renderer.Render(scene, scene.CameraId(camera), kReportHeight, kReportWidth);
}

}  // namespace divla
