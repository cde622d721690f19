#include "policy/divla/config.h"

#include <algorithm>

#include "policy/divla/json_reader.h"
#include "policy/file_io.h"

namespace divla {
namespace {

void RequirePositive(const JsonReader& reader, const std::string& key, int value) {
  if (value < 1 || value > 1 << 20) reader.Fail(key, "an integer from 1 to 1048576", std::to_string(value));
}

VisionConfig ReadVision(JsonReader reader) {
  VisionConfig vision;
  const auto type = reader.Get<std::string>("model_type");
  if (type != "siglip") reader.Fail("model_type", "\"siglip\"", type);
  const auto size = reader.Get<std::vector<int>>("image_size");
  if (size.size() != 2) reader.Fail("image_size", "[height, width]", fmt::format("{} numbers", size.size()));
  vision.image_height = size[0];
  vision.image_width = size[1];
  reader.Read("hidden_size", vision.hidden_size);
  reader.Read("num_hidden_layers", vision.num_hidden_layers);
  reader.Read("num_attention_heads", vision.num_attention_heads);
  reader.Read("intermediate_size", vision.intermediate_size);
  reader.Read("stem_channels", vision.stem_channels);
  reader.Read("patch_size", vision.patch_size);
  reader.Read("spatial_merge_size", vision.spatial_merge_size);
  reader.Read("hidden_act", vision.hidden_act);
  reader.Done();
  for (int value : {vision.image_height, vision.image_width}) RequirePositive(reader, "image_size", value);
  if (vision.hidden_act != "gelu_pytorch_tanh" && vision.hidden_act != "gelu" && vision.hidden_act != "silu") {
    reader.Fail("hidden_act", "\"gelu_pytorch_tanh\", \"gelu\" or \"silu\"", vision.hidden_act);
  }
  RequirePositive(reader, "hidden_size", vision.hidden_size);
  RequirePositive(reader, "num_hidden_layers", vision.num_hidden_layers);
  RequirePositive(reader, "num_attention_heads", vision.num_attention_heads);
  RequirePositive(reader, "intermediate_size", vision.intermediate_size);
  RequirePositive(reader, "patch_size", vision.patch_size);
  RequirePositive(reader, "spatial_merge_size", vision.spatial_merge_size);
  for (int channels : vision.stem_channels) RequirePositive(reader, "stem_channels", channels);
  if (vision.hidden_size % vision.num_attention_heads != 0) {
    reader.Fail("num_attention_heads", "a divisor of hidden_size", std::to_string(vision.num_attention_heads));
  }
  if (!vision.stem_channels.empty() && vision.patch_size != 1 << (vision.stem_channels.size() + 1)) {
    reader.Fail("patch_size", fmt::format("{} (the stem's stride)", 1 << (vision.stem_channels.size() + 1)),
                std::to_string(vision.patch_size));
  }
  const int cell = vision.patch_size * vision.spatial_merge_size;
  if (vision.image_height % cell != 0 || vision.image_width % cell != 0) {
    reader.Fail("image_size", fmt::format("multiples of {}", cell),
                fmt::format("[{}, {}]", vision.image_height, vision.image_width));
  }
  return vision;
}

// Sizes that only a language model has.
void ReadLanguageModel(JsonReader& reader, TextConfig& text) {
  reader.Read("intermediate_size", text.intermediate_size);
  reader.Read("num_hidden_layers", text.num_hidden_layers);
  reader.Read("num_attention_heads", text.num_attention_heads);
  reader.Read("num_key_value_heads", text.num_key_value_heads);
  reader.Read("rms_norm_eps", text.rms_norm_eps);
  reader.Read("rope_theta", text.rope_theta);
  reader.Read("tie_word_embeddings", text.tie_word_embeddings);
  if (reader.Has("rope_scaling")) {
    JsonReader rope = reader.Object("rope_scaling");
    std::string rope_type = "mrope";
    rope.Read("type", rope_type);
    if (rope_type != "mrope") rope.Fail("type", "\"mrope\"", rope_type);
    text.mrope_section = rope.Get<std::vector<int>>("mrope_section");
    rope.Done();
  }
  RequirePositive(reader, "intermediate_size", text.intermediate_size);
  RequirePositive(reader, "num_hidden_layers", text.num_hidden_layers);
  RequirePositive(reader, "num_attention_heads", text.num_attention_heads);
  RequirePositive(reader, "num_key_value_heads", text.num_key_value_heads);
  if (text.hidden_size % text.num_attention_heads != 0) {
    reader.Fail("num_attention_heads", "a divisor of hidden_size", std::to_string(text.num_attention_heads));
  }
  if (text.num_attention_heads % text.num_key_value_heads != 0) {
    reader.Fail("num_key_value_heads", "a divisor of num_attention_heads", std::to_string(text.num_key_value_heads));
  }
  int sum = 0;
  for (int section : text.mrope_section) sum += section;
  if (text.mrope_section.size() != 3 || sum * 2 != text.HeadDim()) {
    reader.Fail("rope_scaling.mrope_section", fmt::format("3 numbers with sum {}", text.HeadDim() / 2),
                fmt::format("{} numbers with sum {}", text.mrope_section.size(), sum));
  }
}

PolicyHeadConfig ReadHead(JsonReader reader) {
  PolicyHeadConfig head;
  reader.Read("condition", head.condition);
  if (head.condition != kActionTokens && head.condition != kInstructionEmbedding) {
    reader.Fail("condition", "\"action_tokens\" or \"instruction_embedding\"", head.condition);
  }
  head.reasoning = head.HasLanguageModel();
  reader.Read("reasoning", head.reasoning);
  if (head.reasoning && !head.HasLanguageModel()) {
    reader.Fail("reasoning", "false, as \"instruction_embedding\" has no language model", "true");
  }
  if (head.HasLanguageModel()) reader.Read("num_action_tokens", head.num_action_tokens);
  reader.Read("cond_dim", head.cond_dim);
  reader.Read("down_dims", head.down_dims);
  reader.Read("kernel_size", head.kernel_size);
  reader.Read("n_groups", head.n_groups);
  reader.Read("diffusion_step_embed_dim", head.diffusion_step_embed_dim);
  reader.Read("chunk_size", head.chunk_size);
  reader.Read("num_train_timesteps", head.num_train_timesteps);
  reader.Read("num_inference_timesteps", head.num_inference_timesteps);
  reader.Read("prediction_type", head.prediction_type);
  reader.Read("clip_sample_range", head.clip_sample_range);
  reader.Done();
  if (head.prediction_type != "sample" && head.prediction_type != "epsilon") {
    reader.Fail("prediction_type", "\"sample\" or \"epsilon\"", head.prediction_type);
  }
  RequirePositive(reader, "num_action_tokens", head.num_action_tokens);
  RequirePositive(reader, "cond_dim", head.cond_dim);
  RequirePositive(reader, "n_groups", head.n_groups);
  RequirePositive(reader, "chunk_size", head.chunk_size);
  RequirePositive(reader, "num_train_timesteps", head.num_train_timesteps);
  RequirePositive(reader, "num_inference_timesteps", head.num_inference_timesteps);
  if (head.num_inference_timesteps > head.num_train_timesteps) {
    reader.Fail("num_inference_timesteps", "at most num_train_timesteps", std::to_string(head.num_inference_timesteps));
  }
  if (head.diffusion_step_embed_dim < 4 || head.diffusion_step_embed_dim % 2 != 0) {
    reader.Fail("diffusion_step_embed_dim", "an even integer of at least 4",
                std::to_string(head.diffusion_step_embed_dim));
  }
  if (head.kernel_size < 1 || head.kernel_size % 2 == 0) {
    reader.Fail("kernel_size", "an odd integer", std::to_string(head.kernel_size));
  }
  if (head.down_dims.empty()) reader.Fail("down_dims", "at least one size", "none");
  for (int dim : head.down_dims) {
    RequirePositive(reader, "down_dims", dim);
    if (dim % head.n_groups != 0) reader.Fail("down_dims", "multiples of n_groups", std::to_string(dim));
  }
  if (head.chunk_size % (1 << (head.down_dims.size() - 1)) != 0) {
    reader.Fail("chunk_size", fmt::format("a multiple of {}", 1 << (head.down_dims.size() - 1)),
                std::to_string(head.chunk_size));
  }
  if (!(head.clip_sample_range > 0))
    reader.Fail("clip_sample_range", "above 0", std::to_string(head.clip_sample_range));
  return head;
}

EmbodimentConfig ReadEmbodiment(JsonReader reader, bool reasons) {
  EmbodimentConfig body;
  const auto kind = reader.Get<std::string>("action_kind");
  if (kind == "joint_position") {
    body.action_kind = ActionKind::kJointPosition;
  } else if (kind == "end_effector_pose") {
    body.action_kind = ActionKind::kEndEffectorPose;
  } else {
    reader.Fail("action_kind", "\"joint_position\" or \"end_effector_pose\"", kind);
  }
  body.action_dim = reader.Get<int>("action_dim");
  body.state_dim = reader.Get<int>("state_dim");
  body.cameras = reader.Get<std::vector<std::string>>("cameras");
  reader.Read("n_action_steps", body.n_action_steps);
  if (reasons) {
    reader.Read("location_views", body.location_views);
    reader.Read("max_new_tokens", body.max_new_tokens);
  }
  reader.Done();
  RequirePositive(reader, "action_dim", body.action_dim);
  RequirePositive(reader, "state_dim", body.state_dim);
  RequirePositive(reader, "n_action_steps", body.n_action_steps);
  RequirePositive(reader, "max_new_tokens", body.max_new_tokens);
  if (body.cameras.empty()) reader.Fail("cameras", "at least one camera", "none");
  for (const std::string& view : body.location_views) {
    if (std::find(body.cameras.begin(), body.cameras.end(), view) == body.cameras.end()) {
      reader.Fail("location_views", "names among cameras", view);
    }
  }
  if (body.action_kind == ActionKind::kEndEffectorPose && body.action_dim % kEndEffectorActionSize != 0) {
    reader.Fail("action_dim", fmt::format("a multiple of {}", kEndEffectorActionSize), std::to_string(body.action_dim));
  }
  return body;
}

}  // namespace

const char* ActionKindName(ActionKind kind) {
  return kind == ActionKind::kJointPosition ? "joint_position" : "end_effector_pose";
}

int EmbodimentConfig::Arms() const {
  if (action_kind == ActionKind::kEndEffectorPose) return action_dim / kEndEffectorActionSize;
  return state_dim > 10 ? 2 : 1;  // one arm has at most 7 joints and a gripper
}

DivlaConfig ParseDivlaConfig(const std::string& json_text, const std::string& file) {
  const nlohmann::json json = ParseJsonObject(json_text, file);
  JsonReader reader(json, file, "");
  DivlaConfig config;
  const auto type = reader.Get<std::string>("model_type");
  if (type != "divla") {
    reader.Fail("model_type", R"("divla", or Hugging Face's "qwen2_vl", "qwen2_vla" or "siglip_vision_model")", type);
  }
  reader.Read("description", config.description);
  config.vision = ReadVision(reader.Object("vision_config"));

  config.head = ReadHead(reader.Object("policy_head_config"));
  TextConfig& text = config.text;
  reader.Read("vocab_size", text.vocab_size);
  reader.Read("hidden_size", text.hidden_size);
  if (text.vocab_size < 0) reader.Fail("vocab_size", "0 or more", std::to_string(text.vocab_size));
  RequirePositive(reader, "hidden_size", text.hidden_size);
  if (config.head.HasLanguageModel()) ReadLanguageModel(reader, text);

  JsonReader bodies = reader.Object("embodiments");
  for (const auto& [name, value] : json.at("embodiments").items()) {
    config.embodiments.emplace(name, ReadEmbodiment(bodies.Object(name), config.head.reasoning));
  }
  if (config.embodiments.empty()) reader.Fail("embodiments", "at least one", "none");
  for (const auto& [name, body] : config.embodiments) {
    if (body.n_action_steps > config.head.chunk_size) {
      reader.Fail("embodiments." + name + ".n_action_steps", "at most chunk_size", std::to_string(body.n_action_steps));
    }
  }
  reader.Done();
  return config;
}

DivlaConfig ReadDivlaConfig(const std::string& path) { return ParseDivlaConfig(ReadFile(path), path); }

}  // namespace divla
