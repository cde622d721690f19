#include "sim/scene_builder.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

#include "sim/check.h"

namespace divla {
namespace {

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

Scene SceneBuilder::Build() {
  MjModelPtr model(mj_compile(spec_.get(), nullptr));
  if (!model) throw InputError("scene file " + name_ + ": " + mjs_getError(spec_.get()));
  if (mjs_numWarnings(spec_.get()) > 0) {
    throw InputError("scene file " + name_ + ": compiler warning: " + mjs_getWarning(spec_.get(), 0));
  }
  return Scene(std::move(model), robot_);
}

}  // namespace divla
