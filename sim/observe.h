// Observe: what a policy gets to see of a scene at this moment. And where a point of the world appears in a camera.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "sim/observation.h"
#include "sim/render/renderer.h"
#include "sim/scene.h"

namespace divla {

// Renders the named cameras at height x width pixels; `renderer` may be null when `cameras` is empty.
Observation Observe(const Scene& scene, Renderer* renderer, std::span<const std::string> cameras, int height, int width,
                    const std::string& instruction);

// Pixel of a world point: u to the right and v down, both in [0, 1] of the width and height of a square or wider
// picture; empty when the point is behind the camera or outside the picture. Occlusion is not looked at.
std::optional<std::array<double, 2>> ProjectPoint(const Scene& scene, int camera_id, const std::array<double, 3>& point,
                                                  double aspect);

}  // namespace divla
