// Everything a report shows, read once from the run folder. Reporters are pure functions of this.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/control_summary.h"
#include "harness/log.h"
#include "harness/records/records.h"

namespace divla {

// A stretch of an episode during which the policy said the same text, with one judgement.
struct ReasoningSpan {
  int first_step{};  // control step of the first query that said it
  int last_step{};   // last control step before the next span, or of the episode
  int queries{};     // how often it was said
  bool correct{};
  std::string said;                             // untrusted bytes; empty when the policy answered without a text
  std::string truth;                            // the right text at first_step
  std::optional<float> worst_location_error{};  // largest LocationError of its queries, in widths of the picture
};

// One picture of an episode: its bytes, or the path of its file when the page only refers to it.
struct ReportFrame {
  int step{};                    // control steps executed before it
  std::vector<std::byte> png{};  // empty when linked
  std::string link{};            // relative to the page's folder, percent-encoded; empty when embedded
};

struct EpisodeView {
  EpisodeRecord record;
  std::vector<ReasoningSpan> reasoning;  // empty for a policy that does not reason
  std::vector<ReportFrame> frames;       // in the order of their steps; empty when the run kept none
  std::string video{};                   // its file relative to the page's folder, percent-encoded; empty: none
};

// A page of a large run must still open: up to kEmbeddedBytes of pictures are inside it, up to kHalvedBytes at half
// their height and width, and beyond that it refers to the files in the run folder.
enum class PictureUse { kEmbedded, kHalved, kLinked };
inline constexpr std::uintmax_t kEmbeddedBytes = 24'000'000;  // of PNG
inline constexpr std::uintmax_t kHalvedBytes = 64'000'000;
PictureUse PictureUseFor(std::uintmax_t bytes);

struct ReportData {
  RunInfo info;
  RunSummary summary;
  std::vector<EpisodeView> episodes;       // in the order of the records
  std::vector<ControlSummary> controls{};  // of RUN/controls, in the order of Controls()
  PictureUse pictures{PictureUse::kEmbedded};
  // The run folder as the user named it, unquoted; empty for a page that lies in it: the page's script sees where that
  // is, so the bytes of a run's report do not depend on the name of its folder.
  std::string folder{};
};

// Joins neighbouring entries that say the same and are judged the same; a wrong text is also split where the truth
// changes. `steps` is the length of the episode. Entries must be in the order of their steps.
std::vector<ReasoningSpan> JoinReasoning(const std::vector<ReasoningEntry>& entries, int steps);

// Reads logs/, frames/ and controls/ of `run`. A missing frame or log leaves its part empty; damaged bytes throw
// InputError. `page`: folder that the report will stand in; a page elsewhere calls the run folder `run`, as given.
ReportData LoadReportData(const std::filesystem::path& run, const RunInfo& info,
                          const std::vector<EpisodeRecord>& records, const RunSummary& summary,
                          const std::filesystem::path& page);

}  // namespace divla
