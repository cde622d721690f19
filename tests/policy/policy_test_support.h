// What the tests of this folder share: temporary folders, expected errors, made-up robots and observations.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace divla {

// A fresh empty folder, removed with everything in it at the end of the test.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string Path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Writes bytes without any of the code under test.
void PutFile(const std::string& path, const std::string& content);
std::string GetFile(const std::string& path);

// Expects `action` to throw InputError with one line that holds all of `parts`.
void ExpectInputError(const std::function<void()>& action, const std::vector<std::string>& parts);

// "panda": 8 numbers, cameras left, right, wrist; "agilex": 14 numbers, cameras cam_high, cam_left_wrist,
// cam_right_wrist.
RobotInterface TestRobot(const std::string& name);
std::vector<RobotInterface> TestRobots();

// An observation that fits; `variant` changes pictures, state and instruction.
Observation TestObservation(const RobotInterface& robot, const PolicyRequirements& requirements, int variant = 0);

}  // namespace divla
