// The native profile (policy/remote/native_keys.h): what our policies are told, in our units.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "policy/remote/client/profile.h"
#include "policy/remote/client/profile_parts.h"
#include "policy/remote/native_keys.h"
#include "policy/remote/wire/utf8.h"
#include "sim/check.h"

namespace divla {
namespace {

constexpr int kMostPixels = 4096;
constexpr int kMostActionSteps = 1000;

// Asks the entries of the metadata by type; errors name them.
class Fields {
 public:
  Fields(const WireValue& map, std::string where) : map_(map), where_(std::move(where)) {
    if (map.AsMap() == nullptr) throw InputError(fmt::format("{}: expected a map, found {}", where_, map.KindName()));
  }

  const WireValue* Find(const char* key) const { return map_.Find(key); }
  [[noreturn]] void Fail(const char* key, const char* expected) const {
    const WireValue* found = Find(key);
    throw InputError(
        fmt::format("{}.{}: expected {}, found {}", where_, key, expected, found ? found->KindName() : "none"));
  }
  std::string Text(const char* key) const {
    const WireValue* found = Find(key);
    if (found == nullptr) return {};
    if (found->AsText() == nullptr) Fail(key, "text");
    return OneLine(*found->AsText(), 200);
  }
  bool Bool(const char* key) const {
    const WireValue* found = Find(key);
    if (found == nullptr) return false;
    if (found->AsBool() == nullptr) Fail(key, "true or false");
    return *found->AsBool();
  }
  static std::optional<int> Int(const WireValue& value, int low, int high) {
    const std::int64_t* number = value.AsInt();
    if (number == nullptr || *number < low || *number > high) return std::nullopt;
    return static_cast<int>(*number);
  }

 private:
  const WireValue& map_;
  std::string where_;
};

PolicyRequirements ReadRobot(const WireValue& value, const std::string& where) {
  const Fields fields(value, where);
  PolicyRequirements wants;
  const WireValue* cameras = fields.Find(native::kCameras);
  if (cameras == nullptr || cameras->AsArray() == nullptr) fields.Fail(native::kCameras, "an array of names");
  for (const WireValue& camera : *cameras->AsArray()) {
    if (camera.AsText() == nullptr) fields.Fail(native::kCameras, "an array of names");
    wants.cameras.push_back(*camera.AsText());
  }
  wants.image_height = wants.image_width = native::kDefaultImageSize;
  if (const WireValue* size = fields.Find(native::kImageSize)) {
    const WireValue::Array* two = size->AsArray();
    const bool good = two != nullptr && two->size() == 2 && Fields::Int((*two)[0], 1, kMostPixels) &&
                      Fields::Int((*two)[1], 1, kMostPixels);
    if (!good) fields.Fail(native::kImageSize, "[height, width] in pixels from 1 to 4096");
    wants.image_height = *Fields::Int((*two)[0], 1, kMostPixels);
    wants.image_width = *Fields::Int((*two)[1], 1, kMostPixels);
  }
  const std::string kind = fields.Text(native::kActionKind);
  if (kind == native::kEndEffectorPose) {
    wants.action_kind = ActionKind::kEndEffectorPose;
  } else if (!kind.empty() && kind != native::kJointPosition) {
    fields.Fail(native::kActionKind, "joint_position or end_effector_pose");
  }
  wants.n_action_steps = native::kDefaultActionSteps;
  if (const WireValue* steps = fields.Find(native::kActionSteps)) {
    const std::optional<int> number = Fields::Int(*steps, 1, kMostActionSteps);
    if (!number) fields.Fail(native::kActionSteps, "a number from 1 to 1000");
    wants.n_action_steps = *number;
  }
  return wants;
}

class NativeProfile final : public Profile {
 public:
  NativeProfile(const RemoteOptions& options, const WireValue& metadata, const std::string& source)
      : options_(options), source_(source) {
    const WireValue* divla = metadata.Find(native::kDivla);
    if (divla == nullptr) return;
    const std::string where = source + ": metadata." + native::kDivla;
    const Fields fields(*divla, where);
    const WireValue* version = fields.Find(native::kVersionKey);
    if (version == nullptr || version->AsInt() == nullptr || *version->AsInt() != native::kVersion) {
      fields.Fail(native::kVersionKey, "1");
    }
    weights_ = fields.Text(native::kWeights);
    reasons_ = fields.Bool(native::kReasons);
    const WireValue* robots = fields.Find(native::kRobots);
    if (robots == nullptr || robots->AsMap() == nullptr) fields.Fail(native::kRobots, "a map of robots");
    robots_.emplace();
    for (const WireEntry& entry : *robots->AsMap()) {
      robots_->emplace(entry.key, ReadRobot(entry.value, where + "." + native::kRobots + "." + OneLine(entry.key, 60)));
    }
  }

