// Which episode a person wants to see, and who plays it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/agent.h"
#include "harness/control.h"
#include "harness/edits.h"
#include "harness/episode.h"
#include "harness/evaluation.h"
#include "viewer/history.h"

namespace divla {

struct EpisodeChoice {
  EpisodeKey key;
  std::uint64_t seed{1};
  std::string policy{"divla-tiny"};  // as --policy of divla eval
  bool strict{};
  Control control{Control::kNone};
  std::string run;  // of a replay: the run folder; empty for a live episode
};

// "RUN:KEY", an episode of a run folder with the policy, seed and control of that run. Throws InputError, for an unknown
// key with some that are there.
EpisodeChoice ChoiceOfRun(const std::string& replay);

// What tests put in the place of the shipped tasks and policies. Empty: those.
struct SourceOptions {
  TaskLookup find_task;
  std::function<std::unique_ptr<Agent>(const EpisodeChoice&, RendererSource)> make_agent;
};

struct OpenedEpisode {
  std::shared_ptr<EpisodeFacts> facts;  // without what DescribePlay adds
  std::unique_ptr<Agent> agent;
  std::vector<EditsAt> edited;  // of a replay: what a person had changed before it was exported
};

// Draws the episode and loads who plays it; for a replay also the log. The run's own policy plays where it repeats itself
// to the bit, else the log does (viewer/logged_agent.h); another policy plays in its place. A note says what could not be
// had. Throws InputError. `renderer` is kept by the agent.
OpenedEpisode OpenEpisode(const EpisodeChoice& choice, const SourceOptions& options, const RendererSource& renderer);

// Robot, numbers of an action, instructions: what is known once the scene was built and the agent was Reset.
void DescribePlay(const Episode& episode, ActionKind kind, EpisodeFacts& facts);

}  // namespace divla
