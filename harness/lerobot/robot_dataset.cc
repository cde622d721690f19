#include "harness/lerobot/robot_dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr const char* kUserRole = "user";
constexpr const char* kAnswerRole = "assistant";
constexpr int kLeastVideo = 16;  // pixels

std::vector<std::string> PerArm(int arms, const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (int arm = 0; arm < arms; ++arm) {
    const std::string prefix = arms == 1 ? "" : arm == 0 ? "left_" : "right_";
    for (const std::string& name : names) all.push_back(prefix + name);
  }
  return all;
}

DatasetFeature Vector(const char* name, std::vector<std::string> names) {
  return {.name = name, .dtype = "float32", .shape = {static_cast<int>(names.size())}, .names = std::move(names)};
}

}  // namespace

std::vector<std::string> ToolNames(int arms) {
  return PerArm(
      arms, {"x", "y", "z", "rotation_00", "rotation_01", "rotation_02", "rotation_10", "rotation_11", "rotation_12"});
}

std::vector<std::string> ToolActionNames(int arms) {
  return PerArm(arms, {"x", "y", "z", "rotation_00", "rotation_01", "rotation_02", "rotation_10", "rotation_11",
                       "rotation_12", "gripper"});
}

DatasetInfo RobotDatasetInfo(const RobotInterface& robot, const DatasetPictures& pictures, bool demonstrations,
                             const std::string& renderer) {
  const auto bad = [](int size) { return size % 2 != 0 || size < kLeastVideo; };
  if (!pictures.png && (bad(pictures.height) || bad(pictures.width))) {
    throw InputError(fmt::format("--render: expected even numbers from {} on for videos (or --images png), found {}x{}",
                                 kLeastVideo, pictures.height, pictures.width));
  }
  DatasetInfo info;
  info.robot_type = robot.name;
  info.renderer = renderer;
  info.features = {Vector(kStateFeature, robot.state_names), Vector(kToolFeature, ToolNames(robot.arms)),
                   Vector(kActionFeature, robot.state_names)};
  for (const std::string& camera : pictures.cameras) {
    info.features.push_back({.name = std::string(kCameraPrefix) + camera,
                             .dtype = pictures.png ? "image" : "video",
                             .shape = {pictures.height, pictures.width, 3},
                             .names = {"height", "width", "channels"}});
  }
  info.features.push_back({.name = "next.reward", .dtype = "float32"});
  for (const char* name : {"next.success", "next.done", "next.truncated"}) {
    info.features.push_back({.name = name, .dtype = "bool"});
  }
  if (demonstrations) {
    info.features.push_back(Vector(kToolActionFeature, ToolActionNames(robot.arms)));
    info.features.push_back({.name = kLabelValidFeature, .dtype = "bool"});
    info.features.push_back({.name = kLabelsFeature, .dtype = "string"});
  }
  if (pictures.language) {
    info.features.push_back({.name = kLanguagePersistent, .dtype = "language"});
    info.features.push_back({.name = kLanguageEvents, .dtype = "language"});
  }
  return info;
}

void SetOutcome(bool last, bool success, bool truncated, DatasetFrame& frame) {
  frame.numbers["next.reward"] = {last && success ? 1.0F : 0.0F};
  frame.flags["next.success"] = last && success;
  frame.flags["next.done"] = last;
  frame.flags["next.truncated"] = last && truncated;
}

void AddPlaces(const std::string& label, const Pixels& pixels, std::vector<LanguageRow>& events) {
  for (const auto& [camera, place] : pixels) {
    if (!place) continue;
    const std::string feature = std::string(kCameraPrefix) + camera;
    const json answer{{"label", label}, {"point_format", "xy"}, {"point", {(*place)[0], (*place)[1]}}};
    events.push_back({kUserRole, "Point to the " + label + ".", kPlaceStyle, 0, feature});
    events.push_back({kAnswerRole, answer.dump(), kPlaceStyle, 0, feature});
  }
}

Pixels PlacesIn(const std::vector<LanguageRow>& events, std::string_view label) {
  Pixels pixels;
  for (const LanguageRow& row : events) {
    if (row.style != kPlaceStyle || row.role != kAnswerRole || !row.camera.starts_with(kCameraPrefix)) continue;
    const json answer = json::parse(row.content, nullptr, false);  // of another program it may be anything
    if (!answer.is_object() || answer.value("label", json()) != json(label)) continue;
    const json point = answer.value("point", json());
    if (!point.is_array() || point.size() != 2 || !point[0].is_number() || !point[1].is_number()) continue;
    const std::array<float, 2> place{point[0].get<float>(), point[1].get<float>()};
    const bool inside = std::all_of(place.begin(), place.end(), [](float value) { return value >= 0 && value <= 1; });
    if (inside) pixels[row.camera.substr(kCameraPrefix.size())] = place;
  }
  return pixels;
}

void AddReasoning(const std::string& reasoning, int frame, int fps, std::vector<LanguageRow>& persistent) {
  if (reasoning.empty() || (!persistent.empty() && persistent.back().content == reasoning)) return;
  persistent.push_back(
      {kAnswerRole, reasoning, kReasoningStyle, static_cast<float>(static_cast<double>(frame) / fps), ""});
}

std::string ReasoningAt(const std::vector<LanguageRow>& persistent, int frame, int fps) {
  const auto now = static_cast<float>(static_cast<double>(frame) / fps);
  const LanguageRow* active = nullptr;
  for (const LanguageRow& row : persistent) {
    if (row.style != kReasoningStyle || row.timestamp > now + 1e-4F) continue;
    if (active == nullptr || row.timestamp >= active->timestamp) active = &row;
  }
  return active == nullptr ? std::string() : active->content;
}

}  // namespace divla
