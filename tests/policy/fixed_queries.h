// Observations that are the same bytes everywhere, and the hash of a policy's answers to them: what the tests of
// reproducibility compare between settings, processors and commits. Pictures are coloured rectangles from sim/rng,
// which for uniform numbers uses exactly rounded operations only; nothing is rendered.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace divla {

struct FixedAnswers {
  std::vector<std::string> lines;  // one per query: robot, number, hash of the actions, what the policy said
  std::string hash;                // of all actions and reasoning, 32 hex digits
};

// Asks five queries for each robot, in batches of `batch` (1 to 5). The answers are listed in the same order whatever
// the batch, so a policy whose answers do not depend on their neighbours gives one hash for all.
FixedAnswers AskFixedQueries(Policy& policy, int batch);

}  // namespace divla
