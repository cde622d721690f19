// Visual question answering (DiVLA paper, table 11): scenes of the tasks are drawn, shown to a policy with a question
// as the instruction, and its reasoning text is taken as the answer. What is asked and what is true:
// tasks/vqa/question.h.
//
// Half of the scenes (drawn from the stream "vqa") are asked about at their start, the others after the task's expert
// has done its work, so that things also lie in boxes. An answer that the policy did not give (it threw, or does not
// reason) is wrong.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/progress.h"
#include "harness/records/records.h"
#include "harness/suite.h"
#include "policy/policy.h"
#include "sim/render/renderer.h"
#include "tasks/vqa/question.h"

namespace divla {

struct VqaOptions {
  int per_kind{1};  // questions of each kind per scene, at most
  int workers{1};
  RendererKind renderer{RendererKind::kSoftware};
  std::function<bool()> stop;  // true: give up; what was asked so far is kept
};

struct VqaRecord {
  EpisodeKey key;
  std::uint64_t seed{};
  bool after_expert{};  // asked when the expert was done, not at the start
  std::string camera;   // that the question is about: the policy's first, or the robot's
  Question question;
  std::string answer;  // the policy's text
  bool right{};
};

struct VqaResult {
  std::vector<VqaRecord> records;  // in the order of the suite's episodes and of the questions
  std::string renderer{"none"};    // what drew the pictures; "none" for a policy that looks at none
  std::string policy_error;        // the first one; empty when the policy never threw
  bool stopped{};
};

// One line of the table. Chance: the share of the most frequent right answer, which is what a policy gets that always
// says the same without looking.
struct VqaScore {
  std::string kind;  // "all" for the last line, whose chance is that of the kinds, weighted by their questions
  int n{}, k{};
  Interval wilson;
  double chance{};
};

// Makes a worker's policy, on the worker's thread.
using PolicyFactory = std::function<std::unique_ptr<Policy>()>;

// Asks about every episode of the suite. The result depends on the suite, its seed and the policy only, not on the
// number of workers. Throws InputError for a suite with axes (they may repaint what is asked about) and for a policy
// that does not know a robot; MachineError when drawing fails.
VqaResult AskQuestions(const Suite& suite, const PolicyFactory& make_policy, const VqaOptions& options,
                       Progress* progress);

// A line per kind that was asked, in the order of QuestionKinds(), and "all".
std::vector<VqaScore> ScoreAnswers(const std::vector<VqaRecord>& records);

nlohmann::json ToJson(const VqaRecord& record);
nlohmann::json ToJson(const VqaScore& score);

}  // namespace divla
