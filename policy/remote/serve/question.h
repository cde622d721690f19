// From a client's message to a question for the policy. The keys are those of policy/remote/native_keys.h, or openpi's
// for ALOHA where the robot has its layout. Throws InputError whose text the client gets to read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/policy.h"
#include "policy/remote/wire/value.h"

namespace divla::serve {

// A key of an observation that only the server knows: a run's seed; the episode's key then stands in `episode`.
inline constexpr const char* kRunSeed = "run_seed";

// A robot that the policy knows.
struct ServedBody {
  RobotInterface robot;
  PolicyRequirements wants;
  int chunk{};                                                           // steps of an answer
  std::function<std::vector<float>(std::span<const float> state)> tool;  // as ServedRobot::tool
};

struct ClientQuestion {
  const ServedBody* body{};  // one of those given
  Observation observation;   // fits the body
  // What the client says about its episode; what it leaves out is counted for it.
  std::optional<std::uint64_t> noise_seed;
  std::optional<int> query_number;
  std::optional<std::string> episode;  // a name: another one than before begins a new episode
  bool reset{};                        // begins a new episode
  ReasoningMode reasoning{ReasoningMode::kOwn};
  std::optional<ForcedReasoning> forced;
};

ClientQuestion ReadQuestion(const WireValue& message, const std::vector<ServedBody>& bodies);

// Whether ALOHA's keys say all about this robot: two arms of six joints and a gripper each, answers in joint positions.
bool SpeaksAloha(const ServedBody& body);

}  // namespace divla::serve
