// The one way pictures are drawn for a policy, for its training data and for a report, so that all agree to the byte.
#pragma once

#include <memory>

#include "sim/image.h"
#include "sim/render/renderer.h"

namespace divla {

// What draws the pictures of policies, of training rows and of reports: shadows and anti-aliasing. Belongs to the
// calling thread. Throws MachineError when this machine cannot draw (`gl` without OpenGL).
std::unique_ptr<Renderer> PolicyRenderer(RendererKind kind);

inline constexpr int kReportHeight = 240;  // pixels, of a report's pictures
inline constexpr int kReportWidth = 320;

// The view of the robot's first camera, for a report: as a policy sees it, only larger.
Image ReportPicture(const Scene& scene, Renderer& renderer);

}  // namespace divla
