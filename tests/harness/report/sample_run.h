// A made-up run for the tests of the reports: pictures drawn by hand, right and wrong texts, and hostile bytes among
// them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/control_summary.h"
#include "harness/log.h"
#include "harness/records/records.h"
#include "sim/image.h"

namespace divla::testing {

inline const std::string kHostile = "<script>alert('x')</script> & \"a|b\" \xC3\x28 `c` \x01";

struct SampleRun {
  RunInfo info;
  std::vector<EpisodeRecord> records;
  std::vector<EpisodeLog> logs;  // of the records
  RunSummary summary;
};

// `per_task` episodes of each of three tasks; the first episode carries kHostile as its instruction and first text.
SampleRun MakeSampleRun(int per_task);

// The same with perturbed twins of the episodes (two axes at two levels, a pair of families, an intervention), which
// fail more often, places in the texts, and tasks that count objects.
SampleRun MakePerturbedRun(int per_task);

// Controls of the run, made up: blank_instruction, wrong_reasoning with other words, and oracle_reasoning.
std::vector<ControlSummary> SampleControls(const SampleRun& run);

// A 320x240 picture of a table with a box on it; different for every seed.
Image SamplePicture(int seed, bool moved);

// Writes logs/ and frames/ of the run, as an evaluation does.
void WriteSampleFolder(const std::filesystem::path& folder, const SampleRun& run);

}  // namespace divla::testing
