#include "tasks/axes/registry.h"

#include "sim/check.h"

namespace divla {

const std::vector<const Axis*>& AllAxes() {
  static const std::vector<const Axis*> axes{
      &InstructionParaphrase(),
      &InstructionSynonym(),
      &InstructionIntent(),
      &InstructionSteps(),
      &InstructionNoise(),
      &ObjectColour(),
      &ObjectSize(),
      &ObjectInstance(),
      &ObjectCategory(),
      &EnvironmentBackground(),
      &EnvironmentLighting(),
      &EnvironmentCamera(),
      &EnvironmentDistractors(),
      &EnvironmentLayout(),
      &EnvironmentTableHeight(),
      &EnvironmentRobotStart(),
      &EnvironmentSensorNoise(),
      &EnvironmentDynamics(),
  };
  return axes;
}

const Axis& FindAxis(const std::string& name) {
  std::string known;
  for (const Axis* axis : AllAxes()) {
    if (axis->Spec().name == name) return *axis;
    known += (known.empty() ? "" : ", ") + axis->Spec().name;
  }
  throw InputError("axis: expected one of " + known + ", found '" + name + "'");
}

}  // namespace divla
