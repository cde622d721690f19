#include "harness/proof/state_field.h"

#include <fmt/format.h>

#include <array>

namespace divla {
namespace {

std::string NameOf(const mjModel& model, mjtObj type, int id) {
  const char* name = mj_id2name(&model, type, id);
  return name != nullptr && *name != '\0' ? name : fmt::format("number {}", id);
}

// The joint or, for a free joint, the body, with the coordinate of a joint that has several. `kinds`: names of the
// coordinates of a free joint.
template <std::size_t N>
std::string JointName(const mjModel& model, int joint, int coordinate, const std::array<const char*, N>& kinds) {
  if (model.jnt_type[joint] == mjJNT_FREE) {
    return NameOf(model, mjOBJ_BODY, model.jnt_bodyid[joint]) + " " + kinds.at(static_cast<std::size_t>(coordinate));
  }
  const std::string name = NameOf(model, mjOBJ_JOINT, joint);
  return model.jnt_type[joint] == mjJNT_BALL ? fmt::format("{} {}", name, coordinate) : name;
}

std::string PositionName(const mjModel& model, int index) {
  static constexpr std::array<const char*, 7> kKinds{"x",          "y",          "z",         "rotation w",
                                                     "rotation x", "rotation y", "rotation z"};
  int joint = model.njnt - 1;
  while (joint > 0 && model.jnt_qposadr[joint] > index) --joint;
  return JointName(model, joint, index - model.jnt_qposadr[joint], kKinds);
}

std::string VelocityName(const mjModel& model, int index) {
  static constexpr std::array<const char*, 6> kKinds{"x", "y", "z", "about x", "about y", "about z"};
  const int joint = model.dof_jntid[index];
  return JointName(model, joint, index - model.jnt_dofadr[joint], kKinds);
}

std::string FieldName(const mjModel& model, int bit, int index) {
  const auto named = [&](const char* field, const std::string& of) {
    return fmt::format("{}[{}] ({})", field, index, of);
  };
  switch (1 << bit) {
    case mjSTATE_TIME:
      return "time";
    case mjSTATE_QPOS:
      return named("qpos", PositionName(model, index));
    case mjSTATE_QVEL:
      return named("qvel", VelocityName(model, index));
    case mjSTATE_ACT:
      return fmt::format("act[{}]", index);
    case mjSTATE_WARMSTART:
      return named("qacc_warmstart", VelocityName(model, index));
    case mjSTATE_CTRL:
      return named("ctrl", NameOf(model, mjOBJ_ACTUATOR, index));
    case mjSTATE_QFRC_APPLIED:
      return named("qfrc_applied", VelocityName(model, index));
    case mjSTATE_XFRC_APPLIED:
      return named("xfrc_applied", NameOf(model, mjOBJ_BODY, index / 6));
    case mjSTATE_EQ_ACTIVE:
      return named("eq_active", NameOf(model, mjOBJ_EQUALITY, index));
    case mjSTATE_MOCAP_POS:
      return fmt::format("mocap_pos[{}]", index);
    case mjSTATE_MOCAP_QUAT:
      return fmt::format("mocap_quat[{}]", index);
    case mjSTATE_USERDATA:
      return fmt::format("userdata[{}]", index);
    default:
      return fmt::format("part {} of the state[{}]", bit, index);
  }
}

}  // namespace

std::string StateFieldName(const mjModel& model, int index) {
  int rest = index;
  for (int bit = 0; bit < mjNSTATE && rest >= 0; ++bit) {
    if ((mjSTATE_INTEGRATION & (1 << bit)) == 0) continue;
    const int size = mj_stateSize(&model, 1 << bit);
    if (rest < size) return FieldName(model, bit, rest);
    rest -= size;
  }
  return fmt::format("state[{}]", index);
}

}  // namespace divla
