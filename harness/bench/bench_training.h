// How fast `divla train CONFIG` is on this machine, on a little of its own data.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "policy/model_bench.h"

namespace divla {

// Records and renders a few demonstrations and scenes of each task of the configuration's "data" into a folder of the
// system's temporary one, which is removed afterwards, and measures its first stage on them (policy/model_bench.h).
// Throws InputError for a configuration that `divla train` would refuse, or without "data".
std::vector<ModelFigure> BenchTrainingOf(const std::string& config,
                                         const std::function<void(const ModelFigure&)>& report);

}  // namespace divla
