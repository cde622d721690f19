// What a policy may see: pictures, proprioception and the instruction. Standard types only; nothing here can reach the
// state of the simulator, so a policy cannot peek.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/image.h"

namespace divla {

struct Observation {
  std::string robot;                    // "panda" or "agilex": chooses the embodiment's output layer
  std::map<std::string, Image> images;  // by camera name, only the cameras that the policy asked for
  std::vector<float>
      state;                // RobotInterface::state_names: joint positions (rad) and gripper opening (0 closed, 1 open)
  std::vector<float> tool;  // (arms x 9): tool centre point xyz (m, robot frame), then rotation, see action.h
  std::string instruction;  // the language goal, the exact bytes
  double time{};            // s since reset
};

}  // namespace divla
