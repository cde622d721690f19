#include "policy/divla/hf/hf_config.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/hf/hf_keys.h"
#include "policy/divla/json_reader.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;
using Keys = HfKeys;

void RequireDivisor(const Keys& keys, const std::string& key, int value, int of, const std::string& what) {
  if (of % value != 0) keys.Fail(key, "a divisor of " + what + " (" + std::to_string(of) + ")", std::to_string(value));
}

// rope_scaling (4.45, hub) or rope_parameters (5.x); the type is "mrope" or "default", under either name.
void ReadRope(const Keys& keys, const std::string& key, TextConfig& text) {
  if (keys.Find(key) == nullptr) return;
  const Keys rope = keys.Object(key);
  for (const char* name : {"rope_type", "type"}) {
    std::string type = "default";
    rope.Text(name, type);
    if (type != "default" && type != "mrope") rope.Fail(name, "\"default\" or \"mrope\"", type);
  }
  rope.Sizes("mrope_section", text.mrope_section);
  rope.Number("rope_theta", text.rope_theta);
}

TextConfig ReadText(const Keys& top, const Keys& keys) {
  TextConfig text;
  text.vocab_size = 152064;
  text.hidden_size = 8192;
  text.intermediate_size = 29568;
  text.num_hidden_layers = 80;
  text.num_attention_heads = 64;
  text.num_key_value_heads = 8;
  text.rms_norm_eps = 1e-5;
  text.rope_theta = 1e6;
  text.mrope_section = {16, 24, 24};
  text.float32_frequencies = true;
  keys.Size("vocab_size", text.vocab_size);
  keys.Size("hidden_size", text.hidden_size);
  keys.Size("intermediate_size", text.intermediate_size);
  keys.Size("num_hidden_layers", text.num_hidden_layers);
  keys.Size("num_attention_heads", text.num_attention_heads);
  text.num_key_value_heads = keys.Find("num_key_value_heads") == nullptr &&
                                     keys.Find("num_attention_heads") != nullptr &&
                                     text.num_attention_heads < text.num_key_value_heads
                                 ? text.num_attention_heads
                                 : text.num_key_value_heads;
  keys.Size("num_key_value_heads", text.num_key_value_heads);
  keys.Number("rms_norm_eps", text.rms_norm_eps);
  keys.Number("rope_theta", text.rope_theta);
  ReadRope(keys, "rope_scaling", text);
  ReadRope(keys, "rope_parameters", text);
  keys.Flag("tie_word_embeddings", text.tie_word_embeddings);
  top.Flag("tie_word_embeddings", text.tie_word_embeddings);  // where both are there, the model's own decides
  std::string act = "silu";
  keys.Text("hidden_act", act);
  if (act != "silu") keys.Fail("hidden_act", "\"silu\"", act);
  bool sliding = false;
  keys.Flag("use_sliding_window", sliding);
  if (sliding) keys.Fail("use_sliding_window", "false", "true");
  RequireDivisor(keys, "num_attention_heads", text.num_attention_heads, text.hidden_size, "hidden_size");
  RequireDivisor(keys, "num_key_value_heads", text.num_key_value_heads, text.num_attention_heads,
                 "num_attention_heads");
  int head_dim = text.HeadDim();
  keys.Size("head_dim", head_dim);
  if (head_dim != text.HeadDim()) {
    keys.Fail("head_dim", "hidden_size / num_attention_heads = " + std::to_string(text.HeadDim()),
              std::to_string(head_dim));
  }
  int sum = 0;
  for (int section : text.mrope_section) sum += section;
  if (text.mrope_section.size() != 3 || sum * 2 != text.HeadDim()) {
    keys.Fail("rope_scaling.mrope_section", fmt::format("3 numbers with sum {}", text.HeadDim() / 2),
              fmt::format("{} numbers with sum {}", text.mrope_section.size(), sum));
  }
  return text;
}

