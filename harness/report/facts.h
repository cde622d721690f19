// Where a run's numbers came from, in words, for every report.
#pragma once

#include <string>
#include <vector>

#include "harness/records/records.h"

namespace divla {

struct Fact {
  std::string name;
  std::string value;  // untrusted text (a path, a command line)
};

// Suite, policy, control, weights, seed, versions, machine, command. Facts that do not apply are left out.
std::vector<Fact> Facts(const RunInfo& info);

// What a reader must know before the numbers: an unfinished run, a dirty working tree. One sentence each.
std::vector<std::string> Warnings(const RunInfo& info, const RunSummary& summary);

}  // namespace divla
