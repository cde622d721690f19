// The one way pictures are drawn for a policy, for its training data and for a report, so that all agree to the byte.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "harness/control.h"
#include "harness/records/records.h"
#include "sim/hash.h"
#include "sim/image.h"
#include "sim/observation.h"
#include "sim/render/renderer.h"
#include "sim/scene.h"
#include "tasks/task.h"

namespace divla {

// What draws the pictures of policies, of training rows and of reports: shadows and anti-aliasing. Belongs to the
// calling thread. Throws MachineError when this machine cannot draw (`gl` without OpenGL).
std::unique_ptr<Renderer> PolicyRenderer(RendererKind kind);

inline constexpr int kReportHeight = 240;  // pixels, of a report's pictures
inline constexpr int kReportWidth = 320;

// The view of the robot's first camera, for a report: as a policy sees it, only larger.
Image ReportPicture(const Scene& scene, Renderer& renderer);

// Of one episode: what its first query saw, for frozen cameras. Empty at the start.
using FirstImages = std::map<std::string, Image>;

// What a policy is given at a query, at the scene's time: the pictures, which are also added to `frames` (the hash of
// everything it saw) in the order of the cameras, and the joints, both with the plan's sensor noise; and the words that
// the control leaves it. `renderer` may be null when there are no cameras. A function of its arguments only: verify
// looks again with it.
Observation LookAt(const EpisodePlan& plan, const ControlPlan& control, const Scene& scene,
                   const PolicyPictures& pictures, Renderer* renderer, FirstImages& first, Hasher& frames);

}  // namespace divla
