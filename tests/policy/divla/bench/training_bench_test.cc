#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "policy/file_io.h"
#include "policy/model_bench.h"
#include "sim/check.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

TEST(TrainingBenchTest, ItsFiguresBelongTogether) {
  const std::string folder = FreshFolder("training_bench");
  WriteSyntheticRows(folder + "/data", 3);
  nlohmann::json config = nlohmann::json::parse(ReadFile(WriteTinyTraining(folder, 12)));
  config["log_every"] = 2;
  WriteFile(folder + "/config.json", config.dump());
  TrainingBenchOptions options{
      .config = folder + "/config.json", .data = {folder + "/data"}, .scratch = folder, .steps = 12};
  std::map<std::string, double> figures;
  for (const ModelFigure& figure : BenchTraining(options, {})) figures[figure.what] = figure.value;
  EXPECT_GT(figures.at("training"), 0.0);
  EXPECT_GT(figures.at("arithmetic of a sample"), 0.0);
  EXPECT_NEAR(figures.at("arithmetic of the training"), figures.at("arithmetic of a sample") * figures.at("training"),
              1e-9);
  EXPECT_NEAR(figures.at("share of the peak"),
              100.0 * figures.at("arithmetic of the training") / figures.at("measured peak"), 1e-9);
  EXPECT_LT(figures.at("share of the peak"), 100.0);
  options.steps = 13;  // more than the configuration has
  EXPECT_THROW(BenchTraining(options, {}), InputError);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace divla
