// Writes the reports of run folders: report.md and report.html. (summary.json, controls.json and episodes.jsonl carry
// the same numbers for programs.)
#pragma once

#include <filesystem>
#include <vector>

#include "harness/control_summary.h"
#include "harness/records/records.h"
#include "harness/report/side_by_side.h"

namespace divla {

// Reads RUN/frames, RUN/logs and RUN/controls, formats, and replaces both files atomically, and controls.json where
// controls were played. Returns what they say, in the order of Controls(). The same folder gives the same bytes. Throws
// InputError for a damaged frame or log, MachineError when a file cannot be written.
std::vector<ControlSummary> WriteReports(const std::filesystem::path& run, const RunInfo& info,
                                         const std::vector<EpisodeRecord>& records, const RunSummary& summary);

// The same from what stands in the folder, into `out`, which is made when it is missing: also summary.json, counted
// anew from episodes.jsonl. `out` may be the run folder itself.
std::vector<ControlSummary> WriteReports(const LoadedRun& run, const std::filesystem::path& out);

// report.html, report.md and report.json of several runs beside each other.
void WriteSideBySide(const SideBySide& sides, const std::filesystem::path& out);

}  // namespace divla
