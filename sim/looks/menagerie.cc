#include "sim/looks/menagerie.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "sim/check.h"
#include "sim/looks/menagerie_files.h"
#include "sim/scene_builder.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRobotFolder = "franka_emika_panda";
constexpr const char* kModelFile = "panda.xml";
constexpr double kSamePlace = 1e-3;  // m, and of a rotation matrix's elements

struct BodyPair {
  const char* theirs;
  const char* ours;
  bool needed;
};
constexpr std::array<BodyPair, 11> kBodies{{{"link0", "panda_link0", true},
                                            {"link1", "panda_link1", true},
                                            {"link2", "panda_link2", true},
                                            {"link3", "panda_link3", true},
                                            {"link4", "panda_link4", true},
                                            {"link5", "panda_link5", true},
                                            {"link6", "panda_link6", true},
                                            {"link7", "panda_link7", true},
                                            {"hand", "panda_hand", false},
                                            {"left_finger", "panda_left_finger", false},
                                            {"right_finger", "panda_right_finger", false}}};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// As the package's _cache.py: models/NAME-VERSION, complete when .complete is in it.
fs::path PackageFolder() {
  if (const std::string root = Variable("MENAGERIE_ROOT"); !root.empty()) return fs::path(root) / kRobotFolder;
  fs::path cache = Variable("MENAGERIE_CACHE_DIR");
  if (cache.empty()) {
    const fs::path caches = Variable("XDG_CACHE_HOME");
    cache = (caches.empty() ? fs::path(Variable("HOME")) / ".cache" : caches) / "mujoco_menagerie";
  }
  std::vector<fs::path> found;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(cache / "models", none)) {
    const bool panda = entry.path().filename().string().starts_with(std::string(kRobotFolder) + "-");
    if (panda && fs::exists(entry.path() / ".complete")) found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  throw InputError(fmt::format(
      "folder {} ({}=package): expected one complete {}-VERSION, found {}{}", (cache / "models").string(),
      kMenagerieVariable, kRobotFolder, found.size(),
      found.empty() ? " (python3 -m mujoco_menagerie path franka_emika_panda fetches it)" : "; name one of them"));
}

MjDataPtr AtZero(const mjModel& model) {
  MjDataPtr data(mj_makeData(&model));
  if (!data) throw MachineError("looks of panda: MuJoCo could not allocate its data (out of memory)");
  mj_kinematics(&model, data.get());
  return data;
}

struct Place {
  mjtNum position[3], rotation[9];
};

// Of a body in the frame of another.
Place Between(const mjData& data, int base, int body) {
  Place place{};
  mjtNum away[3];
  mju_sub3(away, data.xpos + 3 * body, data.xpos + 3 * base);
  mju_mulMatTVec3(place.position, data.xmat + 9 * base, away);
  mju_mulMatTMat(place.rotation, data.xmat + 9 * base, data.xmat + 9 * body, 3, 3, 3);
  return place;
}

// The same arm: with all joints at zero every body stands where ours does. Fingers and hands of other grippers would not.
void RequireSameArm(const fs::path& file, const mjModel& theirs) {
  const fs::path own_file = AssetsDir() / FindRobot("panda").model_file;
  char error[1024] = "";
  const MjModelPtr ours(mj_loadXML(own_file.c_str(), nullptr, error, sizeof error));
  if (!ours) throw InputError("file " + own_file.string() + ": " + error);
  const MjDataPtr their_data = AtZero(theirs), our_data = AtZero(*ours);
  const int their_base = mj_name2id(&theirs, mjOBJ_BODY, kBodies[0].theirs);
  const int our_base = mj_name2id(ours.get(), mjOBJ_BODY, kBodies[0].ours);
  for (const BodyPair& pair : kBodies) {
    const int their_body = mj_name2id(&theirs, mjOBJ_BODY, pair.theirs);
    if (their_body < 0) continue;
    const Place there = Between(*their_data, their_base, their_body);
    const Place here = Between(*our_data, our_base, mj_name2id(ours.get(), mjOBJ_BODY, pair.ours));
    bool same = true;
    for (int k = 0; k < 3; ++k) same = same && mju_abs(there.position[k] - here.position[k]) < kSamePlace;
    for (int k = 0; k < 9; ++k) same = same && mju_abs(there.rotation[k] - here.rotation[k]) < kSamePlace;
    if (same) continue;
    const auto text = [](const Place& p) {
      return fmt::format("({:.4f}, {:.4f}, {:.4f})", p.position[0], p.position[1], p.position[2]);
    };
    RefuseLooks(
        file,
        fmt::format("body '{}' where our Panda has it, at {} from '{}'", pair.theirs, text(here), kBodies[0].theirs),
        text(there) + " or another orientation");
  }
}

