// Where a run's numbers come from: versions and machine, read when the run starts. No clock, no host name, no user
// name.
#pragma once

#include <string>

#include "harness/records.h"

namespace divla {

// Commit and dirty flag are asked of git in the folder the program was built from ("unknown" without git). `renderer`
// describes what drew the policy's pictures; "none" when nothing was drawn.
RunVersions ReadVersions(const std::string& renderer);
RunMachine ReadMachine();
// Processor cores that this process may use; at least 1.
int UsableCores();

}  // namespace divla
