#include "policy/check_observation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "sim/check.h"

namespace divla {

void CheckObservation(const Observation& observation, const RobotInterface& robot,
                      const PolicyRequirements& requirements) {
  if (observation.robot != robot.name) {
    throw InputError(fmt::format("observation: robot: expected '{}', found '{}'", robot.name, observation.robot));
  }
  for (const std::string& camera : requirements.cameras) {
    const auto found = observation.images.find(camera);
    if (found == observation.images.end()) {
      std::vector<std::string> names;
      for (const auto& [name, image] : observation.images) names.push_back(name);
      throw InputError(fmt::format("observation: camera '{}': missing, found [{}]", camera, fmt::join(names, ", ")));
    }
    const Image& image = found->second;
    if (image.height != requirements.image_height || image.width != requirements.image_width ||
        image.rgb.size() != image.ByteCount()) {
      throw InputError(fmt::format(
          "observation: camera '{}': expected {}x{} pixels (height x width), found {}x{} with {} bytes", camera,
          requirements.image_height, requirements.image_width, image.height, image.width, image.rgb.size()));
    }
  }
  if (observation.state.size() != robot.state_names.size()) {
    throw InputError(fmt::format("observation: state: expected {} numbers for robot '{}', found {}",
                                 robot.state_names.size(), robot.name, observation.state.size()));
  }
  for (std::size_t i = 0; i < observation.state.size(); ++i) {
    if (!std::isfinite(observation.state[i])) {
      throw InputError(fmt::format("observation: state '{}': expected a finite number, found {}", robot.state_names[i],
                                   observation.state[i]));
    }
  }
}

void CheckReasoningMode(const Query& query, const PolicyInfo& policy) {
  DIVLA_CHECK((query.reasoning == ReasoningMode::kForced) == (query.forced != nullptr),
              "a forced reasoning comes with its mode");
  if (query.reasoning != ReasoningMode::kOwn && !policy.reasons) {
    throw InputError(fmt::format("policy {}: expected one that reasons, to force or withhold its reasoning; found none",
                                 policy.name));
  }
}

void CheckForcedLength(int tokens, int most, const PolicyInfo& policy, const ForcedReasoning& forced) {
  if (tokens <= most) return;
  throw InputError(fmt::format("policy {}: forced reasoning: expected at most {} tokens, found {}: '{}'", policy.name,
                               most, tokens, forced.text));
}

}  // namespace divla
