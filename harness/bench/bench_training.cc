#include "harness/bench/bench_training.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/provenance.h"
#include "harness/training/training_data.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kSteps = 60, kWindow = 5;          // steps
constexpr int kDemonstrations = 2, kStatic = 8;  // of each task

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "divla-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw MachineError(fmt::format("folder {}: cannot be made", pattern));
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;  // it is in nobody's way
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& Path() const { return path_; }

 private:
  fs::path path_;
};

// The configuration with its first stage alone, few data and no validation.
nlohmann::json Shortened(nlohmann::json config) {
  if (config.contains("stages") && config["stages"].is_array() && !config["stages"].empty()) {
    for (const auto& [key, value] : config["stages"][0].items()) config[key] = value;
  }
  for (const char* key : {"stages", "validation", "init_from", "takeovers"}) config.erase(key);
  config["steps"] = kSteps;
  config["warmup_steps"] = 1;
  config["log_every"] = kWindow;
  config["checkpoint_every"] = 10 * kSteps;
  for (auto& [name, task] : config["data"]["tasks"].items()) {
    task["demonstrations"] = kDemonstrations;
    task["static_scenes"] = kStatic;
  }
  return config;
}

}  // namespace

std::vector<ModelFigure> BenchTrainingOf(const std::string& config,
                                         const std::function<void(const ModelFigure&)>& report) {
  if (ReadTrainingPlan(config).parts.empty()) {
    throw InputError(fmt::format("file {}: key 'data': expected what to record, found nothing", config));
  }
  const ScratchFolder scratch;
  const std::string short_config = (scratch.Path() / "config.json").string();
  WriteFileAtomically(short_config, Shortened(ParseJson(ReadTextFile(config), "file " + config)).dump(1));
  TrainingBenchOptions options;
  options.config = short_config;
  options.data =
      PrepareTrainingData(ReadTrainingPlan(short_config), scratch.Path() / "data", {UsableCores(), true, {}});
  options.scratch = scratch.Path().string();
  options.steps = kSteps;
  return BenchTraining(options, report);
}

}  // namespace divla
