#include "harness/policy_view.h"

#include <cmath>

#include "sim/observe.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {
using Cameras = std::vector<std::string>;
}  // namespace

std::unique_ptr<Renderer> PolicyRenderer(RendererKind kind) {
  return MakeRenderer(kind, {.shadows = true, .antialias = true});
}

Image ReportPicture(const Scene& scene, Renderer& renderer) {
  const std::string& camera = scene.GetRobot().spec.cameras.front();
  return renderer.Render(scene, scene.CameraId(camera), kReportHeight, kReportWidth);
}

Observation LookAt(const EpisodePlan& plan, const ControlPlan& control, const Scene& scene,
                   const PolicyPictures& pictures, Renderer* renderer, FirstImages& first, Hasher& frames) {
  const bool frozen = control.control == Control::kFrozenCameras;
  const bool draws = !frozen || first.empty();  // the noise of pictures is named by camera and step: none is skipped
  Observation observation = Observe(scene, draws ? renderer : nullptr, draws ? pictures.cameras : Cameras{},
                                    pictures.height, pictures.width, GivenInstruction(control, plan));
  AddSensorNoise(plan, static_cast<int>(std::lround(observation.time / kControlPeriod)), observation);
  if (frozen) {
    if (draws) first = observation.images;
    observation.images = first;
  }
  for (const std::string& camera : pictures.cameras) {
    frames.Add(std::span<const std::uint8_t>(observation.images.at(camera).rgb));
  }
  return observation;
}

}  // namespace divla
