#include <nlohmann/json.hpp>

#include "policy/divla/config.h"

namespace divla {
namespace {

void AddLanguageModelKeys(nlohmann::ordered_json& json, const TextConfig& text) {
  json["intermediate_size"] = text.intermediate_size;
  json["num_hidden_layers"] = text.num_hidden_layers;
  json["num_attention_heads"] = text.num_attention_heads;
  json["num_key_value_heads"] = text.num_key_value_heads;
  json["rms_norm_eps"] = text.rms_norm_eps;
  json["rope_theta"] = text.rope_theta;
  json["rope_scaling"] = {{"type", "mrope"}, {"mrope_section", text.mrope_section}};
  json["tie_word_embeddings"] = text.tie_word_embeddings;
}

}  // namespace

std::string DivlaConfigJson(const DivlaConfig& config) {
  const VisionConfig& v = config.vision;
  const TextConfig& t = config.text;
  const PolicyHeadConfig& h = config.head;
  nlohmann::ordered_json json;
  json["model_type"] = "divla";
  json["description"] = config.description;
  json["vision_config"] = {{"model_type", "siglip"},
                           {"image_size", {v.image_height, v.image_width}},
                           {"hidden_size", v.hidden_size},
                           {"num_hidden_layers", v.num_hidden_layers},
                           {"num_attention_heads", v.num_attention_heads},
                           {"intermediate_size", v.intermediate_size},
                           {"stem_channels", v.stem_channels},
                           {"patch_size", v.patch_size},
                           {"spatial_merge_size", v.spatial_merge_size},
                           {"hidden_act", v.hidden_act}};
  json["vocab_size"] = t.vocab_size;
  json["hidden_size"] = t.hidden_size;
  if (h.HasLanguageModel()) AddLanguageModelKeys(json, t);
  auto& head = json["policy_head_config"];
  head["condition"] = h.condition;
  head["reasoning"] = h.reasoning;
  if (h.HasLanguageModel()) head["num_action_tokens"] = h.num_action_tokens;
  head["cond_dim"] = h.cond_dim;
  head["down_dims"] = h.down_dims;
  head["kernel_size"] = h.kernel_size;
  head["n_groups"] = h.n_groups;
  head["diffusion_step_embed_dim"] = h.diffusion_step_embed_dim;
  head["chunk_size"] = h.chunk_size;
  head["num_train_timesteps"] = h.num_train_timesteps;
  head["num_inference_timesteps"] = h.num_inference_timesteps;
  head["prediction_type"] = h.prediction_type;
  head["clip_sample_range"] = h.clip_sample_range;
  for (const auto& [name, body] : config.embodiments) {
    auto& own = json["embodiments"][name];
    own["action_kind"] = ActionKindName(body.action_kind);
    own["action_dim"] = body.action_dim;
    own["state_dim"] = body.state_dim;
    own["cameras"] = body.cameras;
    if (h.reasoning) own["location_views"] = body.location_views;
    own["n_action_steps"] = body.n_action_steps;
    if (h.reasoning) own["max_new_tokens"] = body.max_new_tokens;
  }
  return json.dump(2) + "\n";
}

}  // namespace divla
