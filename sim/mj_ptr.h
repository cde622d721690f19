// MuJoCo's C handles held in unique_ptr. Each deleter is MuJoCo's own; ownership is the pointer's.
#pragma once

#include <mujoco/mujoco.h>

#include <memory>

namespace divla {

struct MjDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
  void operator()(mjModel* model) const { mj_deleteModel(model); }
  void operator()(mjData* data) const { mj_deleteData(data); }
};

using MjSpecPtr = std::unique_ptr<mjSpec, MjDeleter>;
using MjModelPtr = std::unique_ptr<mjModel, MjDeleter>;
using MjDataPtr = std::unique_ptr<mjData, MjDeleter>;

}  // namespace divla
