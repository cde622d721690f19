// The one way pictures are drawn for a policy, for its training data and for a report, so that all agree to the byte.
#pragma once

#include <memory>

#include "sim/image.h"
#include "sim/render/renderer.h"

namespace divla {

// What draws the pictures of policies and of training rows: shadows and anti-aliasing. Belongs to the calling thread.
// Throws MachineError when this machine cannot draw (`gl` without OpenGL).
std::unique_ptr<Renderer> PolicyRenderer(RendererKind kind);

// What draws the pictures of a report, for people: as a policy sees them, only larger. As above otherwise.
std::unique_ptr<Renderer> ReportRenderer(RendererKind kind);

inline constexpr int kReportHeight = 240;  // pixels, of a report's pictures
inline constexpr int kReportWidth = 320;

// The view of the robot's first camera, for a report.
Image ReportPicture(const Scene& scene, Renderer& renderer);

}  // namespace divla
