// A variation put into a scene: into the spec before it is compiled, and, for lights that move, into the scene as time
// goes on. Every function throws InputError when the scene lacks what it changes.
#pragma once

#include "sim/observation.h"
#include "sim/scene.h"
#include "sim/scene_builder.h"
#include "tasks/task.h"

namespace divla {

// Everything of plan.variation that the model holds. The plan's objects are in the spec already.
void ApplyVariation(const EpisodePlan& plan, SceneBuilder& builder);

// Parts of the above, one for each file.
void ApplyView(const ViewChange& view, mjSpec* spec);
void ApplyLight(const LightChange& light, mjSpec* spec);
void ApplySurroundings(const Surroundings& surroundings, mjSpec* spec);
void ApplyLook(const std::string& body, const ObjectLook& look, mjSpec* spec);

// Moves the lights that move to where they are at the scene's time. A function of plan and time: call it before a
// picture is taken, as often as you like.
void MoveLights(const EpisodePlan& plan, Scene& scene);

// Adds plan.variation.noise to pictures, joints and tool poses. The numbers come from a stream named by the plan and
// `step` (control steps since the start), so they do not depend on who looks how often. Pixel noise is a sum of four
// uniform numbers (variance as asked, within 3.5 deviations), rounded and clipped to 0..255.
void AddSensorNoise(const EpisodePlan& plan, int step, Observation& observation);

}  // namespace divla
