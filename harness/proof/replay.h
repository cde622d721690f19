// replay:RUN, a "policy" that plays the logged actions of a run again and says what was said then: each episode what its
// own log holds. So a run can be looked at again, with other pictures in its report, without the policy that made it.
#pragma once

#include <memory>
#include <string>

#include "harness/agent.h"

namespace divla {

inline constexpr const char* kReplayPrefix = "replay:";

// `name` is "replay:RUN". It looks at no picture. Its weights are RUN/episodes.jsonl, which holds a hash of the actions
// of each episode. An episode ends as the logged one did; where the scene is another and the log too short it ends with
// a policy error. Throws InputError when RUN has no episodes.jsonl; Reset does for an episode without a log, or with the
// log of another seed or robot.
std::unique_ptr<Agent> MakeReplayAgent(const std::string& name);

}  // namespace divla
