#include "policy/divla/train/train_log.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <sstream>

#include "policy/file_io.h"

namespace divla {

nlohmann::ordered_json ProgressJson(const TrainProgress& p) {
  return {{"step", p.step},
          {"stage", p.stage},
          {"loss", p.loss},
          {"diffusion", p.diffusion},
          {"text", p.text},
          {"location", p.location},
          {"location_bins", p.location_bins},
          {"auxiliary", p.auxiliary},
          {"points", p.points},
          {"learning_rate", p.learning_rate},
          {"gradient_norm", p.gradient_norm},
          {"samples_per_second", p.samples_per_second}};
}

std::string LogUntil(const std::string& path, int step) {
  std::string kept;
  if (step == 0 || !std::filesystem::exists(path)) return kept;
  std::istringstream lines(ReadFile(path));
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.value("step", step + 1) <= step) kept += line + "\n";
  }
  return kept;
}

bool HasValidation(const std::string& log, int step) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("validation") && json.value("step", 0) == step) return true;
  }
  return false;
}

std::string TrainProgress::Line() const {
  return fmt::format(
      "step {}/{}{}  loss {:.3f}  diffusion {:.4f}  text {:.4f}  location {:.3f} ({:.2f} bins)  cells {:.3f}  points "
      "{:.3f}  lr {:.1e}  "
      "{:.1f} samples/s  {:.0f}:{:02.0f} left",
      step, steps, stages > 1 ? fmt::format(" (stage {} of {})", stage, stages) : "", loss, diffusion, text, location,
      location_bins, auxiliary, points, learning_rate, samples_per_second, std::floor(seconds_left / 60),
      std::fmod(std::floor(seconds_left), 60.0));
}

}  // namespace divla