// What MuJoCo shows of the model by default, at rest.
std::vector<LooksGeom> ShownGeoms(const fs::path& file, const mjModel& model) {
  const MjDataPtr data = AtZero(model);
  mjvOption option;
  mjv_defaultOption(&option);
  mjvCamera camera;
  mjv_defaultCamera(&camera);
  mjvScene view;
  mjv_defaultScene(&view);
  mjv_makeScene(&model, &view, static_cast<int>(model.ngeom) + 1000);
  mjv_updateScene(&model, data.get(), &option, nullptr, &camera, mjCAT_ALL, &view);
  const std::vector<mjvGeom> shown(view.geoms, view.geoms + view.ngeom);
  mjv_freeScene(&view);
  std::vector<LooksGeom> geoms;
  for (const BodyPair& pair : kBodies) {
    const int body = mj_name2id(&model, mjOBJ_BODY, pair.theirs);
    const std::size_t before = geoms.size();
    for (const mjvGeom& geom : shown) {
      if (body < 0 || geom.objtype != mjOBJ_GEOM || model.geom_bodyid[geom.objid] != body) continue;
      const int material = model.geom_matid[geom.objid];
      if (material >= 0 && model.mat_texid[material * mjNTEXROLE + mjTEXROLE_RGB] >= 0) {
        RefuseLooks(file, "materials without textures", fmt::format("one with a texture on body '{}'", pair.theirs));
      }
      LooksGeom& look = geoms.emplace_back();
      look.body = pair.ours;
      look.shown = geom;
      mju_copy3(look.position, model.geom_pos + 3 * geom.objid);
      mju_quat2Mat(look.rotation, model.geom_quat + 4 * geom.objid);
    }
    if (pair.needed && geoms.size() == before) {
      RefuseLooks(file, fmt::format("visible geoms of a body '{}'", pair.theirs), body < 0 ? "no such body" : "none");
    }
  }
  return geoms;
}

}  // namespace

std::optional<fs::path> MenagerieFolder() {
  const char* named = std::getenv(kMenagerieVariable);
  const std::string value = named != nullptr ? named : DIVLA_MENAGERIE_DEFAULT;
  if (value.empty() || value == "off") return std::nullopt;
  if (value == "package") return PackageFolder();
  const fs::path folder = value;
  if (fs::exists(folder / kRobotFolder / kModelFile)) return folder / kRobotFolder;
  if (fs::exists(folder / kModelFile)) return folder;
  throw InputError(fmt::format("folder {} ({}): expected {} or {}/{} in it, found {}", folder.string(),
                               kMenagerieVariable, kModelFile, kRobotFolder, kModelFile,
                               fs::is_directory(folder) ? "neither" : "no such folder"));
}

std::shared_ptr<const RobotLooks> LoadMenagerie(const fs::path& folder) {
  const fs::path file = fs::absolute(folder) / kModelFile;
  if (!fs::is_regular_file(file)) RefuseLooks(file, "Menagerie's model of the Panda", "no such file");
  char error[1024] = "";
  const MjSpecPtr spec(mj_parseXML(file.c_str(), nullptr, error, sizeof error));
  if (!spec) RefuseLooks(file, "a model that MuJoCo can read", error);
  const std::string hash = HashLooksFiles(file, *spec);
  MjModelPtr model(mj_compile(spec.get(), nullptr));
  if (!model) RefuseLooks(file, "a model that MuJoCo can compile", mjs_getError(spec.get()));
  auto looks = std::make_shared<RobotLooks>();
  looks->robot = "panda";
  looks->name = "panda of mujoco_menagerie " + hash;
  looks->geoms = ShownGeoms(file, *model);
  RequireSameArm(file, *model);
  looks->model = std::move(model);
  return looks;
}

std::shared_ptr<const RobotLooks> LooksInUse() {
  const std::optional<fs::path> folder = MenagerieFolder();
  if (!folder) return nullptr;
  static std::mutex mutex;
  static std::map<fs::path, std::shared_ptr<const RobotLooks>> loaded;
  const std::lock_guard lock(mutex);
  std::shared_ptr<const RobotLooks>& looks = loaded[*folder];
  if (!looks) looks = LoadMenagerie(*folder);
  return looks;
}

std::string LooksInUseName() {
  const auto looks = LooksInUse();
  return looks ? looks->name : "";
}

}  // namespace divla
