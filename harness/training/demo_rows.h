// From demonstrations to the training folder that policy/rows.h defines: every control step rendered as an evaluation
// would render it, with the labels that the simulator knows.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/progress.h"
#include "harness/training/demo_folder.h"
#include "policy/rows.h"
#include "sim/render/renderer.h"

namespace divla {

// Of a takeover only the first steps are pictured (3 s): after them it is as any other demonstration.
inline constexpr int kTakeoverPictured = 60;

struct RowsOptions {
  int height{96}, width{96};           // pixels, of every camera
  std::vector<std::string> cameras{};  // which of the robot's, in this order; empty: all
  // Every how many control steps of a demonstration are pictured, from the first on. The steps between stay as rows
  // without a picture, so the commands that follow a pictured step are all known.
  int every{1};
  // Scenes without any action beside the demonstrations: one row each, for learning to find things. Their commands are
  // no labels.
  int static_scenes{};
  bool whole_takeovers{};  // picture a takeover's steps after kTakeoverPictured, too
  int workers{1};
  RendererKind renderer{RendererKind::kSoftware};  // recorded in the rows (RowsInfo::renderer)
  std::function<bool()> stop;                      // true: give up; the folder stays unreadable
};

// Takes rendered rows: into a training folder, or a dataset of another format.
class RowsReceiver {
 public:
  virtual ~RowsReceiver() = default;
  virtual void Begin(const RowsInfo& info) = 0;  // once, after everything was checked
  // One demonstration or static scene whole, in order; TrainingRow::episode is its place in DemoInfo::indices, or
  // behind them. From any worker, one at a time.
  virtual void Append(const std::vector<TrainingRow>& rows) = 0;
  virtual void Finish() = 0;  // when all were appended
};

// Renders the demonstrations in `demos` for `receiver`. The rows do not depend on the number of workers. Returns their
// number, 0 when stopped. Throws InputError for damaged logs, a camera that the robot lacks, and a size out of range;
// MachineError when drawing or writing fails. `progress` counts demonstrations and static scenes; may be null.
int RenderRows(const std::filesystem::path& demos, RowsReceiver& receiver, const RowsOptions& options,
               Progress* progress);
// Into the training folder `out` (one task; an older content is replaced).
int RenderRows(const std::filesystem::path& demos, const std::filesystem::path& out, const RowsOptions& options,
               Progress* progress);

}  // namespace divla
