#include "policy/divla/train/checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/version.h>

#include <nlohmann/json.hpp>

#include "policy/divla/model.h"
#include "policy/file_io.h"

namespace divla {
namespace {

std::string TrainingJson(const TrainRun& run, const Dataset& dataset, const std::string& start_sha256,
                         RunPosition position) {
  const auto [stage, step] = position;
  nlohmann::ordered_json json;
  json["config"] = nlohmann::ordered_json::parse(run.json);
  if (!start_sha256.empty()) json["began_from_weights"] = start_sha256;
  for (const Body& body : dataset.Bodies()) {
    for (const Source& source : body.sources) {
      const RowsInfo& info = source.reader.Info();
      json["data"].push_back(
          {{"task", info.task}, {"robot", info.robot}, {"rows", info.rows}, {"xxh3_128", source.digest}});
      if (source.takeovers_of > 0) json["data"].back()["takeovers_of_stage"] = source.takeovers_of;
    }
  }
  json["renderer"] = dataset.Renderer();
  json["object_classes"] = dataset.ObjectClasses();
  std::int64_t samples = 0;
  for (int i = 0; i <= stage; ++i) {
    const TrainConfig& config = run.stages[static_cast<std::size_t>(i)];
    samples += static_cast<std::int64_t>(i < stage ? config.steps : step) * config.replicas * config.micro_batch;
  }
  json["stages_done"] = stage + (step == run.stages[static_cast<std::size_t>(stage)].steps ? 1 : 0);
  json["steps_done"] = step;
  json["samples"] = samples;
  json["torch"] = TORCH_VERSION;
  return json.dump(2) + "\n";
}

}  // namespace

void SaveCheckpoint(const std::filesystem::path& folder, const TrainRun& run, const Dataset& dataset,
                    const Start& start, const ParamStore& trained, RunPosition position) {
  std::filesystem::create_directories(folder);
  start.tokenizer.Save(folder.string());
  WriteFile((folder / "config.json").string(), DivlaConfigJson(start.model));
  ParamStore weights = start.normalizer, heads;
  for (const auto& [name, tensor] : trained) (name.starts_with("train.") ? heads : weights).emplace(name, tensor);
  SaveWeights(weights, {{"format", "pt"}}, (folder / "model.safetensors").string());
  SaveWeights(heads, {{"object_classes", fmt::format("{}", fmt::join(dataset.ObjectClasses(), ","))}},
              (folder / kTrainingHeads).string());
  WriteFile((folder / "training.json").string(), TrainingJson(run, dataset, start.weights_sha256, position));
}

}  // namespace divla
