// config.json of a DiVLA checkpoint: sizes of every part, keys named after Hugging Face's where they have one.
// Vision keys follow SigLIP, text keys follow Qwen2-VL; the policy head's keys follow the released DiVLA code. Our own
// keys are vision_config.stem_channels, policy_head_config.{condition,reasoning,num_action_tokens,clip_sample_range} and
// embodiments.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/action.h"

namespace divla {

// SigLIP-type tower (Zhai et al. 2023), shared over all views.
struct VisionConfig {
  int image_height{96}, image_width{96};  // pixels
  int hidden_size{64};
  int num_hidden_layers{3};
  int num_attention_heads{2};
  int intermediate_size{256};
  // Channels of the convolution stem (3x3, stride 2 each, one more to hidden_size); empty: one patch_size convolution.
  std::vector<int> stem_channels{24, 48};
  int patch_size{8};  // pixels per grid cell; with a stem it must be 2^(stem_channels.size() + 1)
  int spatial_merge_size{2};
  std::string hidden_act{"gelu_pytorch_tanh"};  // or "gelu" (exact), "quick_gelu", "silu" (a third of the time)
  double layer_norm_eps{1e-6};

  int GridHeight() const { return image_height / patch_size; }
  int GridWidth() const { return image_width / patch_size; }
  int MergedHeight() const { return GridHeight() / spatial_merge_size; }
  int MergedWidth() const { return GridWidth() / spatial_merge_size; }
  int TokensPerView() const { return MergedHeight() * MergedWidth(); }  // that the language model sees
};

// Qwen2-VL language model (divla.md 5.2).
struct TextConfig {
  int vocab_size{0};
  int hidden_size{160};
  int intermediate_size{448};
  int num_hidden_layers{3};
  int num_attention_heads{4};
  int num_key_value_heads{2};
  double rms_norm_eps{1e-6};
  double rope_theta{1000.0};
  std::vector<int> mrope_section{8, 6, 6};  // rotary frequencies for temporal, height, width position
  bool tie_word_embeddings{false};
  bool lm_head{true};  // false: hidden states only, there are no weights to write tokens with
  // Rotary frequencies in float32 throughout, as transformers computes them; else in double precision, rounded once.
  bool float32_frequencies{false};

  int HeadDim() const { return hidden_size / num_attention_heads; }
};

inline constexpr const char* kActionTokens = "action_tokens";
inline constexpr const char* kInstructionEmbedding = "instruction_embedding";

struct PolicyHeadConfig {
  // What the denoiser is conditioned on, besides the robot's state:
  //   "action_tokens"          hidden states of learned tokens that the language model reads after its answer (DiVLA)
  //   "instruction_embedding"  no language model: the mean embedding of the instruction's tokens, and keypoints of the
  //                            pictures (Diffusion Policy, Chi et al. 2023, with an instruction)
  std::string condition{kActionTokens};
  // Whether the language model writes a reasoning before the action tokens, which also modulates the denoiser (FiLM).
  // false: its answer is <|im_end|> alone, and neither lm_head nor reasoning_film nor the keys location_views and
  // max_new_tokens of an embodiment exist. Always false with "instruction_embedding", where hidden_size and vocab_size
  // are the only keys of the text model.
  bool reasoning{true};
  int num_action_tokens{4};  // only with "action_tokens"
  int cond_dim{256};
  std::vector<int> down_dims{32, 64, 128};
  int kernel_size{5};
  int n_groups{8};
  int diffusion_step_embed_dim{128};
  int chunk_size{16};
  int num_train_timesteps{100};
  int num_inference_timesteps{10};
  std::string prediction_type{"sample"};  // or "epsilon"
  double clip_sample_range{5.0};          // on normalised actions

  bool HasLanguageModel() const { return condition == kActionTokens; }
};

struct EmbodimentConfig {
  ActionKind action_kind{ActionKind::kJointPosition};
  int action_dim{}, state_dim{};
  std::vector<std::string> cameras;
  std::vector<std::string>
      location_views;  // cameras whose object pixel is written as two location tokens, a subset of cameras
  int n_action_steps{8};
  int max_new_tokens{48};  // like location_views, only of a policy that reasons

  int Arms() const;  // 1 or 2, from the sizes
  int ToolDim() const { return Arms() * kToolPoseSize; }
};

struct DivlaConfig {
  std::string description;
  VisionConfig vision;
  TextConfig text;
  PolicyHeadConfig head;
  std::map<std::string, EmbodimentConfig> embodiments;  // by robot name
};

// Throws InputError naming `file` and the key. Unknown keys are errors: a misspelt size must not be ignored.
DivlaConfig ParseDivlaConfig(const std::string& json_text, const std::string& file);
DivlaConfig ReadDivlaConfig(const std::string& path);
std::string DivlaConfigJson(const DivlaConfig& config);

const char* ActionKindName(ActionKind kind);

}  // namespace divla
