#include "harness/policy_view.h"

#include <cmath>

#include "sim/observe.h"
#include "tasks/variation/apply.h"

namespace divla {

std::unique_ptr<Renderer> PolicyRenderer(RendererKind kind) {
  return MakeRenderer(kind, {.shadows = true, .antialias = true});
}

Image ReportPicture(const Scene& scene, Renderer& renderer) {
  const std::string& camera = scene.GetRobot().spec.cameras.front();
  return renderer.Render(scene, scene.CameraId(camera), kReportHeight, kReportWidth);
}

Observation LookAt(const EpisodePlan& plan, const ControlPlan& control, const Scene& scene,
                   const PolicyPictures& pictures, Renderer* renderer, FirstImages& first, Hasher& frames) {
  Observation observation =
      Observe(scene, renderer, pictures.cameras, pictures.height, pictures.width, GivenInstruction(control, plan));
  AddSensorNoise(plan, static_cast<int>(std::lround(observation.time / kControlPeriod)), observation);
  if (control.control == Control::kFrozenCameras) {
    if (first.empty()) first = observation.images;
    observation.images = first;
  }
  for (const std::string& camera : pictures.cameras) {
    frames.Add(std::span<const std::uint8_t>(observation.images.at(camera).rgb));
  }
  return observation;
}

}  // namespace divla
