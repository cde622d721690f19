#include "policy/divla/train/train_config.h"

#include <fmt/format.h>

#include "policy/divla/json_reader.h"
#include "policy/file_io.h"

namespace divla {
namespace {

// Keys of a stage that stand in `json`; the others keep their values.
void ReadStage(const nlohmann::json& json, JsonReader& reader, TrainConfig& config) {
  if (reader.Has("tasks")) {
    config.tasks.clear();
    JsonReader tasks = reader.Object("tasks");
    for (const auto& [name, value] : json.at("tasks").items()) {
      config.tasks[name] = tasks.Get<double>(name);
      if (!(config.tasks[name] > 0)) tasks.Fail(name, "a weight above 0", value.dump());
    }
    if (config.tasks.empty()) reader.Fail("tasks", "at least one task", "none");
  }
  reader.Read("seed", config.seed);
  reader.Read("steps", config.steps);
  reader.Read("precision", config.precision);
  reader.Read("replicas", config.replicas);
  reader.Read("micro_batch", config.micro_batch);
  reader.Read("segments", config.segments);
  reader.Read("action_draws", config.action_draws);
  reader.Read("learning_rate", config.learning_rate);
  reader.Read("beta1", config.beta1);
  reader.Read("beta2", config.beta2);
  reader.Read("weight_decay", config.weight_decay);
  reader.Read("warmup_steps", config.warmup_steps);
  reader.Read("final_lr_fraction", config.final_lr_fraction);
  reader.Read("clip_norm", config.clip_norm);
  reader.Read("ema_decay", config.ema_decay);
  reader.Read("diffusion_weight", config.diffusion_weight);
  reader.Read("text_weight", config.text_weight);
  reader.Read("auxiliary_weight", config.auxiliary_weight);
  reader.Read("points_weight", config.points_weight);
  reader.Read("location_fraction", config.location_fraction);
  reader.Read("location_sigma", config.location_sigma);
  reader.Read("location_jitter", config.location_jitter);
  reader.Read("gain_std", config.gain_std);
  reader.Read("offset_std", config.offset_std);
  if (reader.Has("takeovers")) {
    config.takeovers.clear();
    JsonReader takeovers = reader.Object("takeovers");
    for (const auto& [name, value] : json.at("takeovers").items()) {
      config.takeovers[name] = takeovers.Get<int>(name);
      if (config.takeovers[name] < 1) takeovers.Fail(name, "at least 1 episode", value.dump());
      if (!config.tasks.contains(name)) takeovers.Fail(name, "a task of the stage", "another");
    }
  }
  reader.Read("keep_takeovers", config.keep_takeovers);
  reader.Read("takeover_share", config.takeover_share);
  const std::map<std::string, int> positive{{"steps", config.steps},
                                            {"replicas", config.replicas},
                                            {"micro_batch", config.micro_batch},
                                            {"segments", config.segments},
                                            {"action_draws", config.action_draws}};
  for (const auto& [key, value] : positive) {
    if (value < 1) reader.Fail(key, "at least 1", std::to_string(value));
  }
  if (config.precision != "float32" && config.precision != "bf16") {
    reader.Fail("precision", "'float32' or 'bf16'", "'" + config.precision + "'");
  }
  if (!(config.takeover_share > 0 && config.takeover_share < 1)) {
    reader.Fail("takeover_share", "above 0 and below 1", std::to_string(config.takeover_share));
  }
  if (config.replicas > 256) reader.Fail("replicas", "at most 256", std::to_string(config.replicas));
  if (!(config.location_sigma > 0)) reader.Fail("location_sigma", "above 0", std::to_string(config.location_sigma));
}

}  // namespace

int TrainRun::Steps() const {
  int steps = 0;
  for (const TrainConfig& stage : stages) steps += stage.steps;
  return steps;
}

TrainRun ReadTrainRun(const std::string& path) {
  TrainRun run;
  run.json = ReadFile(path);
  nlohmann::json json = ParseJsonObject(run.json, path), stages;
  if (json.contains("stages")) {
    stages = json.at("stages");
    json.erase("stages");
  }
  JsonReader reader(json, path, "");
  reader.Object("model");
  run.model = ParseDivlaConfig(json.at("model").dump(), path);
  TrainConfig common;
  common.model = run.model;
  if (!reader.Has("tasks")) reader.Object("tasks");  // says that it is missing
  ReadStage(json, reader, common);
  run.tasks = common.tasks;
  reader.Read("vocab_size", run.vocab_size);
  reader.Read("init_from", run.init_from);
  reader.Read("log_every", run.log_every);
  reader.Read("checkpoint_every", run.checkpoint_every);
  if (reader.Has("data")) reader.Object("data");  // how the rows were made: for whoever makes them
  if (reader.Has("validation")) {
    JsonReader validation = reader.Object("validation");
    run.validation.every = validation.Get<int>("every");
    run.validation.episodes = validation.Get<int>("episodes");
    run.validation.seed = validation.Get<std::uint64_t>("seed");
    validation.Done();
    if (run.validation.every < 1) validation.Fail("every", "at least 1", std::to_string(run.validation.every));
    if (run.validation.episodes < 1) validation.Fail("episodes", "at least 1", std::to_string(run.validation.episodes));
  }
  for (const auto& [key, value] : std::map<std::string, int>{
           {"vocab_size", run.vocab_size}, {"log_every", run.log_every}, {"checkpoint_every", run.checkpoint_every}}) {
    if (value < 1) reader.Fail(key, "at least 1", std::to_string(value));
  }
  if (stages.is_null()) {
    run.stages.push_back(common);
  } else {
    if (!stages.is_array() || stages.empty()) reader.Fail("stages", "a list of objects", stages.dump());
    for (const nlohmann::json& entry : stages) {
      if (!entry.is_object()) reader.Fail("stages", "a list of objects", stages.dump());
      JsonReader stage(entry, path, fmt::format("stages[{}].", run.stages.size()));
      TrainConfig config = common;
      config.seed = common.seed + run.stages.size();
      ReadStage(entry, stage, config);
      stage.Done();
      for (const auto& [task, weight] : config.tasks) {
        if (!run.tasks.contains(task))
          stage.Fail("tasks." + task, "a task that 'tasks' of the run has, too", "another");
      }
      run.stages.push_back(config);
    }
  }
  reader.Done();
  return run;
}

}  // namespace divla
