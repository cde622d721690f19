#include "sim/observe.h"

#include <cmath>
#include <numbers>

#include "sim/check.h"
#include "sim/controller.h"

namespace divla {

Observation Observe(const Scene& scene, Renderer* renderer, std::span<const std::string> cameras, int height, int width,
                    const std::string& instruction) {
  Observation observation;
  observation.robot = scene.GetRobot().spec.name;
  for (const std::string& camera : cameras) {
    DIVLA_CHECK(renderer != nullptr, "Observe was asked for pictures without a renderer");
    observation.images.emplace(camera, renderer->Render(scene, scene.CameraId(camera), height, width));
  }
  observation.state = ProprioState(scene);
  observation.tool = ToolState(scene);
  observation.instruction = instruction;
  observation.time = scene.Data().time;
  return observation;
}

std::optional<std::array<double, 2>> ProjectPoint(const Scene& scene, int camera_id, const std::array<double, 3>& point,
                                                  double aspect) {
  const mjData& data = scene.Data();
  const mjtNum* origin = data.cam_xpos + 3 * camera_id;
  const mjtNum* axes = data.cam_xmat + 9 * camera_id;  // columns: right, up, backward
  double local[3];
  for (int axis = 0; axis < 3; ++axis) {
    local[axis] = 0;
    for (int i = 0; i < 3; ++i) local[axis] += axes[3 * i + axis] * (point[static_cast<std::size_t>(i)] - origin[i]);
  }
  const double depth = -local[2];
  if (depth <= 1e-6) return std::nullopt;
  const double half_height = std::tan(scene.Model().cam_fovy[camera_id] * std::numbers::pi / 360.0);
  const double u = 0.5 + 0.5 * local[0] / (depth * half_height * aspect);
  const double v = 0.5 - 0.5 * local[1] / (depth * half_height);
  if (u < 0 || u > 1 || v < 0 || v > 1) return std::nullopt;
  return std::array<double, 2>{u, v};
}

}  // namespace divla
