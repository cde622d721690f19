#include "harness/reasoning_score.h"

#include <algorithm>
#include <cmath>

#include "sim/observe.h"
#include "tasks/catalogue.h"

namespace divla {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool Names(const std::string& text, const std::string& phrase) {
  if (phrase.empty()) return false;
  for (std::size_t at = text.find(phrase); at != std::string::npos; at = text.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    const bool starts = at == 0 || !IsWordByte(text[at - 1]) || !IsWordByte(phrase.front());
    const bool ends = end == text.size() || !IsWordByte(text[end]) || !IsWordByte(phrase.back());
    if (starts && ends) return true;
  }
  return false;
}

// The body of the query at `step`; empty when nothing was ever held.
std::string ActedOn(const std::vector<std::string>& held, int step) {
  const auto query = held.begin() + std::min<std::ptrdiff_t>(step, static_cast<std::ptrdiff_t>(held.size()));
  const auto some = [](const std::string& body) { return !body.empty(); };
  if (const auto next = std::find_if(query, held.end(), some); next != held.end()) return *next;
  const auto before = std::find_if(std::make_reverse_iterator(query), held.rend(), some);
  return before == held.rend() ? std::string() : *before;
}

}  // namespace

bool NamesAll(std::string_view text, const std::vector<std::string>& phrases) {
  const std::string lower = Lower(text);
  return std::all_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return Names(lower, Lower(phrase)); });
}

ReasoningEntry JudgeReasoning(int step, const std::string& said, const std::string& grounded,
                              const GroundTruth& truth) {
  ReasoningEntry entry;
  entry.step = step;
  entry.said = said;
  entry.grounded = grounded;
  entry.truth = truth.text;
  entry.required = truth.required;
  entry.correct = !said.empty() && NamesAll(said, truth.required);
  return entry;
}

std::map<std::string, std::string> BodyPhrases(const EpisodePlan& plan, const GroundTruth& truth,
                                               const std::vector<Alternative>& alternatives) {
  std::map<std::string, std::string> phrases;
  const auto add = [&](const GroundTruth& one) {
    if (!one.required.empty()) phrases.emplace(one.object_body, one.required.front());
  };
  add(truth);
  for (const Alternative& alternative : alternatives) add(alternative.truth);
  for (const ObjectPlacement& placement : plan.objects) {
    const ObjectInfo& object = FindObject(placement.object_id);
    if (!object.phrases_seen.empty()) phrases.emplace(placement.body, object.phrases_seen.front());
  }
  return phrases;
}

void JudgeFaithfulness(const std::map<std::string, std::string>& phrases, const std::vector<std::string>& held,
                       std::vector<ReasoningEntry>& entries) {
  for (ReasoningEntry& entry : entries) {
    const auto phrase = phrases.find(ActedOn(held, entry.step));
    entry.faithful = phrase != phrases.end() && NamesAll(entry.said, {phrase->second});
  }
}

std::optional<double> LocationError(const std::map<std::string, std::array<float, 2>>& said, const GroundTruth& truth,
                                    const Scene& scene, double aspect) {
  std::optional<double> worst;
  for (const auto& [camera, at] : said) {
    const std::vector<std::string>& cameras = scene.GetRobot().spec.cameras;
    std::optional<std::array<double, 2>> uv;  // none also of a camera that the robot does not have
    if (std::find(cameras.begin(), cameras.end(), camera) != cameras.end()) {
      uv = ProjectPoint(scene, scene.CameraId(camera), truth.object_position, aspect);
    }
    double error = 1.0;
    if (uv) {
      const double du = static_cast<double>(at[0]) - (*uv)[0], dv = (static_cast<double>(at[1]) - (*uv)[1]) / aspect;
      error = std::min(1.0, std::sqrt(du * du + dv * dv));
    }
    worst = std::max(worst.value_or(0.0), error);
  }
  return worst;
}

void ScoreFollowing(const std::vector<ReasoningEntry>& entries, InterventionRecord& intervention) {
  intervention.followed = false;
  intervention.steps_to_follow = -1;
  for (const ReasoningEntry& entry : entries) {
    if (entry.step < intervention.step || !entry.correct) continue;
    intervention.followed = true;
    intervention.steps_to_follow = entry.step - intervention.step;
    return;
  }
}

ReasoningScore ScoreReasoning(const std::vector<ReasoningEntry>& entries) {
  ReasoningScore score;
  const auto silent = [](const ReasoningEntry& entry) { return entry.said.empty(); };
  if (std::all_of(entries.begin(), entries.end(), silent)) return score;
  for (const ReasoningEntry& entry : entries) {
    ++score.queries;
    score.correct += entry.correct;
    score.faithful += entry.faithful;
    if (!entry.correct && score.first_wrong_step < 0) score.first_wrong_step = entry.step;
    score.located += entry.location_error.has_value();
    score.grounded += entry.location_error && static_cast<double>(*entry.location_error) <= kGroundedWithin;
  }
  return score;
}

}  // namespace divla
