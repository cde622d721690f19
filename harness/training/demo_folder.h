// A folder of demonstrations: demo.json and logs/KEY.bin, enough to draw every scene again.
//
// With a policy (DemoOptions::policy) they are takeovers (harness/training/takeover.h): each log begins where the expert
// took over, and its episodes are others than a plain folder's (kFirstTakeoverIndex).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/progress.h"
#include "harness/suite.h"
#include "harness/training/demonstration.h"
#include "sim/render/renderer.h"

namespace divla {

struct DemoOptions {
  std::string task;
  int episodes{};  // successes to keep
  std::uint64_t seed{kFirstDemoSeed};
  bool perturb{};        // of takeovers: only the starts are moved
  std::string policy{};  // that drives before the expert takes over, as MakeAgent knows it; empty: none
  RendererKind renderer{RendererKind::kSoftware};  // of the policy's pictures
  int workers{1};
  std::function<bool()> stop;
};

// demo.json: what is needed to build the scenes of the logs again.
struct DemoInfo {
  std::string task;
  std::uint64_t seed{};
  bool perturb{};
  int attempts{};                 // demonstrations that were run
  int pushes{}, missed_grasps{};  // in those kept; 0 in folders of version 1, which did not count them
  std::vector<int> indices;       // of those kept, in order: their logs lie in logs/
  std::string policy;             // that drove first: its name or its folder's, no path; empty: none
  std::string weights_sha256;     // of that policy
  std::vector<int> taken_over;    // with a policy: control steps before the expert took over, for each index

  bool Takeovers() const { return !policy.empty(); }
};
DemoInfo ReadDemoInfo(const std::filesystem::path& folder);

// Runs attempts 0, 1, 2, ... (takeovers: kFirstTakeoverIndex, ...) until `episodes` of them succeeded, keeps the first
// so many successes, and writes demo.json and logs/KEY.bin into `folder`, which must be new or empty. What is written
// does not depend on the number of workers. Refuses a task that is for evaluation only. Gives up with an InputError when
// more than half of at least 40 attempts failed; of takeovers, which may begin where nothing can be saved, when more
// than nine in ten of at least 200 gave nothing.
DemoInfo RecordDemonstrations(const DemoOptions& options, const std::filesystem::path& folder, Progress* progress);

}  // namespace divla
