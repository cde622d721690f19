#include "sim/scene.h"

#include <cmath>
#include <utility>

#include "sim/check.h"
#include "sim/hash.h"

namespace divla {
namespace {

int IdOf(const mjModel& model, mjtObj type, std::string_view kind, std::string_view name) {
  const std::string text(name);
  const int id = mj_name2id(&model, type, text.c_str());
  if (id < 0) throw InputError("scene: no " + std::string(kind) + " named '" + text + "'");
  return id;
}

std::uint64_t HashVisualAssets(const mjModel& model, const SceneLooks* looks) {
  Hasher hasher;
  const auto add = [&](const auto* numbers, mjtSize count) {
    hasher.Add(numbers, static_cast<std::size_t>(count) * sizeof(*numbers));
  };
  add(model.tex_type, model.ntex);
  add(model.tex_colorspace, model.ntex);
  add(model.tex_height, model.ntex);
  add(model.tex_width, model.ntex);
  add(model.tex_nchannel, model.ntex);
  add(model.tex_adr, model.ntex);
  add(model.tex_data, model.ntexdata);
  add(model.mat_texid, model.nmat * mjNTEXROLE);
  add(model.mat_texuniform, model.nmat);
  add(model.mat_texrepeat, model.nmat * 2);
  add(model.mesh_vert, model.nmeshvert * 3);
  add(model.mesh_normal, model.nmeshnormal * 3);
  add(model.mesh_face, model.nmeshface * 3);
  add(model.mesh_facenormal, model.nmeshface * 3);
  add(model.mesh_texcoord, model.nmeshtexcoord * 2);
  add(model.mesh_facetexcoord, model.nmeshface * 3);
  add(model.mesh_vertadr, model.nmesh);
  add(model.mesh_faceadr, model.nmesh);
  add(model.mesh_normaladr, model.nmesh);
  add(model.mesh_texcoordadr, model.nmesh);
  for (mjtSize g = 0; g < model.ngeom; ++g) {
    if (model.geom_type[g] != mjGEOM_PLANE) continue;
    add(&g, 1);
    add(model.geom_size + 3 * g, 3);
    add(model.geom_matid + g, 1);
  }
  add(&model.vis.quality.shadowsize, 1);
  if (looks != nullptr) hasher.Add(looks->Robot().name);
  return std::stoull(hasher.Hex().substr(0, 16), nullptr, 16);
}

}  // namespace

Scene::Scene(MjModelPtr model, const RobotSpec& robot) : model_(std::move(model)) {
  DIVLA_CHECK(model_ != nullptr, "a Scene needs a compiled model");
  robot_ = Robot::FromModel(robot, *model_);
  visual_assets_hash_ = HashVisualAssets(*model_, nullptr);
  data_ = MjDataPtr(mj_makeData(model_.get()));
  if (!data_) throw MachineError("scene: MuJoCo could not allocate its data (out of memory)");
  Forward();
}

void Scene::Wear(const std::shared_ptr<const RobotLooks>& looks) {
  if (looks->robot != robot_.spec.name) {
    throw InputError("looks: expected those of " + robot_.spec.name + ", found those of " + looks->robot);
  }
  looks_ = std::make_shared<const SceneLooks>(looks, *model_);
  visual_assets_hash_ = HashVisualAssets(*model_, looks_.get());
}

void Scene::SetRobot(const std::vector<double>& action) {
  DIVLA_CHECK(action.size() == robot_.spec.home.size(), "SetRobot needs one number per joint and gripper");
  std::size_t next = 0;
  for (const ArmIndex& arm : robot_.arms) {
    for (std::size_t j = 0; j < arm.joint_ids.size(); ++j, ++next) {
      data_->qpos[arm.qpos_addresses[j]] = action[next];
      data_->qvel[arm.dof_addresses[j]] = 0;
      data_->ctrl[arm.actuator_ids[j]] = action[next];
    }
    const double opening = action[next++];
    const double finger = opening * arm.finger_open;
    for (const auto& finger_geoms : arm.finger_geoms) {
      // Both fingers slide on one joint each; the coupled one has the same travel and direction of opening.
      const int body = model_->geom_bodyid[finger_geoms.front()];
      const int joint = model_->body_jntadr[body];
      data_->qpos[model_->jnt_qposadr[joint]] = finger;
      data_->qvel[model_->jnt_dofadr[joint]] = 0;
    }
    data_->ctrl[arm.gripper_actuator_id] =
        arm.gripper_ctrl_closed + opening * (arm.gripper_ctrl_open - arm.gripper_ctrl_closed);
  }
}

void Scene::SetFreeBody(std::string_view body, const Pose& pose) {
  const int id = BodyId(body);
  const int joint = model_->body_jntadr[id];
  if (model_->body_jntnum[id] != 1 || model_->jnt_type[joint] != mjJNT_FREE) {
    throw InputError("scene: body '" + std::string(body) + "' has no free joint");
  }
  mjtNum* qpos = data_->qpos + model_->jnt_qposadr[joint];
  for (std::size_t i = 0; i < 3; ++i) qpos[i] = pose.position[i];
  for (std::size_t i = 0; i < 4; ++i) qpos[3 + i] = pose.rotation[i];
  mju_zero(data_->qvel + model_->jnt_dofadr[joint], 6);
}

void Scene::Forward() { mj_forward(model_.get(), data_.get()); }

StepStatus Scene::Step(int count) {
  for (int i = 0; i < count; ++i) mj_step(model_.get(), data_.get());
  const auto warned = [&](mjtWarning warning) { return data_->warning[warning].number > 0; };
  if (warned(mjWARN_BADQPOS) || warned(mjWARN_BADQVEL) || warned(mjWARN_BADQACC)) return StepStatus::kDiverged;
  for (mjtSize i = 0; i < model_->nq; ++i) {
    if (!std::isfinite(data_->qpos[i])) return StepStatus::kDiverged;
  }
  return StepStatus::kOk;
}

std::vector<double> Scene::SaveState() const {
  std::vector<double> state(static_cast<std::size_t>(mj_stateSize(model_.get(), mjSTATE_INTEGRATION)));
  mj_getState(model_.get(), data_.get(), state.data(), mjSTATE_INTEGRATION);
  return state;
}

void Scene::RestoreState(const std::vector<double>& state) {
  const auto expected = static_cast<std::size_t>(mj_stateSize(model_.get(), mjSTATE_INTEGRATION));
  if (state.size() != expected) {
    throw InputError("scene state: expected " + std::to_string(expected) + " numbers, found " +
                     std::to_string(state.size()));
  }
  // mj_forward would overwrite the acceleration warm start with a converged one, so it is put back afterwards: the next
  // step then continues exactly as it would have.
  mj_setState(model_.get(), data_.get(), state.data(), mjSTATE_INTEGRATION);
  mj_forward(model_.get(), data_.get());
  mj_setState(model_.get(), data_.get(), state.data(), mjSTATE_INTEGRATION);
}

MjDataPtr Scene::CopyData() const {
  MjDataPtr copy(mj_copyData(nullptr, model_.get(), data_.get()));
  if (!copy) throw MachineError("scene: MuJoCo could not allocate a copy of its data (out of memory)");
  return copy;
}

void Scene::RestoreData(const mjData& data) { mj_copyData(data_.get(), model_.get(), &data); }

int Scene::BodyId(std::string_view name) const { return IdOf(*model_, mjOBJ_BODY, "body", name); }
int Scene::GeomId(std::string_view name) const { return IdOf(*model_, mjOBJ_GEOM, "geom", name); }
int Scene::SiteId(std::string_view name) const { return IdOf(*model_, mjOBJ_SITE, "site", name); }
int Scene::CameraId(std::string_view name) const { return IdOf(*model_, mjOBJ_CAMERA, "camera", name); }

Pose Scene::BodyPose(std::string_view body) const {
  const int id = BodyId(body);
  Pose pose;
  for (std::size_t i = 0; i < 3; ++i) pose.position[i] = data_->xpos[3 * id + static_cast<int>(i)];
  for (std::size_t i = 0; i < 4; ++i) pose.rotation[i] = data_->xquat[4 * id + static_cast<int>(i)];
  return pose;
}

std::array<double, 3> Scene::BodyPosition(int body_id) const {
  const mjtNum* position = data_->xpos + 3 * body_id;
  return {position[0], position[1], position[2]};
}

double Scene::BodySpeed(int body_id) const {
  mjtNum velocity[6];
  mj_objectVelocity(model_.get(), data_.get(), mjOBJ_BODY, body_id, velocity, 0);
  return mju_norm3(velocity + 3);
}

Pose Scene::ToolPose(int arm) const {
  const int site = robot_.arms.at(static_cast<std::size_t>(arm)).tool_site_id;
  Pose pose;
  for (std::size_t i = 0; i < 3; ++i) pose.position[i] = data_->site_xpos[3 * site + static_cast<int>(i)];
  mju_mat2Quat(pose.rotation.data(), data_->site_xmat + 9 * site);
  return pose;
}

double Scene::GripperOpening(int arm) const {
  const ArmIndex& index = robot_.arms.at(static_cast<std::size_t>(arm));
  return data_->qpos[index.finger_qpos_address] / index.finger_open;
}

bool Scene::InSubtree(int body, int root) const {
  while (body > 0 && body != root) body = model_->body_parentid[body];
  return body == root;
}

bool Scene::TouchesFinger(int arm, int finger, int body_id) const {
  const auto& geoms = robot_.arms.at(static_cast<std::size_t>(arm)).finger_geoms[static_cast<std::size_t>(finger)];
  for (int c = 0; c < data_->ncon; ++c) {
    const mjContact& contact = data_->contact[c];
    if (contact.exclude != 0) continue;
    for (int side = 0; side < 2; ++side) {
      const int geom = contact.geom[side];
      const int other = contact.geom[1 - side];
      if (other < 0 || !InSubtree(model_->geom_bodyid[other], body_id)) continue;
      for (const int finger_geom : geoms) {
        if (geom == finger_geom) return true;
      }
    }
  }
  return false;
}

bool Scene::IsGrasped(int arm, int body_id) const {
  return TouchesFinger(arm, 0, body_id) && TouchesFinger(arm, 1, body_id);
}
bool Scene::IsTouched(int arm, int body_id) const {
  return TouchesFinger(arm, 0, body_id) || TouchesFinger(arm, 1, body_id);
}

bool Scene::InContact(int body_a, int body_b) const {
  for (int c = 0; c < data_->ncon; ++c) {
    const mjContact& contact = data_->contact[c];
    if (contact.exclude != 0 || contact.geom[0] < 0 || contact.geom[1] < 0) continue;
    const int first = model_->geom_bodyid[contact.geom[0]];
    const int second = model_->geom_bodyid[contact.geom[1]];
    if ((InSubtree(first, body_a) && InSubtree(second, body_b)) ||
        (InSubtree(first, body_b) && InSubtree(second, body_a))) {
      return true;
    }
  }
  return false;
}

int Scene::WarningCount() const {
  int count = 0;
  for (const mjWarningStat& warning : data_->warning) count += warning.number;
  return count;
}

std::string HashModel(const mjModel& model) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(mj_sizeModel(&model)));
  mj_saveModel(&model, nullptr, bytes.data(), static_cast<int>(bytes.size()));
  return HashHex(bytes.data(), bytes.size());
}

std::string HashState(const Scene& scene) {
  const std::vector<double> state = scene.SaveState();
  return HashHex(state.data(), state.size() * sizeof(double));
}

}  // namespace divla
