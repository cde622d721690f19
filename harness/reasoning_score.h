// Scores what a policy said against the ground truth, and against what the gripper then did. Pure functions.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/log.h"
#include "harness/records/records.h"
#include "tasks/task.h"

namespace divla {

// True when every phrase occurs in the text as whole words; ASCII letters compare without case.
bool NamesAll(std::string_view text, const std::vector<std::string>& phrases);

// Correct: the text names everything that the truth requires. `truth` is what was true at `step`, before the action.
ReasoningEntry JudgeReasoning(int step, const std::string& said, const std::string& grounded, const GroundTruth& truth);

// How texts name each body of the plan: body -> phrase. GroundTruth::required[0] of the truth and of the alternatives
// at reset; for a body that these leave out, the catalogue's first seen phrase.
std::map<std::string, std::string> BodyPhrases(const EpisodePlan& plan, const GroundTruth& truth,
                                               const std::vector<Alternative>& alternatives);

// Sets `faithful` of each entry: the text names the first body that a gripper held at or after the query or, when none
// was, the last one before it. A text is not faithful when nothing was ever held. held[t]: body in a gripper after
// control step t, empty for none.
void JudgeFaithfulness(const std::map<std::string, std::string>& phrases, const std::vector<std::string>& held,
                       std::vector<ReasoningEntry>& entries);

// How far off the worst of the places that a text gives lies from the object's true pixel in the same camera, in widths
// of the picture (`aspect` times as wide as high). Empty when it gives none; 1 for an object that is out of view there, and
// for a camera that the robot does not have.
std::optional<double> LocationError(const std::map<std::string, std::array<float, 2>>& said, const GroundTruth& truth,
                                    const Scene& scene, double aspect);

// Counts the queries of an episode. A policy that never said anything does not reason (0 queries); for one that does, a
// query that it answered without a text counts as wrong.
ReasoningScore ScoreReasoning(const std::vector<ReasoningEntry>& entries);

// Sets `followed` and `steps_to_follow`: the first query from the intervention on whose text is correct.
void ScoreFollowing(const std::vector<ReasoningEntry>& entries, InterventionRecord& intervention);

}  // namespace divla
