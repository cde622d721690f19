// A run folder in the form in which numbers are published: small enough to be kept for ever, and still proof. It holds
// run.json, episodes.jsonl, summary.json, report.md, controls.json and controls/, and logs/ with compact logs
// (harness/log.h), so that `divla verify` plays every episode again. Without frames/, videos/, report.html, journal.jsonl
// and timing.jsonl.
#pragma once

#include <filesystem>

namespace divla {

// `out`: new or empty; it appears complete or not at all. A run without logs/ stays without. Throws InputError for a run
// or control that is not complete or lacks a log, MachineError when writing fails.
void PublishRun(const std::filesystem::path& run, const std::filesystem::path& out);

}  // namespace divla