QwenVisionConfig ReadQwenVision(const Keys& keys, int text_width) {
  QwenVisionConfig vision;
  keys.Size("depth", vision.depth);
  keys.Size("embed_dim", vision.embed_dim);
  keys.Size("hidden_size", vision.hidden_size);
  keys.Size("mlp_ratio", vision.mlp_ratio);
  keys.Size("num_heads", vision.num_heads);
  keys.Size("in_channels", vision.in_channels);
  keys.Size("patch_size", vision.patch_size);
  keys.Size("spatial_merge_size", vision.spatial_merge_size);
  keys.Size("temporal_patch_size", vision.temporal_patch_size);
  keys.Text("hidden_act", vision.hidden_act);
  if (vision.hidden_act != "quick_gelu" && vision.hidden_act != "gelu" && vision.hidden_act != "silu" &&
      vision.hidden_act != "gelu_pytorch_tanh") {
    keys.Fail("hidden_act", "\"quick_gelu\", \"gelu\", \"gelu_pytorch_tanh\" or \"silu\"", vision.hidden_act);
  }
  if (vision.in_channels != 3) keys.Fail("in_channels", "3", std::to_string(vision.in_channels));
  RequireDivisor(keys, "num_heads", vision.num_heads, vision.embed_dim, "embed_dim");
  if (vision.HeadDim() % 4 != 0) {
    keys.Fail("num_heads", "heads of a multiple of 4 numbers (rows and columns take half each)",
              std::to_string(vision.HeadDim()));
  }
  if (vision.hidden_size != text_width) {
    keys.Fail("hidden_size", "the language model's hidden_size, " + std::to_string(text_width),
              std::to_string(vision.hidden_size));
  }
  return vision;
}

VisionConfig ReadSiglip(const Keys& keys) {
  VisionConfig siglip;
  int size = 224, channels = 3;
  siglip.hidden_size = 768;
  siglip.intermediate_size = 3072;
  siglip.num_hidden_layers = 12;
  siglip.num_attention_heads = 12;
  siglip.patch_size = 16;
  siglip.stem_channels = {};
  siglip.spatial_merge_size = 1;
  siglip.hidden_act = "gelu_pytorch_tanh";
  keys.Size("image_size", size);
  keys.Size("num_channels", channels);
  keys.Size("hidden_size", siglip.hidden_size);
  keys.Size("intermediate_size", siglip.intermediate_size);
  keys.Size("num_hidden_layers", siglip.num_hidden_layers);
  keys.Size("num_attention_heads", siglip.num_attention_heads);
  keys.Size("patch_size", siglip.patch_size);
  keys.Number("layer_norm_eps", siglip.layer_norm_eps);
  keys.Text("hidden_act", siglip.hidden_act);
  siglip.image_height = siglip.image_width = size;
  if (channels != 3) keys.Fail("num_channels", "3", std::to_string(channels));
  if (size < siglip.patch_size) keys.Fail("image_size", "at least patch_size", std::to_string(size));
  RequireDivisor(keys, "num_attention_heads", siglip.num_attention_heads, siglip.hidden_size, "hidden_size");
  if (siglip.hidden_act != "gelu_pytorch_tanh" && siglip.hidden_act != "gelu" && siglip.hidden_act != "silu" &&
      siglip.hidden_act != "quick_gelu") {
    keys.Fail("hidden_act", "\"gelu_pytorch_tanh\", \"gelu\", \"quick_gelu\" or \"silu\"", siglip.hidden_act);
  }
  return siglip;
}

