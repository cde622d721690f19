// The one way pictures are drawn for a policy and for its training data, so that both agree to the byte; and the
// pictures of a report.
#pragma once

#include <memory>

#include "sim/image.h"
#include "sim/render/renderer.h"

namespace divla {

// Plain: no shadows, no multisampling, 12 facets around a round thing, since software OpenGL spends 60 ms on a 96x96
// picture with all of them and 3 ms without. Belongs to the calling thread. Throws MachineError when this machine
// cannot draw.
std::unique_ptr<Renderer> PolicyRenderer();

// For people: shadows and multisampling. What a policy gets never comes from here. Belongs to the calling thread,
// MachineError as above.
std::unique_ptr<Renderer> ReportRenderer();

inline constexpr int kReportHeight = 240;  // pixels, of a report's pictures
inline constexpr int kReportWidth = 320;

// The view of the robot's first camera, for a report.
Image ReportPicture(const Scene& scene, Renderer& renderer);

}  // namespace divla
