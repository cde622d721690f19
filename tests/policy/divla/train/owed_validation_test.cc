// A validation that falls to a stop is neither logged as done nor lost: the resumed run begins with it.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "policy/file_io.h"
#include "policy/trainer.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

using nlohmann::json;

struct OwedValidationTest : testing::Test {
  OwedValidationTest() : folder(FreshFolder("owed_validation")) {
    WriteSyntheticRows(folder + "/data", 6);
    json config = json::parse(ReadFile(WriteTinyTraining(folder, 6)));
    config["stages"] = {{{"steps", 6}}, {{"steps", 3}}};
    config["log_every"] = 2;
    config["validation"] = {{"every", 4}, {"episodes", 2}, {"seed", 1'000'000'000}};
    options.config = folder + "/config.json";
    WriteFile(options.config, config.dump());
    options.data = {folder + "/data"};
    options.out = folder + "/out";
    options.resume = true;  // from scratch the first time
    options.interrupted = [this] { return stop; };
    options.validate = [this](const ValidationRequest& request) {
      steps.push_back(request.step);
      weights.push_back(ReadFile(request.checkpoint + "/model.safetensors"));
      if (request.step == stop_during) stop = true;
      if (stop && !finishes) return std::vector<ValidationResult>();
      return std::vector<ValidationResult>{{"object_selection", 1, 2}};
    };
  }
  ~OwedValidationTest() override { std::filesystem::remove_all(folder); }

  // The steps whose validation has a line in train.jsonl, in order of the lines.
  std::vector<int> Logged() const {
    std::vector<int> logged;
    std::istringstream lines(ReadFile(options.out + "/train.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      const json entry = json::parse(line);
      if (!entry.contains("validation")) continue;
      EXPECT_EQ(entry["validation"], (json{{"object_selection", {{"successes", 1}, {"episodes", 2}}}}));
      logged.push_back(entry.at("step"));
    }
    return logged;
  }
  std::string Weights() const { return ReadFile(options.out + "/model.safetensors"); }
  // What a run that nobody stops shows at each validation.
  void TrainWhole() {
    const std::string out = options.out;
    options.out = folder + "/whole";
    EXPECT_TRUE(TrainDivla(options));
    EXPECT_EQ(steps, kAll);
    EXPECT_EQ(Logged(), kAll);
    whole = weights;
    steps.clear(), weights.clear();
    options.out = out;
  }

  const std::vector<int> kAll{4, 6, 8, 9};  // every 4 steps, and the end of each stage
  const std::string folder;
  TrainOptions options;
  bool stop{}, finishes{};
  int stop_during{};
  std::vector<int> steps;                   // asked for
  std::vector<std::string> weights, whole;  // that were there to play
};

TEST_F(OwedValidationTest, IsPlayedFirstWhenItWasStopped) {
  TrainWhole();
  for (const int at : kAll) {
    std::filesystem::remove_all(options.out);
    steps.clear(), weights.clear();
    stop = false, stop_during = at;
    EXPECT_FALSE(TrainDivla(options));
    EXPECT_EQ(steps.back(), at);
    EXPECT_EQ(Logged(), std::vector<int>(steps.begin(), steps.end() - 1));
    steps.pop_back(), weights.pop_back();
    stop = false, stop_during = 0;
    // What is in the folder may be another step's: a run that was killed writes its checkpoint before its state.
    WriteFile(options.out + "/model.safetensors", "another step's");
    EXPECT_TRUE(TrainDivla(options));
    EXPECT_EQ(steps, kAll);
    EXPECT_EQ(Logged(), kAll);
    EXPECT_EQ(weights, whole);
    EXPECT_EQ(Weights(), whole.back());
  }
}

TEST_F(OwedValidationTest, IsPlayedFirstWhenTheStepWasTheLast) {
  TrainWhole();
  for (const int at : kAll) {
    options.stop_after = at;
    EXPECT_FALSE(TrainDivla(options)) << at;  // its validation is still to be played
  }
  options.stop_after = 0;
  EXPECT_TRUE(TrainDivla(options));
  EXPECT_EQ(steps, kAll);
  EXPECT_EQ(Logged(), kAll);
  EXPECT_EQ(weights, whole);
  // Nothing is left to do, nor to say.
  EXPECT_TRUE(TrainDivla(options));
  EXPECT_EQ(Logged(), kAll);
}

TEST_F(OwedValidationTest, ARunIsFinishedThatIsInterruptedAtItsEnd) {
  stop_during = 9, finishes = true;
  EXPECT_TRUE(TrainDivla(options));
  EXPECT_TRUE(stop);
  EXPECT_EQ(Logged(), kAll);
}

}  // namespace
}  // namespace divla
