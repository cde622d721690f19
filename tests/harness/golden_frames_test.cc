// What the software renderer draws of every registered task, from every camera of its robot, clean and at the highest
// level of every axis that is to be seen, as hashes in tests/golden/frames/<task>.txt: at the start, and after some
// steps of the expert where something else than the robot has changed. DIVLA_REGENERATE=1 writes the files anew. A line
// has the hash of what is uploaded (textures, meshes), the hash of the view (every number that reaches a pixel), and
// those of the pictures. So a mismatch says who is to blame: with equal views it is the renderer, with other views the
// scene was other already (physics, libm, placement, a changed task).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "sim/controller.h"
#include "sim/hash.h"
#include "sim/render/renderer.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"
#include "tasks/variation/apply.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr std::uint64_t kSeed = 20;
constexpr int kExpertSteps = 40;
constexpr std::array<int, 2> kSizes{96, 224};  // pixels

struct Hashes {
  std::string assets, view;
  std::array<std::string, kSizes.size()> pictures;

  bool operator==(const Hashes&) const = default;
};
// By "axis level moment camera".
using Lines = std::map<std::string, Hashes>;

// The clean episode, and the highest level of every axis that claims to be seen.
std::set<std::pair<std::string, int>> AxisLevels(const Task& task) {
  std::set<std::pair<std::string, int>> levels{{"none", 0}};
  const std::set<Claim> seen{Claim::kLooks, Claim::kLights, Claim::kCameras, Claim::kRobotBase, Claim::kObjects};
  for (const Axis* axis : AllAxes()) {
    const AxisSpec& spec = axis->Spec();
    const bool visible =
        std::any_of(spec.claims.begin(), spec.claims.end(), [&](Claim claim) { return seen.contains(claim); });
    if (visible && task.Without(spec.name).empty()) levels.emplace(spec.name, kLevels);
  }
  return levels;
}

void Look(const Scene& scene, const std::string& moment, SceneView& view, Renderer& renderer, Lines& lines) {
  for (const std::string& camera : scene.GetRobot().spec.cameras) {
    const mjvScene& seen = view.Update(scene, scene.CameraId(camera));
    Hashes hashes{.assets = fmt::format("{:016x}", scene.VisualAssetsHash()), .view = HashView(seen), .pictures = {}};
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
      const Image image = renderer.Draw(scene, seen, kSizes[i], kSizes[i]);
      hashes.pictures[i] = HashHex(image.rgb.data(), image.rgb.size());
    }
    lines.emplace(moment + " " + camera, hashes);
  }
}

Lines Draw(const Task& task) {
  const auto renderer = MakeSoftwareRenderer();
  SceneView view;
  Lines lines;
  for (const auto& [axis, level] : AxisLevels(task)) {
    const EpisodePlan plan = DrawEpisode(task, kSeed, {task.Spec().name, axis, level, 0});
    Scene scene = task.Build(plan);
    const std::string cell = fmt::format("{} {} ", axis, level);
    Look(scene, cell + "step_0", view, *renderer, lines);
    if (axis != "none" && axis != "environment_lighting") continue;  // the others stay as they begin
    const std::unique_ptr<Expert> expert = task.MakeExpert(plan);
    for (int step = 0; step < kExpertSteps; ++step) {
      ControlStep(scene, ActionKind::kEndEffectorPose, expert->Act(scene));
    }
    MoveLights(plan, scene);
    Look(scene, cell + fmt::format("step_{}", kExpertSteps), view, *renderer, lines);
  }
  return lines;
}

std::string ToText(const Lines& lines) {
  std::string text = "# axis level moment camera: assets, view, picture 96x96, picture 224x224\n";
  for (const auto& [name, hashes] : lines) {
    text += fmt::format("{} {} {} {} {}\n", name, hashes.assets, hashes.view, hashes.pictures[0], hashes.pictures[1]);
  }
  return text;
}

Lines FromText(std::istream& text) {
  Lines lines;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string axis, level, moment, camera;
    Hashes hashes;
    words >> axis >> level >> moment >> camera >> hashes.assets >> hashes.view >> hashes.pictures[0] >>
        hashes.pictures[1];
    EXPECT_TRUE(words) << "a damaged line: " << line;
    lines.emplace(axis + " " + level + " " + moment + " " + camera, hashes);
  }
  return lines;
}