  bool Reasons() const override { return reasons_; }
  std::string WeightsSha256() const override { return weights_; }

  PolicyRequirements Requirements(const RobotInterface& robot) const override {
    PolicyRequirements wants;
    if (robots_) {
      const auto found = robots_->find(robot.name);
      if (found == robots_->end()) {
        std::vector<std::string> known;
        for (const auto& [name, unused] : *robots_) known.push_back(OneLine(name, 60));
        throw InputError(fmt::format("{}: expected a policy for robot '{}', found one for [{}]", source_, robot.name,
                                     fmt::join(known, ", ")));
      }
      wants = found->second;
      for (const std::string& camera : wants.cameras) {
        if (std::find(robot.cameras.begin(), robot.cameras.end(), camera) == robot.cameras.end()) {
          throw InputError(fmt::format("{}: metadata: cameras of {}: expected some of [{}], found '{}'", source_,
                                       robot.name, fmt::join(robot.cameras, ", "), OneLine(camera, 60)));
        }
      }
    } else {
      wants.cameras = robot.cameras;
      wants.image_height = wants.image_width = native::kDefaultImageSize;
      wants.n_action_steps = native::kDefaultActionSteps;
    }
    if (options_.action_steps > 0) wants.n_action_steps = options_.action_steps;
    return wants;
  }

  WireValue Request(const RobotInterface& robot, const Query& query) const override {
    const Observation& observation = *query.observation;
    WireValue images = WireValue::OfMap();
    for (const std::string& camera : Requirements(robot).cameras) {
      images.Set(camera, PictureHwc(observation.images.at(camera)));
    }
    WireValue request = WireValue::OfMap();
    request.Set(native::kRobot, TextValue(robot.name));
    request.Set(native::kImages, std::move(images));
    request.Set(native::kState, FloatArray(observation.state));
    request.Set(native::kTool, FloatArray(observation.tool));
    request.Set(native::kPrompt, TextValue(observation.instruction));
    request.Set(native::kTime, WireValue::Double(observation.time));
    request.Set(native::kStep, WireValue::Int(std::lround(observation.time / kControlPeriod)));
    request.Set(native::kReset, WireValue::Bool(query.query_number == 0));
    request.Set(native::kQuery, WireValue::Int(query.query_number));
    request.Set(native::kSeed, WireValue::Uint(query.noise_seed));
    request.Set(native::kEpisode, WireValue::Int(query.episode));
    if (query.reasoning == ReasoningMode::kWithheld) {
      request.Set(native::kReasoningMode, TextValue(native::kWithheld));
    } else if (query.reasoning == ReasoningMode::kForced) {
      request.Set(native::kReasoningMode, TextValue(native::kForced));
      request.Set(native::kForcedReasoning, TextValue(query.forced->text));
      WireValue pixels = WireValue::OfMap();
      for (const auto& [camera, pixel] : query.forced->pixels) {
        pixels.Set(camera, pixel ? WireValue::OfArray({WireValue::Double(static_cast<double>((*pixel)[0])),
                                                       WireValue::Double(static_cast<double>((*pixel)[1]))})
                                 : WireValue());
      }
      request.Set(native::kForcedPixels, std::move(pixels));
    }
    return request;
  }

  ActionChunk Actions(const RobotInterface& robot, const Observation&, const std::vector<double>& values, int steps,
                      int dim) const override {
    const ActionKind kind = Requirements(robot).action_kind;
    RequireDim("native", robot.ActionDim(kind), dim);
    ActionChunk chunk{kind, steps, dim, {}};
    chunk.values.assign(values.begin(), values.end());
    return chunk;
  }

 private:
  RemoteOptions options_;
  std::string source_;
  std::string weights_;
  bool reasons_{};
  std::optional<std::map<std::string, PolicyRequirements>> robots_;  // absent: the server does not say
};

}  // namespace

std::unique_ptr<Profile> MakeNativeProfile(const RemoteOptions& options, const WireValue& metadata,
                                           const std::string& source) {
  if (options.action_hz != 0 && options.action_hz != 20) {
    throw InputError(fmt::format("--action-hz: profile native: expected 20, found {}", options.action_hz));
  }
  return std::make_unique<NativeProfile>(options, metadata, source);
}

}  // namespace divla
