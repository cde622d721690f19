// Training curves of checkpoints as one drawing, from the train.jsonl that `divla train` writes beside the weights.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace divla {

// A mean over the steps since the point before (policy/trainer.h says what each loss is).
struct CurvePoint {
  int step{};   // of the run, 1 is the first
  int stage{};  // 1 is the first
  double diffusion{};
  // Nothing where a policy that writes no text has 0.
  std::optional<double> text;           // nats a token
  std::optional<double> location_bins;  // mean distance from the true location token, bins of 1/128 of a picture
};

struct TrainingCurve {
  std::string name;                // of the checkpoint's folder
  std::vector<CurvePoint> points;  // steps rise, stages do not fall
  // Share of validation episodes that succeeded, over all tasks, by step. Empty when the run had no validation.
  std::map<int, double> validation;
};

// Reads FOLDER/train.jsonl. Throws InputError naming file, line, key, expected and found; also for a log without a
// point.
TrainingCurve ReadTrainingCurve(const std::filesystem::path& folder);

// One panel a quantity, one line a curve, a thin upright line where a stage begins; losses on a logarithmic scale. A
// complete SVG file that needs no font of its own. Quantities that no curve has get no panel. The same curves give the
// same bytes. Throws InputError for more curves than there are colours (kMostCurves), or none.
inline constexpr std::size_t kMostCurves = 4;
std::string DrawTrainingCurves(const std::vector<TrainingCurve>& curves);

}  // namespace divla