// Empty when both agree; else what differs, in words.
std::string Difference(const Hashes& expected, const Hashes& found) {
  if (expected == found) return "";
  std::string pictures;
  for (std::size_t i = 0; i < kSizes.size(); ++i) {
    if (expected.pictures[i] != found.pictures[i]) pictures += fmt::format(" {0}x{0}", kSizes[i]);
  }
  pictures = pictures.empty() ? "; the pictures agree all the same" : "; the pictures differ:" + pictures;
  if (expected.assets != found.assets) return "the SCENE differs: other textures, materials or meshes" + pictures;
  if (expected.view != found.view) {
    return "the SCENE differs (physics, libm or the task), not the renderer: view hash expected " + expected.view +
           ", found " + found.view + pictures;
  }
  return "the RENDERER differs: it was given the same view " + expected.view + pictures;
}

class GoldenFrames : public testing::TestWithParam<const Task*> {};

TEST_P(GoldenFrames, AreStillTheSame) {
  const MujocoWarningGuard guard;
  const Task& task = *GetParam();
  const std::filesystem::path file =
      std::filesystem::path(DIVLA_SOURCE_DIR) / "tests" / "golden" / "frames" / (task.Spec().name + ".txt");
  const Lines lines = Draw(task);
  if (std::getenv("DIVLA_REGENERATE") != nullptr) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << ToText(lines);
  }
  std::ifstream stream(file);
  ASSERT_TRUE(stream) << file << " is missing: every task has golden frames; write them with DIVLA_REGENERATE=1";
  const Lines expected = FromText(stream);
  for (const auto& [name, hashes] : lines) {
    const auto known = expected.find(name);
    if (known == expected.end()) {
      ADD_FAILURE() << task.Spec().name << " " << name << " has no golden frame; write it with DIVLA_REGENERATE=1";
      continue;
    }
    const std::string difference = Difference(known->second, hashes);
    EXPECT_TRUE(difference.empty()) << task.Spec().name << " " << name << ": " << difference;
  }
  EXPECT_EQ(expected.size(), lines.size()) << file << " has lines of cameras or levels that are no more";
}

// Cameras and moments must be told apart by their pictures, or equal hashes would say nothing. (An arm that waits may
// leave its wrist camera's picture as it was, so moments are told apart by all cameras together.)
TEST_P(GoldenFrames, TellCamerasAndMomentsApart) {
  const MujocoWarningGuard guard;
  std::map<std::string, std::set<std::string>> moments;
  for (const auto& [name, hashes] : Draw(*GetParam())) {
    for (const std::string& picture : hashes.pictures) {
      EXPECT_TRUE(moments[name.substr(0, name.rfind(' '))].insert(picture).second) << name;
    }
  }
  std::set<std::set<std::string>> different;
  for (const auto& [moment, pictures] : moments) EXPECT_TRUE(different.insert(pictures).second) << moment;
  EXPECT_GE(different.size(), 2U);
}

TEST(GoldenFramesCompare, SaysWhoIsToBlame) {
  const Hashes golden{"a", "v", {"p", "q"}};
  EXPECT_EQ(Difference(golden, golden), "");
  EXPECT_NE(Difference(golden, {"a", "v", {"p", "x"}}).find("RENDERER"), std::string::npos);
  EXPECT_NE(Difference(golden, {"a", "v", {"p", "x"}}).find("224x224"), std::string::npos);
  EXPECT_EQ(Difference(golden, {"a", "v", {"p", "x"}}).find("96x96"), std::string::npos);
  EXPECT_NE(Difference(golden, {"a", "w", {"x", "x"}}).find("SCENE"), std::string::npos);
  EXPECT_NE(Difference(golden, {"a", "w", {"p", "q"}}).find("agree"), std::string::npos);
  EXPECT_NE(Difference(golden, {"b", "v", {"x", "x"}}).find("textures"), std::string::npos);
  std::istringstream text(ToText({{"none 0 step_0 left", golden}}));
  EXPECT_EQ(FromText(text), (Lines{{"none 0 step_0 left", golden}}));
}

INSTANTIATE_TEST_SUITE_P(Tasks, GoldenFrames, testing::ValuesIn(AllTasks()),
                         [](const auto& parameter) { return parameter.param->Spec().name; });

}  // namespace
}  // namespace divla
