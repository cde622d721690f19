// config.json of Hugging Face folders: Qwen2-VL, SigLIP's vision model, and the released DexVLA/DiVLA code's policies
// (which are a Qwen2-VL with a policy_head_config). Their writers drop keys that equal the class defaults, nest the text
// keys under text_config or not, and spell the rotary embedding in three ways; all are read. Keys that change nothing
// about the computation are ignored; a value that would change it and is not supported is an InputError.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/divla/config.h"

namespace divla {

// Qwen2-VL's own tower (Wang et al. 2024, section 2.1; divla.md 5.3), with the class defaults.
struct QwenVisionConfig {
  int depth{32};
  int embed_dim{1280};
  int hidden_size{3584};  // of the merger's output, the language model's width
  int mlp_ratio{4};
  int num_heads{16};
  int in_channels{3};
  int patch_size{14};  // pixels
  int spatial_merge_size{2};
  int temporal_patch_size{2};  // frames; a still image is shown twice
  std::string hidden_act{"quick_gelu"};

  int PatchValues() const { return in_channels * temporal_patch_size * patch_size * patch_size; }
  int HeadDim() const { return embed_dim / num_heads; }
};

// The released code's ConditionalUnet1D (UnetDiffusionPolicyConfig), with the class defaults.
struct ReleasedHeadConfig {
  int input_dim{10};          // numbers of one action
  int state_dim{7};           // numbers of the proprioceptive state
  int global_cond_dim{2048};  // the language model's width
  int diffusion_step_embed_dim{256};
  std::vector<int> down_dims{256, 512, 1024};
  int kernel_size{5};
  int n_groups{8};
  int prediction_horizon{16};  // steps of a chunk
  int num_inference_timesteps{10};
  int num_train_timesteps{100};
  // Ours: time features as the released module has them whatever the model's type is; else in the model's type.
  bool bfloat16_time{false};
};

struct HfConfig {
  enum class Kind { kQwen2Vl, kSiglipVision };
  Kind kind{Kind::kQwen2Vl};
  TextConfig text;                         // kQwen2Vl
  QwenVisionConfig vision;                 // kQwen2Vl
  VisionConfig siglip;                     // kSiglipVision: no stem, nothing merged
  std::optional<ReleasedHeadConfig> head;  // kQwen2Vl with policy_head_config
  std::optional<int> image_token_id;       // as the file says
  std::vector<int> eos_token_ids;          // of config.json; empty: not said
};

// Whether `json_text` is a config.json of this family: anything else is read as one of our own.
bool IsHuggingFaceConfig(const std::string& json_text);
// Throws InputError naming `file` and the key.
HfConfig ParseHfConfig(const std::string& json_text, const std::string& file);
// FOLDER/generation_config.json's eos ids; empty when there is no such file or it does not say.
std::vector<int> ReadGenerationEos(const std::string& folder);

}  // namespace divla
