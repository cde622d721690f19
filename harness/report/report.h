// Writes the reports of a run folder: RUN/report.md and RUN/report.html. (summary.json and episodes.jsonl are the
// harness's.)
#pragma once

#include <filesystem>
#include <vector>

#include "harness/records.h"

namespace divla {

// Reads RUN/frames and RUN/logs, formats, and replaces both files atomically. The same folder gives the same bytes.
// Throws InputError for a damaged frame or log, MachineError when a file cannot be written.
void WriteReports(const std::filesystem::path& run, const RunInfo& info, const std::vector<EpisodeRecord>& records,
                  const RunSummary& summary);

}  // namespace divla
