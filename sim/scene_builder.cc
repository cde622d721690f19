#include "sim/scene_builder.h"

#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "sim/check.h"
#include "sim/looks/menagerie.h"

namespace divla {
namespace {

constexpr double kPlinthHalf = 0.10;  // m, a little wider than either robot's foot

// Scene and robot are parsed as one document. (MuJoCo's attach would do too, but warns about an empty name prefix, and
// with a prefix the robot's names would depend on how it got into the scene.)
MjSpecPtr Parse(const std::filesystem::path& scene_file, const std::filesystem::path& robot_file) {
  for (const std::filesystem::path& file : {scene_file, robot_file}) {
    if (!std::filesystem::exists(file)) throw InputError("scene file " + file.string() + ": cannot be opened");
  }
  const std::string document = "<mujoco><include file=\"" + std::filesystem::absolute(scene_file).string() +
                               "\"/><include file=\"" + std::filesystem::absolute(robot_file).string() +
                               "\"/></mujoco>";
  char error[1024] = "";
  MjSpecPtr spec(mj_parseXMLString(document.c_str(), nullptr, error, sizeof error));
  if (!spec) throw InputError("scene file " + scene_file.string() + " with " + robot_file.string() + ": " + error);
  // Our scenes are small: starting MuJoCo's compiler threads costs more than they save, and workers compile side by
  // side anyway.
  spec->compiler.usethread = 0;
  return spec;
}

// Parsing XML costs about as much as compiling, and every episode needs the same few files: they are parsed once and
// copied.
MjSpecPtr ParseCached(const std::filesystem::path& scene_file, const std::filesystem::path& robot_file) {
  static std::mutex mutex;
  static std::map<std::pair<std::filesystem::path, std::filesystem::path>, MjSpecPtr> parsed;
  const std::lock_guard lock(mutex);
  auto found = parsed.find({scene_file, robot_file});
  if (found == parsed.end())
    found = parsed.emplace(std::pair{scene_file, robot_file}, Parse(scene_file, robot_file)).first;
  MjSpecPtr copy(mj_copySpec(found->second.get()));
  DIVLA_CHECK(copy != nullptr, "MuJoCo could not copy a spec");
  return copy;
}

}  // namespace

std::filesystem::path AssetsDir() {
  if (const char* named = std::getenv("DIVLA_ASSETS")) return named;
  return DIVLA_ASSETS_DIR;
}

SceneBuilder::SceneBuilder(const std::filesystem::path& scene_file, const RobotSpec& robot)
    : name_(scene_file.string()), spec_(ParseCached(scene_file, AssetsDir() / robot.model_file)), robot_(robot) {}

mjsBody* SceneBuilder::World() { return mjs_findBody(spec_.get(), "world"); }

void SceneBuilder::RaiseRobot(double height) {
  for (const std::string& name : robot_.bases) {
    mjsBody* base = mjs_findBody(spec_.get(), name.c_str());
    if (base == nullptr) throw InputError("robot " + robot_.name + ": the model has no body named '" + name + "'");
    base->pos[2] += height;
    // Drawn only: nothing comes near it, and without contacts the physics is that of the robot where it stands.
    mjsGeom* plinth = mjs_addGeom(World(), nullptr);
    plinth->type = mjGEOM_BOX;
    const double size[3] = {kPlinthHalf, kPlinthHalf, height / 2};
    const float colour[4] = {0.24F, 0.25F, 0.27F, 1.0F};
    for (int i = 0; i < 3; ++i) plinth->size[i] = size[i];
    for (int i = 0; i < 2; ++i) plinth->pos[i] = base->pos[i];
    plinth->pos[2] = height / 2;
    for (int i = 0; i < 4; ++i) plinth->rgba[i] = colour[i];
    plinth->contype = 0;
    plinth->conaffinity = 0;
    plinth->group = 2;
  }
}

Scene SceneBuilder::Build() {
  MjModelPtr model(mj_compile(spec_.get(), nullptr));
  if (!model) throw InputError("scene file " + name_ + ": " + mjs_getError(spec_.get()));
  if (mjs_numWarnings(spec_.get()) > 0) {
    throw InputError("scene file " + name_ + ": compiler warning: " + mjs_getWarning(spec_.get(), 0));
  }
  Scene scene(std::move(model), robot_);
  const std::shared_ptr<const RobotLooks> looks = LooksInUse();
  if (looks && looks->robot == robot_.name) scene.Wear(looks);
  return scene;
}

}  // namespace divla
