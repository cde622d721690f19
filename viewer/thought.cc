#include "viewer/thought.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "viewer/history.h"

namespace divla {
namespace {

constexpr double kTokenTime = 0.12, kDenoisingTime = 0.3;  // s, of a replay
constexpr double kEndTime = 1.0;                           // s, that its last moment stays

int Count(const auto& list) { return static_cast<int>(list.size()); }

// What a token added; where it took something away again (the words that end an answer), nothing.
std::string Added(const Thought& thought, int token) {
  const auto text = [&](int n) -> std::string {
    return n == 0 ? "" : thought.tokens[static_cast<std::size_t>(n) - 1]->so_far.grounded;
  };
  const std::string before = text(token - 1), now = text(token);
  return now.starts_with(before) ? now.substr(before.size()) : "";
}

Attention Mean(const std::vector<std::shared_ptr<const WrittenToken>>& tokens) {
  Attention mean;
  int known = 0;
  for (const auto& token : tokens) {
    if (token->looked.empty()) continue;
    ++known;
    for (const auto& [camera, map] : token->looked) {
      AttentionMap& into = mean[camera];
      if (into.weights.empty()) into = {map.height, map.width, std::vector<float>(map.weights.size(), 0.F)};
      for (std::size_t i = 0; i < map.weights.size(); ++i) into.weights[i] += map.weights[i];
    }
  }
  for (auto& [camera, map] : mean) {
    for (float& weight : map.weights) weight /= static_cast<float>(known);
  }
  return mean;
}

}  // namespace

int LastMoment(const Thought& thought) { return Count(thought.tokens) + Count(thought.denoised); }

Moment MomentOf(const Thought& thought, int moment) {
  const int tokens = std::clamp(moment, 0, Count(thought.tokens));
  return {tokens, std::clamp(moment - tokens, 0, Count(thought.denoised))};
}

std::string Describe(const Thought& thought, int moment) {
  const Moment at = MomentOf(thought, moment);
  if (at.denoised > 0) return fmt::format("denoising step {} of {}", at.denoised, thought.denoising_steps);
  if (at.tokens == 0) return "before the first token";
  return fmt::format("token {} of {}: \"{}\"", at.tokens, thought.tokens.size(), Added(thought, at.tokens));
}

const char* GazeName(Gaze gaze) {
  switch (gaze) {
    case Gaze::kAction:
      return "action tokens";
    case Gaze::kText:
      return "text";
    case Gaze::kToken:
      return "this token";
  }
  return "";
}

Attention LookedAt(const Thought& thought, Gaze gaze, int moment) {
  if (gaze == Gaze::kText) return Mean(thought.tokens);
  const Moment at = MomentOf(thought, moment);
  // While the policy still writes, the end of the text is no end.
  const bool writes = at.denoised == 0 && moment < LastMoment(thought);
  if (gaze == Gaze::kToken && (writes || thought.acted.empty())) {
    return at.tokens == 0 ? Attention() : thought.tokens[static_cast<std::size_t>(at.tokens) - 1]->looked;
  }
  return thought.acted;
}

double PictureShare(const AttentionMap& map) { return std::accumulate(map.weights.begin(), map.weights.end(), 0.0); }

void Leave(ThoughtReplay& replay) {
  replay.moment.reset();
  replay.playing = false;
  replay.clock = 0;
}

void Follow(ThoughtReplay& replay, const std::shared_ptr<const Thought>& shown, double seconds) {
  if (replay.of != shown) {
    Leave(replay);
    replay.of = shown;
  }
  if (!replay.playing || !replay.moment) return;
  replay.clock += seconds;
  const int last = LastMoment(*replay.of);
  while (true) {
    const bool written = *replay.moment >= Count(replay.of->tokens);
    const double lasts = *replay.moment == last ? kEndTime : written ? kDenoisingTime : kTokenTime;
    if (replay.clock < lasts) return;
    replay.clock -= lasts;
    if (*replay.moment == last) return Leave(replay);
    ++*replay.moment;
  }
}

void PlayAgain(ThoughtReplay& replay) {
  if (!replay.of) return;
  replay.playing = !replay.playing;
  if (replay.playing && (!replay.moment || *replay.moment == LastMoment(*replay.of))) replay.moment = 0;
  replay.clock = 0;
}

void GoTo(ThoughtReplay& replay, int moment) {
  if (!replay.of) return;
  Leave(replay);
  if (moment <= LastMoment(*replay.of)) replay.moment = std::max(0, moment);
}

ThoughtRecorder::ThoughtRecorder(int step, const QueryWitness& witness, ThoughtWatcher show)
    : witness_(witness), show_(std::move(show)) {
  thought_.step = step;
  trace_.wrote = [this](const Reasoning& so_far, const Attention& looked) {
    thought_.tokens.push_back(std::make_shared<const WrittenToken>(WrittenToken{so_far, looked}));
    Show();
  };
  trace_.denoised = [this](int, int steps, const ActionChunk& expected) {
    thought_.denoised.push_back(std::make_shared<const ActionChunk>(expected));
    thought_.denoising_steps = steps;
    Show();
  };
}

void ThoughtRecorder::Show() {
  if (!show_) return;
  if (!thought_.pictures && !witness_.observation.images.empty()) {
    thought_.pictures =
        std::make_shared<const CameraPictures>(CameraPictures{thought_.step, witness_.observation.images, true});
  }
  show_(std::make_shared<const Thought>(thought_));
}

std::shared_ptr<const Thought> ThoughtRecorder::Finish() {
  if (thought_.tokens.empty() && thought_.denoised.empty()) return nullptr;
  thought_.acted = std::move(trace_.acted);
  return std::make_shared<const Thought>(thought_);
}

}  // namespace divla
