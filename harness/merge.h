// Joins the shards of a run (divla eval --shard I/N) into the run that one process would have made: the same bytes of
// episodes.jsonl, summary.json, logs/, frames/ and the reports, in whatever order the shards are given. run.json is that
// of the first shard without its --shard, with the merged folder as --out, and with a block "merged" that says on which
// machine, with how many workers each shard was run; for a policy whose answers depend on the processor that is where
// the bytes come from. Controls are merged with it. The merged folder is a complete run: it can be verified, compared, and resumed (nothing is left).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/control_summary.h"
#include "harness/records/records.h"

namespace divla {

struct MissingShard {
  Shard shard;
  std::string control;  // whose part it is; empty: of the plain run
  int episodes{};       // that are missing
  std::string folder;   // of a shard that is there but not complete; else empty
  std::string command;  // what makes or completes it
};

struct MergeResult {
  std::vector<MissingShard> missing;  // not empty: nothing was written
  RunInfo info;
  RunSummary summary;
  std::vector<ControlSummary> controls;
};

// `out`: new or empty. It appears complete or not at all; what is being written stands in OUT.merging, which is replaced
// when a merge was killed. Throws InputError naming file, key, expected and found for folders that are no shards, are
// not of one run, or overlap (the same shard twice, even with equal bytes: one of them was not meant), for damaged or
// missing logs and pictures; MachineError when writing fails.
MergeResult MergeRuns(const std::vector<std::filesystem::path>& runs, const std::filesystem::path& out);

}  // namespace divla
