#include "tests/policy/divla/tiny_model.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/head/normalizer.h"
#include "policy/divla/model.h"
#include "policy/divla/text/bpe_trainer.h"
#include "policy/file_io.h"
#include "policy/rows.h"
#include "sim/rng.h"

namespace divla {
namespace {

constexpr int kSide = 32;

}  // namespace

DivlaConfig TinyConfig() {
  DivlaConfig config;
  config.vision = {.image_height = kSide,
                   .image_width = kSide,
                   .hidden_size = 16,
                   .num_hidden_layers = 1,
                   .num_attention_heads = 2,
                   .intermediate_size = 32,
                   .stem_channels = {8, 8},
                   .patch_size = 8,
                   .spatial_merge_size = 2,
                   .hidden_act = "silu"};
  config.text.vocab_size = 40;
  config.text.hidden_size = 32;
  config.text.intermediate_size = 48;
  config.text.num_hidden_layers = 2;
  config.text.num_attention_heads = 4;
  config.text.num_key_value_heads = 2;
  config.text.mrope_section = {2, 1, 1};
  config.head.num_action_tokens = 2;
  config.head.cond_dim = 32;
  config.head.down_dims = {8, 16};
  config.head.n_groups = 4;
  config.head.diffusion_step_embed_dim = 16;
  config.head.chunk_size = 8;
  config.embodiments["panda"] = {.action_kind = ActionKind::kEndEffectorPose,
                                 .action_dim = 10,
                                 .state_dim = 8,
                                 .cameras = {"left", "right"},
                                 .location_views = {"left"},
                                 .n_action_steps = 4,
                                 .max_new_tokens = 40};
  return config;
}

DivlaConfig TinySilent() {
  DivlaConfig config = TinyConfig();
  config.head.reasoning = false;
  config.embodiments["panda"].location_views.clear();
  return config;
}

DivlaConfig TinyInstructionPolicy() {
  DivlaConfig config = TinySilent();
  config.head.condition = kInstructionEmbedding;
  return config;
}

at::Tensor Random(at::IntArrayRef shape, const std::string& name, double scale) {
  Rng rng({.seed = 5, .task = name});
  at::Tensor out = at::empty(shape, at::kFloat);
  for (std::int64_t i = 0; i < out.numel(); ++i)
    out.mutable_data_ptr<float>()[i] = static_cast<float>(scale * rng.Normal());
  return out;
}

ParamStore RandomParams(const ParamSpecs& specs) {
  ParamStore params = InitParams(specs, 3);
  for (auto& [name, tensor] : params) tensor.add_(Random(tensor.sizes(), name, 0.1));
  return params;
}

double MaxDifference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

std::string FreshFolder(const std::string& name) {
  const auto folder = std::filesystem::temp_directory_path() / ("divla_test_" + std::to_string(getpid()) + "_" + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder.string();
}

void WriteSyntheticRows(const std::string& data, int episodes) {
  RowsInfo info{.task = "object_selection",
                .robot = "panda",
                .renderer = "software 1",
                .rows = 0,
                .cameras = {"left", "right"},
                .height = kSide,
                .width = kSide,
                .state_dim = 8,
                .joint_dim = 8,
                .tool_action_dim = 10};
  RowsWriter writer(data + "/object_selection", info);
  const std::array<const char*, 2> colours{"red", "blue"};
  for (int episode = 0; episode < episodes; ++episode) {
    Rng rng({.seed = 9, .episode = episode});
    const auto place = [&] { return static_cast<float>(rng.Uniform(0.15, 0.85)); };
    const std::array<std::array<float, 2>, 2> at{{{place(), place()}, {place(), place()}}};
    const std::size_t wanted = static_cast<std::size_t>(rng.Int(2));
    std::array<float, 2> tool{0.5F, 0.5F};
    for (int step = 0; step < 6; ++step) {
      TrainingRow row;
      row.episode = episode;
      row.label_valid = step != 4;
      Image image{kSide, kSide, std::vector<std::uint8_t>(kSide * kSide * 3, 90)};
      for (std::size_t object = 0; object < 2; ++object) {
        const int cx = static_cast<int>(at[object][0] * kSide), cy = static_cast<int>(at[object][1] * kSide);
        for (int y = cy - 2; y <= cy + 2; ++y) {
          for (int x = cx - 2; x <= cx + 2; ++x)
            image.rgb[static_cast<std::size_t>(y * kSide + x) * 3 + object * 2] = 250;
        }
      }
      row.images = {{"left", image}, {"right", image}};
      row.state = {tool[0], tool[1], 0, 0, 0, 0, 0, 1};
      row.tool = {tool[0], tool[1], 0.2F, 1, 0, 0, 0, 1, 0};
      for (std::size_t i = 0; i < 2; ++i) tool[i] += 0.2F * (at[wanted][i] - tool[i]);
      row.tool_target = {tool[0], tool[1], 0.2F, 1, 0, 0, 0, 1, 0, step < 3 ? 1.0F : 0.0F};
      row.joint_target.assign(8, 0.0F);
      const auto instruction = [&](std::size_t object) {
        return std::string("Take the ") + colours[object] + " cube.";
      };
      const auto reasoning = [&](std::size_t object) {
        return std::string("I grasp the ") + colours[object] + " cube.";
      };
      const auto pixels = [&](std::size_t object) { return Pixels{{"left", at[object]}, {"right", at[object]}}; };
      const std::size_t other = 1 - wanted;
      row.points = {at[wanted][0], at[wanted][1], 0.02F, 0.5F, 0.3F, 0.1F};
      row.labels = {instruction(wanted), reasoning(wanted), pixels(wanted), pixels(other), {}, {}};
      row.labels.alternatives.push_back({instruction(other),
                                         reasoning(other),
                                         pixels(other),
                                         pixels(wanted),
                                         {at[other][0], at[other][1], 0.02F, 0.5F, 0.3F, 0.1F}});
      for (std::size_t object = 0; object < 2; ++object)
        row.labels.objects.push_back({std::string(colours[object]) + " cube", pixels(object)});
      writer.Append(row);
    }
  }
  writer.Finish();
}

std::string WriteTinyTraining(const std::string& folder, int steps, const DivlaConfig& model) {
  nlohmann::ordered_json json;
  json["model"] = nlohmann::ordered_json::parse(DivlaConfigJson(model));
  json["tasks"] = {{"object_selection", 1.0}};
  json["vocab_size"] = 450;
  json["steps"] = steps;
  json["replicas"] = 2;
  json["micro_batch"] = 8;
  json["segments"] = 2;
  json["action_draws"] = 2;
  json["learning_rate"] = 4e-3;
  json["warmup_steps"] = 5;
  json["ema_decay"] = 0.9;
  json["gain_std"] = 0.0;
  json["offset_std"] = 0.0;
  json["log_every"] = 10;
  json["checkpoint_every"] = 1000;
  const std::string path = folder + "/training_config.json";
  WriteFile(path, json.dump(1));
  return path;
}

void WriteRandomCheckpoint(const std::string& folder, DivlaConfig model) {
  std::filesystem::create_directories(folder);
  const std::vector<CountedText> texts{{"Take the red cube.", 5}, {"system\nassistant\nuser\n", 5}};
  const Tokenizer tokenizer = TrainBpe(texts, 450, SpecialTokens());
  tokenizer.Save(folder);
  model.text.vocab_size = tokenizer.VocabSize();
  model.embodiments["agilex"] = {.action_kind = ActionKind::kJointPosition,
                                 .action_dim = 14,
                                 .state_dim = 14,
                                 .cameras = {"cam_high"},
                                 .location_views = {},
                                 .n_action_steps = 4,
                                 .max_new_tokens = 40};
  ParamSpecs specs = ModelSpecs(model);
  AddNormalizer(specs, model);
  SaveWeights(RandomParams(specs), {}, folder + "/model.safetensors");
  WriteFile(folder + "/config.json", DivlaConfigJson(model));
}

}  // namespace divla
