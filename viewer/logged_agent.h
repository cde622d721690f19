// The agent of a replay whose policy need not repeat itself: a checkpoint answers a little differently in another batch
// (PolicyOptions::strict), and the viewer asks one episode at a time. So the episode is played from its log, and what
// the policy saw is drawn again; only a branch asks the policy.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/agent.h"

namespace divla {

// `run`: the run folder. `policy`: who plays a branch; null: the log does that, too. `pictures`: what the policy was
// shown; absent when the run does not say. Throws InputError as MakeReplayAgent does. Of a group, slot 0 is the episode
// and slot 1 its branch.
std::unique_ptr<Agent> MakeLoggedAgent(const std::string& run, std::unique_ptr<Agent> policy,
                                       std::optional<PolicyPictures> pictures, RendererSource renderer);

}  // namespace divla
