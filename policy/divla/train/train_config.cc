#include "policy/divla/train/train_config.h"

#include "policy/divla/json_reader.h"
#include "policy/file_io.h"

namespace divla {

TrainConfig ReadTrainConfig(const std::string& path) {
  TrainConfig config;
  config.json = ReadFile(path);
  const nlohmann::json json = ParseJsonObject(config.json, path);
  JsonReader reader(json, path, "");
  reader.Object("model");
  config.model = ParseDivlaConfig(json.at("model").dump(), path);
  JsonReader tasks = reader.Object("tasks");
  for (const auto& [name, value] : json.at("tasks").items()) {
    config.tasks[name] = tasks.Get<double>(name);
    if (!(config.tasks[name] > 0)) tasks.Fail(name, "a weight above 0", value.dump());
  }
  if (config.tasks.empty()) reader.Fail("tasks", "at least one task", "none");
  reader.Read("vocab_size", config.vocab_size);
  reader.Read("seed", config.seed);
  reader.Read("steps", config.steps);
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
  reader.Read("log_every", config.log_every);
  reader.Read("checkpoint_every", config.checkpoint_every);
  reader.Done();
  const std::map<std::string, int> positive{
      {"vocab_size", config.vocab_size},     {"steps", config.steps},
      {"replicas", config.replicas},         {"micro_batch", config.micro_batch},
      {"segments", config.segments},         {"log_every", config.log_every},
      {"action_draws", config.action_draws}, {"checkpoint_every", config.checkpoint_every}};
  for (const auto& [key, value] : positive) {
    if (value < 1) reader.Fail(key, "at least 1", std::to_string(value));
  }
  if (config.replicas > 256) reader.Fail("replicas", "at most 256", std::to_string(config.replicas));
  if (!(config.location_sigma > 0)) reader.Fail("location_sigma", "above 0", std::to_string(config.location_sigma));
  return config;
}

}  // namespace divla
