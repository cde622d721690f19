// How fast this machine resets, simulates, draws and thinks, with the project's targets (design section 10) beside each
// figure.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/render/renderer.h"

namespace divla {

struct BenchFigure {
  std::string what;
  double value{};
  std::string unit;
  std::optional<double> target;
  bool more_is_better{true};
  std::string note;

  bool Met() const { return !target || (more_is_better ? value >= *target : value <= *target); }
};

struct BenchOptions {
  std::string task{"cube_to_coloured_box"};
  std::string policy{"divla-tiny"};
  RendererKind renderer{RendererKind::kSoftware};  // of the policy's queries and of whole episodes
  double seconds{1.0};                             // at least this long per figure
};

// Figures of the simulator and of both renderers are taken on one core: the thread is pinned, and what a renderer
// starts inherits that. Those of the policy and of whole episodes are of one worker. `report` gets each figure when it
// is measured, `note` a line about what was not measured. Either may be empty. Throws InputError for an unknown task or
// policy, MachineError when the renderer of `options` cannot draw.
std::vector<BenchFigure> RunBench(const BenchOptions& options, const std::function<void(const BenchFigure&)>& report,
                                  const std::function<void(const std::string&)>& note);

nlohmann::json ToJson(const BenchFigure& figure);

// Median seconds of one call of `work`: blocks of calls until `seconds` have passed, at least five blocks after one
// warm-up call.
double SecondsPerCall(double seconds, const std::function<void()>& work);

}  // namespace divla