ReleasedHeadConfig ReadHead(const Keys& top, const Keys& keys, int text_width) {
  std::string type = "unet_diffusion_policy";
  top.Text("policy_head_type", type);
  keys.Text("model_type", type);
  if (type != "unet_diffusion_policy") keys.Fail("model_type", "\"unet_diffusion_policy\"", type);
  bool film = true;
  top.Flag("using_film", film);
  if (!film) top.Fail("using_film", "true (without it the head sees no reasoning)", "false");
  ReleasedHeadConfig head;
  head.global_cond_dim = text_width;
  keys.Size("action_dim", head.input_dim);
  keys.Size("input_dim", head.input_dim);
  keys.Size("state_dim", head.state_dim);
  keys.Size("global_cond_dim", head.global_cond_dim);
  keys.Size("diffusion_step_embed_dim", head.diffusion_step_embed_dim);
  keys.Sizes("down_dims", head.down_dims);
  keys.Size("kernel_size", head.kernel_size);
  keys.Size("n_groups", head.n_groups);
  keys.Size("prediction_horizon", head.prediction_horizon);
  keys.Size("num_inference_timesteps", head.num_inference_timesteps);
  keys.Size("num_train_timesteps", head.num_train_timesteps);
  std::string time = "float32";
  keys.Text("time_embedding_dtype", time);
  if (time != "float32" && time != "bfloat16") {
    keys.Fail("time_embedding_dtype", "\"float32\" or \"bfloat16\"", time);
  }
  head.bfloat16_time = time == "bfloat16";
  if (head.global_cond_dim != text_width) {
    keys.Fail("global_cond_dim", "the language model's hidden_size, " + std::to_string(text_width),
              std::to_string(head.global_cond_dim));
  }
  if (head.kernel_size % 2 == 0) keys.Fail("kernel_size", "an odd integer", std::to_string(head.kernel_size));
  if (head.diffusion_step_embed_dim % 2 != 0 || head.diffusion_step_embed_dim < 4) {
    keys.Fail("diffusion_step_embed_dim", "an even integer of at least 4",
              std::to_string(head.diffusion_step_embed_dim));
  }
  for (int dim : head.down_dims) {
    if (dim % head.n_groups != 0) keys.Fail("down_dims", "multiples of n_groups", std::to_string(dim));
  }
  // The output block keeps the class's own 8 groups.
  if (head.down_dims[0] % 8 != 0)
    keys.Fail("down_dims", "a first size that 8 divides", std::to_string(head.down_dims[0]));
  if (head.down_dims.size() > 16 || head.prediction_horizon % (1 << (head.down_dims.size() - 1)) != 0) {
    keys.Fail("prediction_horizon", fmt::format("a multiple of 2^{}", head.down_dims.size() - 1),
              std::to_string(head.prediction_horizon));
  }
  if (head.num_inference_timesteps > head.num_train_timesteps) {
    keys.Fail("num_inference_timesteps", "at most num_train_timesteps", std::to_string(head.num_inference_timesteps));
  }
  return head;
}

std::string ModelType(const json& value) {
  const auto found = value.is_object() ? value.find("model_type") : value.end();
  return found != value.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

bool IsHuggingFaceConfig(const std::string& json_text) {
  const json value = json::parse(json_text, nullptr, /*allow_exceptions=*/false);
  const std::string type = ModelType(value);
  return type == "qwen2_vl" || type == "qwen2_vla" || type == "siglip" || type == "siglip_vision_model";
}

HfConfig ParseHfConfig(const std::string& json_text, const std::string& file) {
  const json value = ParseJsonObject(json_text, file);
  const Keys top(value, file, "");
  const std::string type = ModelType(value);
  HfConfig config;
  if (type == "siglip_vision_model" || type == "siglip") {
    config.kind = HfConfig::Kind::kSiglipVision;
    config.siglip = ReadSiglip(top.Find("vision_config") != nullptr ? top.Object("vision_config") : top);
    return config;
  }
  if (type != "qwen2_vl" && type != "qwen2_vla") {
    top.Fail("model_type", R"("divla", "qwen2_vl", "qwen2_vla" or "siglip_vision_model")",
             type.empty() ? "nothing" : type);
  }
  const Keys text = top.Find("text_config") != nullptr ? top.Object("text_config") : top;
  config.text = ReadText(top, text);
  const json none = json::object();
  config.vision =
      ReadQwenVision(top.Find("vision_config") != nullptr ? top.Object("vision_config") : Keys(none, file, ""),
                     config.text.hidden_size);
  if (top.Find("policy_head_config") != nullptr) {
    config.head = ReadHead(top, top.Object("policy_head_config"), config.text.hidden_size);
  }
  std::vector<int> image;
  top.Ids("image_token_id", image);
  if (!image.empty()) config.image_token_id = image.front();
  top.Ids("eos_token_id", config.eos_token_ids);
  if (config.eos_token_ids.empty()) text.Ids("eos_token_id", config.eos_token_ids);
  return config;
}

std::vector<int> ReadGenerationEos(const std::string& folder) {
  const std::string path = folder + "/generation_config.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  const json value = ParseJsonObject(ReadFile(path), path);
  std::vector<int> ids;
  Keys(value, path, "").Ids("eos_token_id", ids);
  return ids;
}

}  // namespace divla
