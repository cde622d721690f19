// Does a run folder show what it claims? Each episode is drawn again from its key and seed, its logged actions are
// played without the policy, and everything that can be worked out again is compared: instruction, scene, initial state,
// every state bit for bit, interventions, the judgement of every text, success in its three countings, progress,
// objects, failure, termination, steps, reasoning, and the recorded hashes. So what stands in a published table follows
// from the logs, on any x86-64 machine (design section 8); and a log that was changed is found out, with the step.
//
// Also summary.json and controls.json are counted anew from the records. A run's controls are run folders of their own
// (`divla verify` goes through them too).
//
// A damaged log is played as far as it can be read. Without logs only the beginnings (instruction, scene, initial
// state) can be checked. The hash of the pictures needs --frames and a run.json that says which cameras there were.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/edits.h"
#include "harness/evaluation.h"
#include "harness/log.h"
#include "harness/progress.h"
#include "harness/records/records.h"

namespace divla {

struct VerifyOptions {
  int workers{1};
  std::string episode{};         // ToString(EpisodeKey): only this one; empty: all
  bool frames{};                 // draw again what the policy saw
  std::function<bool()> stop{};  // as in EvaluationOptions
  TaskLookup find_task{};        // FindTask when empty
};

// One thing that is not as the run folder says.
struct Difference {
  int step{-1};          // control step whose action, text or resulting state it is; -1: of the whole episode
  std::string field;     // "state qpos[12] (object_bread z)", "hash.actions", "success"
  std::string expected;  // what the run folder says
  std::string found;     // what came out
};

struct EpisodeCheck {
  EpisodeKey key;
  int steps{};  // control steps that were played
  bool has_log{};
  bool same_score{true};                // success in its three countings agrees
  std::vector<Difference> differences;  // the first one in time stands first; empty: all agrees
};

struct Verification {
  RunInfo info;
  std::vector<Difference> folder;      // of the files to each other: field names the file
  std::vector<EpisodeCheck> episodes;  // sorted by key; fewer than asked for when stopped
  std::vector<std::string> notes;      // what could not be checked, and why
  bool frames{};                       // the pictures were compared
  bool stopped{};

  int Different() const;  // episodes
  bool Agrees() const { return folder.empty() && Different() == 0; }
};

// Plays one log against its record. `log`: absent when there is none. `pictures`: what the policy was shown; null when
// that is not to be checked; `aspect`: width / height of what it was shown, in which places of texts are judged.
// `control`: of the run (RunInfo::control). `renderer` is called when a picture is wanted. `edited`: what a person changed
// (harness/edits.h), which is done again at its steps.
EpisodeCheck CheckEpisode(const Task& task, const EpisodeRecord& record, const std::optional<SalvagedLog>& log,
                          const PolicyPictures* pictures, double aspect, const std::string& control,
                          const RendererSource& renderer, const std::vector<EditsAt>& edited = {});

// Throws InputError when the folder is no run folder, names a task that is not known, or lacks the episode asked for,
// and for `frames` when run.json does not say what the policy saw or another renderer drew it.
Verification VerifyRun(const std::filesystem::path& run, const VerifyOptions& options, Progress* progress);

// For a person: a line per difference (the first of an episode, all when there is one episode), then the sum.
std::string FormatVerification(const Verification& verification, const std::filesystem::path& run);
nlohmann::json ToJson(const Verification& verification);

}  // namespace divla
