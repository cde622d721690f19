#include "harness/control.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/reasoning_score.h"
#include "sim/check.h"
#include "sim/observe.h"

namespace divla {
namespace {

Rng Stream(const EpisodePlan& plan, const char* name) {
  const EpisodeKey& key = plan.key;
  return Rng({plan.seed, key.task, key.axis, key.level, key.index, name});
}

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// The words in another order than theirs; unchanged when there is none.
std::string Shuffled(const std::string& text, Rng rng) {
  std::vector<std::string> words = Words(text);
  if (std::all_of(words.begin(), words.end(), [&](const std::string& word) { return word == words.front(); })) {
    return text;
  }
  const std::vector<std::string> before = words;
  while (words == before) rng.Shuffle(words);
  return fmt::format("{}", fmt::join(words, " "));
}

// Another instruction of the scene: about another object where there is one, else about another destination.
std::optional<Alternative> DrawOther(const EpisodePlan& plan, const GroundTruth& truth,
                                     const std::vector<Alternative>& all) {
  std::vector<const Alternative*> objects, destinations;
  for (const Alternative& other : all) {
    if (other.truth.object_body != truth.object_body) {
      objects.push_back(&other);
    } else if (other.truth.destination_body != truth.destination_body) {
      destinations.push_back(&other);
    }
  }
  const auto& choice = objects.empty() ? destinations : objects;
  if (choice.empty()) return std::nullopt;
  Rng rng = Stream(plan, "control-other");
  return *choice[static_cast<std::size_t>(rng.Int(static_cast<int>(choice.size())))];
}

ForcedReasoning Forced(const GroundTruth& truth, const Scene& scene, const std::vector<std::string>& cameras,
                       double aspect) {
  ForcedReasoning forced{truth.text, {}};
  for (const std::string& camera : cameras) {
    const auto uv = ProjectPoint(scene, scene.CameraId(camera), truth.object_position, aspect);
    auto& pixel = forced.pixels[camera];
    if (uv) pixel = {static_cast<float>((*uv)[0]), static_cast<float>((*uv)[1])};
  }
  return forced;
}

// The truth that belongs to the other words now: it moves on with the episode as the plain truth does.
std::optional<GroundTruth> OtherTruth(const ControlPlan& control, const Task& task, const EpisodePlan& plan,
                                      const Scene& scene) {
  for (const Alternative& other : task.Alternatives(scene, plan)) {
    if (other.truth.object_body == control.object && other.truth.destination_body == control.destination) {
      return other.truth;
    }
  }
  return std::nullopt;
}

}  // namespace

const std::vector<ControlInfo>& Controls() {
  static const std::vector<ControlInfo> controls = {
      {Control::kBlankInstruction, "blank_instruction", "the empty instruction: can the scene be guessed?"},
      {Control::kShuffledInstruction, "shuffled_instruction", "the instruction's words in another order"},
      {Control::kWrongInstruction, "wrong_instruction",
       "an instruction of the same scene about another object or place"},
      {Control::kFrozenCameras, "frozen_cameras", "every query gets the pictures of the first one"},
      {Control::kNoInjection, "no_injection", "the reasoning is written but does not modulate the action head"},
      {Control::kOracleReasoning, "oracle_reasoning", "the true reasoning of each moment is put into its mouth"},
      {Control::kWrongReasoning, "wrong_reasoning", "the reasoning that belongs to another instruction is"},
      {Control::kExpert, "expert", "the scripted expert plays: the ceiling"},
      {Control::kRandom, "random", "a random walk plays: the floor"},
  };
  return controls;
}

const char* ToString(Control control) {
  for (const ControlInfo& info : Controls()) {
    if (info.control == control) return info.name.c_str();
  }
  return "none";
}

Control ControlNamed(const std::string& name, const std::string& where) {
  std::vector<std::string> names;
  for (const ControlInfo& info : Controls()) {
    if (info.name == name) return info.control;
    names.push_back(info.name);
  }
  throw InputError(fmt::format("{}: expected one of {}, found '{}'", where, fmt::join(names, ", "), name));
}

bool NeedsReasoning(Control control) {
  return control == Control::kNoInjection || control == Control::kOracleReasoning ||
         control == Control::kWrongReasoning;
}

bool HasOtherWords(Control control) {
  return control == Control::kWrongInstruction || control == Control::kWrongReasoning;
}

ControlPlan DrawControl(Control control, const EpisodePlan& plan, const GroundTruth& truth,
                        const std::vector<Alternative>& alternatives) {
  ControlPlan drawn;
  drawn.control = control;
  if (control == Control::kNone) return drawn;
  drawn.applies = true;
  drawn.target = truth.object_body;
  if (control == Control::kShuffledInstruction) {
    drawn.instruction = Shuffled(plan.instruction, Stream(plan, "control-shuffle"));
    drawn.applies = drawn.instruction != plan.instruction;
  }
  if (HasOtherWords(control)) {
    const auto other = DrawOther(plan, truth, alternatives);
    drawn.applies = other.has_value();
    if (other) {
      if (control == Control::kWrongInstruction) drawn.instruction = other->instruction;
      drawn.object = other->truth.object_body;
      drawn.destination = other->truth.destination_body;
      drawn.required = other->truth.required;
    }
  }
  return drawn;
}

const std::string& GivenInstruction(const ControlPlan& control, const EpisodePlan& plan) {
  const bool other = control.control == Control::kBlankInstruction ||
                     control.control == Control::kShuffledInstruction || control.control == Control::kWrongInstruction;
  return other && control.applies ? control.instruction : plan.instruction;
}

std::optional<ForcedReasoning> ForcedNow(const ControlPlan& control, const Task& task, const EpisodePlan& plan,
                                         const Scene& scene, const std::vector<std::string>& cameras, double aspect) {
  if (!control.applies) return std::nullopt;
  if (control.control == Control::kOracleReasoning) return Forced(task.Truth(scene, plan), scene, cameras, aspect);
  if (control.control != Control::kWrongReasoning) return std::nullopt;
  // After an intervention the other words may be what the episode is about now: then nothing is wrong about them.
  const auto truth = OtherTruth(control, task, plan, scene);
  if (!truth) return std::nullopt;
  return Forced(*truth, scene, cameras, aspect);
}

ControlRecord ScoreControl(const ControlPlan& control, const std::vector<std::string>& held,
                           const std::vector<std::string>& texts, bool goal_of_words) {
  ControlRecord record;
  record.name = ToString(control.control);
  record.applies = control.applies;
  record.target = control.target;
  int run = 0;
  for (std::size_t t = 0; t < held.size() && record.acted_on.empty(); ++t) {
    run = !held[t].empty() && t > 0 && held[t] == held[t - 1] ? run + 1 : held[t].empty() ? 0 : 1;
    if (run >= kActedSteps) record.acted_on = held[t];
  }
  if (!control.applies || !HasOtherWords(control.control)) return record;
  record.object = control.object;
  record.destination = control.destination;
  record.reached = goal_of_words;
  record.said = static_cast<int>(std::count_if(
      texts.begin(), texts.end(), [&](const std::string& text) { return NamesAll(text, control.required); }));
  return record;
}

}  // namespace divla
