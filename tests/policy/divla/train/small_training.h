// What the tests of whole trainings share: a folder with synthetic rows in data/ and runs beside it, named by `out`.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "policy/file_io.h"
#include "policy/trainer.h"
#include "sim/check.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {

// Made once for a test suite, removed at its end.
struct SmallTraining {
  explicit SmallTraining(const std::string& name) : folder(FreshFolder(name)) {
    WriteSyntheticRows(folder + "/data", 6);
    config = nlohmann::json::parse(ReadFile(WriteTinyTraining(folder, 12)));
  }
  ~SmallTraining() { std::filesystem::remove_all(folder); }
  SmallTraining(const SmallTraining&) = delete;
  SmallTraining& operator=(const SmallTraining&) = delete;

  // Writes `training` as the configuration of run `out`.
  TrainOptions Options(const nlohmann::json& training, const std::string& out) const {
    const std::string path = folder + "/" + out + ".json";
    WriteFile(path, training.dump(1));
    TrainOptions options;
    options.config = path;
    options.data = {folder + "/data"};
    options.out = folder + "/" + out;
    return options;
  }
  std::string Weights(const std::string& out) const { return ReadFile(folder + "/" + out + "/model.safetensors"); }

  std::string folder;
  nlohmann::json config;  // 12 steps
};

// What TrainDivla says of bad input; empty when it trains.
inline std::string TrainingRefusal(const TrainOptions& options) {
  try {
    TrainDivla(options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace divla
