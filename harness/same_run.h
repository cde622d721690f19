// Whether two run.json belong to one run: what decides about a run's bytes must be equal. For --resume and merge.
#pragma once

#include <filesystem>
#include <string>

#include "harness/records/records.h"

namespace divla {

// Throws InputError "file RUN/run.json: key 'seed': expected 1 <as>, found 2" for the first key that differs, among
// suite, policy, weights, strict, latency, remote, seed, group size, plan, pictures and versions. Not compared: command, workers,
// machine, shard, and whether the working tree had changes (a run folder inside it is one).
void RequireSameRun(const std::filesystem::path& file, const RunInfo& expected, const RunInfo& found,
                    const std::string& as);

// Whether a policy's answers may depend on the processor: one with weights that was not run strictly, unless it computes
// on a policy server, of whose processor we know nothing.
bool DependsOnMachine(const RunInfo& info);
// Throws InputError as above when such a policy's processor differs.
void RequireSameMachine(const std::filesystem::path& file, const RunInfo& expected, const RunInfo& found,
                        const std::string& as);

}  // namespace divla
