// The axes by function. Adding one is a line here and one in registry.cc.
#pragma once

#include "tasks/axes/axis.h"

namespace divla {

const Axis& InstructionParaphrase();
const Axis& InstructionSynonym();
const Axis& InstructionIntent();
const Axis& InstructionSteps();
const Axis& InstructionNoise();

const Axis& ObjectColour();
const Axis& ObjectSize();
const Axis& ObjectInstance();
const Axis& ObjectCategory();

const Axis& EnvironmentBackground();
const Axis& EnvironmentLighting();
const Axis& EnvironmentCamera();
const Axis& EnvironmentDistractors();
const Axis& EnvironmentLayout();
const Axis& EnvironmentTableHeight();
const Axis& EnvironmentRobotStart();
const Axis& EnvironmentSensorNoise();
const Axis& EnvironmentDynamics();

}  // namespace divla
