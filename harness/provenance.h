// Where a run's numbers come from: the versions of the build, and the machine, read when the run starts. No clock, no host
// name, no user name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/records/records.h"

namespace divla {

// Commit and dirty flag are those of the sources when they were built (harness/source_commit.h). `renderer` describes what
// drew the policy's pictures; "none" when nothing was drawn.
RunVersions ReadVersions(const std::string& renderer);
// RunVersions::rules of the cells' tasks, as this build judges them. Throws InputError for an unknown task.
std::map<std::string, int> RulesInUse(const std::vector<SuiteCell>& cells);
RunMachine ReadMachine();
// Processor cores that this process may use; at least 1.
int UsableCores();

}  // namespace divla
