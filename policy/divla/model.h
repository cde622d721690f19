// The whole policy network: the list of all weights, the picture part shared by training and inference, loading and
// saving.
//
//   pictures ─ vision tower ─ projector ─ + view embedding ─┐
//   prompt tokens ──────────────────────────────────────────┴─ language model ─ reasoning text ─ action tokens ─
//   condition ─ UNet (DDIM)
//
// Two parts can be left out, to measure what they are worth: the reasoning (policy_head_config.reasoning), and the
// whole language model (condition "instruction_embedding", a Diffusion Policy).
//
// The view embedding (one learned vector per view and token) is ours: it tells a small model which camera a token is
// from.
#pragma once

#include <string>
#include <vector>

#include "policy/divla/config.h"
#include "policy/divla/text/prompt.h"
#include "policy/divla/weights/params.h"

namespace divla {

ParamSpecs ModelSpecs(const DivlaConfig& config);  // without the normaliser's numbers

// pixels (B, V, H, W, 3) f32 in [-1, 1] -> (B, V, TokensPerView, d) and, if asked, the same before the view embedding.
at::Tensor EncodeViews(const DivlaConfig& config, const ParamStore& params, const std::string& embodiment,
                       const at::Tensor& pixels, at::Tensor* projected = nullptr);

// Grids of one embodiment's views, for BuildPrompt.
std::vector<ImageGrid> ViewGrids(const DivlaConfig& config, const EmbodimentConfig& body);

// Embeddings of the prompt's part that all instructions share: system turn and pictures, up to the last image's end
// token. ids (P) are its tokens; views as from EncodeViews. -> pieces to concatenate along dimension 1, (B, ., d) each.
std::vector<at::Tensor> PrefixPieces(const ParamStore& params, const Prompt& prompt, const at::Tensor& views);
int PrefixLength(const Prompt& prompt);

// model.safetensors with exactly the weights of `config` and the normaliser. Throws InputError.
ParamStore LoadWeights(const DivlaConfig& config, const std::string& path);
void SaveWeights(const ParamStore& params, const std::map<std::string, std::string>& metadata, const std::string& path);

}  // namespace divla
