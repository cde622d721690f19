// What this program recorded, as LeRobot datasets (harness/lerobot/robot_dataset.h).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/evaluation.h"
#include "harness/lerobot/robot_dataset.h"
#include "harness/progress.h"
#include "harness/training/demo_rows.h"

namespace divla {

struct ExportResult {
  std::filesystem::path folder{};
  int episodes{}, frames{};
  int without_frames{};  // episodes of a run that ended before their first control step; left out
  bool stopped{};        // `folder` is then no dataset
};

// The demonstrations in `demos` into the new folder `out`, every control step of them. Of `rows`: size, cameras, renderer,
// workers and stop. Throws as RenderRows does.
ExportResult ExportDemonstrations(const std::filesystem::path& demos, const std::filesystem::path& out,
                                  const RowsOptions& rows, bool png, bool language, Progress* progress);

struct RunExportOptions {
  int height{}, width{};  // pixels; 0: what the policy was shown, or 256 when it looked at nothing
  bool png{};
  bool language{true};
  int workers{1};
  std::function<bool()> stop{};
  TaskLookup find_task{};  // FindTask when empty
};

// The episodes of the run folder `run`, in the order of their keys, into one dataset for each robot: OUT/ROBOT. Every
// logged action is played again without the policy, and each control step is drawn with the cameras and the sensor noise
// that the policy was given (all cameras when it looked at none, as the run's renderer draws). `action` is the joint
// command that the controller made of the policy's action. Throws InputError for a run without logs, of an older version
// that does not say what it drew, or one whose states do not come out again (`divla verify` says where).
std::vector<ExportResult> ExportRun(const std::filesystem::path& run, const std::filesystem::path& out,
                                    const RunExportOptions& options, Progress* progress);

}  // namespace divla
