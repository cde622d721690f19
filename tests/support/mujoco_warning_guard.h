// While one of these lives, any MuJoCo warning fails the running test. For parameterised fixtures that cannot derive
// from MujocoTest.
#pragma once

#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

namespace divla {

class MujocoWarningGuard {
 public:
  MujocoWarningGuard() : before_(mju_user_warning) {
    mju_user_warning = [](const char* message) { ADD_FAILURE() << "MuJoCo warned: " << message; };
  }
  MujocoWarningGuard(const MujocoWarningGuard&) = delete;
  MujocoWarningGuard& operator=(const MujocoWarningGuard&) = delete;
  ~MujocoWarningGuard() { mju_user_warning = before_; }

 private:
  void (*before_)(const char*);
};

}  // namespace divla
