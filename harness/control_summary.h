// What the controls of a run say: each control's episodes against the plain ones of the same keys. Pure functions on
// records; RUN/controls.json and the reports are made from these.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/compare/paired_clusters.h"
#include "harness/control.h"
#include "harness/records/records.h"

namespace divla {

// k of n with Wilson's interval.
struct Share {
  int k{}, n{};
  Interval interval;
};
Share MakeShare(int k, int n);

// Of the episodes whose other words are about another object than the episode is: what the arm took.
struct ActedOn {
  Share words;        // the object of the words that the policy was given
  Share instruction;  // the object that the episode is about
  Share other;        // some other one
  Share nothing;
};

struct ControlResult {
  std::string task;     // empty: over all tasks
  PairedCounts counts;  // BASE: the plain run, RUN: the control; episodes to which the control applies
  Interval interval;    // of counts.Difference(), control minus plain; of clusters where there are twins (PairedClusters)
  double p{1.0};        // McNemar's exact test, two-sided; likewise
  // Of controls with other words, else n = 0.
  Share reached;  // the goal of the words was met
  ActedOn acted_on;
  Share said;                // queries whose text names what the words are about (nothing is known of forced texts)
  ReasoningScore reasoning;  // summed over the control's episodes; first_wrong_step unused
};

struct ControlSummary {
  Control control{};
  ControlResult all;
  std::vector<ControlResult> tasks;  // in the order of their names
  int left_out{};                    // episodes to which it did not apply
};

// A plain answer to one question, from the 95 % interval of one difference and nothing else.
enum class Verdict { kYes, kNo, kUnclear };
struct ControlFinding {
  std::string question;  // "Is the instruction used?"
  Verdict verdict{};
  std::string because;  // the numbers
};

// Pairs by key; episodes that one side lacks are left out. `plain` and `control` in any order.
ControlSummary SummarizeControl(Control control, std::span<const EpisodeRecord> plain,
                                std::span<const EpisodeRecord> played);

// What the summaries together say of language, vision and reasoning. A question without its control is left out.
//   need        yes: the change of success lies below 0; no: above -kPracticallyNothing
//   matter      yes: it lies on one side of 0; no: within +-kPracticallyNothing
//   words       the arm served the other words more often than the instruction: yes, the difference lies above 0; no,
//               below
// Else it is unclear. All of them mean the whole interval.
inline constexpr double kPracticallyNothing = 0.10;
std::vector<ControlFinding> Findings(const std::vector<ControlSummary>& summaries);

nlohmann::json ToJson(const std::vector<ControlSummary>& summaries);
std::string FormatControls(const std::vector<ControlSummary>& summaries);  // for the console, ends with a newline

// RUN/controls/NAME of every control that was played to its end, in the order of Controls().
std::filesystem::path ControlFolder(const std::filesystem::path& run, Control control);
std::vector<ControlSummary> ReadControls(const std::filesystem::path& run, std::span<const EpisodeRecord> plain);

}  // namespace divla
