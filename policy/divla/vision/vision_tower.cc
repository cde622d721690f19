#include "policy/divla/vision/vision_tower.h"

#include <cmath>

#include "policy/divla/ops/fused_attention.h"
#include "policy/divla/ops/fused_rows.h"
#include "policy/divla/ops/ops.h"
#include "sim/check.h"

namespace divla {
namespace {

const std::string kTower = "vision_tower.";
const std::string kProjector = "projector.";

at::Tensor Activate(const VisionConfig& config, const at::Tensor& x) {
  if (config.hidden_act == "silu") return Silu(x);
  if (config.hidden_act == "quick_gelu") return x * at::sigmoid(x * 1.702);
  return Gelu(x, config.hidden_act == "gelu" ? "none" : "tanh");
}

std::string LayerName(int layer) { return kTower + "encoder.layers." + std::to_string(layer) + "."; }

// Channels of each convolution's output: the stem's and then hidden_size.
std::vector<int> StemOutputs(const VisionConfig& config) {
  std::vector<int> outputs = config.stem_channels;
  outputs.push_back(config.hidden_size);
  return outputs;
}

at::Tensor Attention(const VisionConfig& config, const ParamStore& params, const std::string& prefix,
                     const at::Tensor& x) {
  const std::int64_t n = x.size(0), tokens = x.size(1), width = x.size(2);
  const std::int64_t heads = config.num_attention_heads, head_dim = width / heads;
  if (Trained(x)) {
    const HeadLayout layout{heads, heads, tokens, 0, 0};
    const SplitHeads h = SplitIntoHeads(Linear(params, prefix + "qkv_proj", x), layout, {}, {});
    const at::Tensor scores = at::bmm(h.q_prefix, h.k_prefix.transpose(1, 2));
    const at::Tensor weights = JointSoftmax({}, scores.flatten(0, 1), false).near.view_as(scores);
    return Linear(params, prefix + "out_proj", JoinHeads(at::bmm(weights, h.v_prefix), {}, layout));
  }
  const std::vector<at::Tensor> qkv =
      Linear(params, prefix + "qkv_proj", x).view({n, tokens, 3, heads, head_dim}).permute({2, 0, 3, 1, 4}).unbind(0);
  const at::Tensor q =
      (qkv[0] * (1.0 / std::sqrt(static_cast<double>(head_dim)))).reshape({n * heads, tokens, head_dim});
  const at::Tensor k = qkv[1].reshape({n * heads, tokens, head_dim});
  const at::Tensor v = qkv[2].reshape({n * heads, tokens, head_dim});
  const at::Tensor weights = Softmax(MatrixProduct(q, k.transpose(1, 2)));
  const at::Tensor mixed =
      MatrixProduct(weights, v).view({n, heads, tokens, head_dim}).transpose(1, 2).reshape({n, tokens, width});
  return Linear(params, prefix + "out_proj", mixed);
}

// The type of the products: bfloat16 under mixed precision.
at::ScalarType ProductType(const VisionConfig& config, const ParamStore& params) {
  return config.num_hidden_layers == 0 ? at::kFloat : Param(params, LayerName(0) + "mlp.fc1.weight").scalar_type();
}

}  // namespace

void AddVisionTower(ParamSpecs& specs, const VisionConfig& config) {
  const std::int64_t width = config.hidden_size;
  if (config.stem_channels.empty()) {
    specs.push_back({kTower + "embeddings.patch_embedding.weight",
                     {width, 3, config.patch_size, config.patch_size},
                     Init::kFanIn,
                     1.0,
                     true});
    specs.push_back({kTower + "embeddings.patch_embedding.bias", {width}, Init::kZero});
  } else {
    std::int64_t in = 3;
    int index = 0;
    for (std::int64_t out : StemOutputs(config)) {
      const std::string name = kTower + "embeddings.stem." + std::to_string(index++);
      specs.push_back({name + ".weight", {out, in, 3, 3}, Init::kFanIn, 1.7, true});
      specs.push_back({name + ".bias", {out}, Init::kZero});
      in = out;
    }
  }
  specs.push_back({kTower + "embeddings.position_embedding.weight",
                   {config.GridHeight() * config.GridWidth(), width},
                   Init::kNormal,
                   0.2});
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string name = LayerName(layer);
    AddLayerNorm(specs, name + "layer_norm1", width);
    AddLinear(specs, name + "self_attn.qkv_proj", width, 3 * width);
    AddLinear(specs, name + "self_attn.out_proj", width, width);
    AddLayerNorm(specs, name + "layer_norm2", width);
    AddLinear(specs, name + "mlp.fc1", width, config.intermediate_size);
    AddLinear(specs, name + "mlp.fc2", config.intermediate_size, width);
  }
  AddLayerNorm(specs, kTower + "post_layernorm", width);
}

void AddProjector(ParamSpecs& specs, const VisionConfig& config, int text_hidden_size) {
  const std::int64_t merged =
      static_cast<std::int64_t>(config.hidden_size) * config.spatial_merge_size * config.spatial_merge_size;
  AddLayerNorm(specs, kProjector + "norm", merged);
  AddLinear(specs, kProjector + "fc1", merged, text_hidden_size);
  AddLinear(specs, kProjector + "fc2", text_hidden_size, text_hidden_size);
}

at::Tensor VisionTower(const VisionConfig& config, const ParamStore& params, const at::Tensor& images) {
  DIVLA_CHECK(images.dim() == 4 && images.size(1) == 3 && images.size(2) == config.image_height &&
                  images.size(3) == config.image_width,
              "images must be (N, 3, H, W) of the configured size");
  at::Tensor x = images;
  if (config.stem_channels.empty()) {
    const std::string name = kTower + "embeddings.patch_embedding";
    x = Convolve2d(x, Param(params, name + ".weight"), Param(params, name + ".bias"), config.patch_size);
  } else {
    const std::size_t count = config.stem_channels.size() + 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = kTower + "embeddings.stem." + std::to_string(i);
      x = Convolve2d(x, Param(params, name + ".weight"), Param(params, name + ".bias"), 2, 1);
      if (i + 1 < count) x = Activate(config, x);
    }
  }
  x = x.flatten(2).transpose(1, 2) + Param(params, kTower + "embeddings.position_embedding.weight");
  // The residual sum and its norm, which the next branch or the projector reads.
  at::Tensor normed;
  x = x.contiguous();
  const auto add = [&](const at::Tensor& branch, const std::string& norm) {
    if (Trained(x)) {
      const SumAndNorm next = AddAndNorm(x, branch, Param(params, norm + ".weight"), Param(params, norm + ".bias"),
                                         config.layer_norm_eps, ProductType(config, params));
      x = next.sum, normed = next.normed;
      return;
    }
    if (branch.defined()) x = x + branch;
    normed = LayerNorm(params, norm, x, config.layer_norm_eps);
  };
  const auto first_norm = [&](int layer) {
    return layer < config.num_hidden_layers ? LayerName(layer) + "layer_norm1" : kTower + "post_layernorm";
  };
  add({}, first_norm(0));
  for (int layer = 0; layer < config.num_hidden_layers; ++layer) {
    const std::string name = LayerName(layer);
    add(Attention(config, params, name + "self_attn.", normed), name + "layer_norm2");
    const at::Tensor inner = Activate(config, Linear(params, name + "mlp.fc1", normed));
    add(Linear(params, name + "mlp.fc2", inner), first_norm(layer + 1));
  }
  return normed;
}

at::Tensor Project(const VisionConfig& config, const ParamStore& params, const at::Tensor& patches) {
  const std::int64_t n = patches.size(0), width = patches.size(2), merge = config.spatial_merge_size;
  const std::int64_t rows = config.MergedHeight(), columns = config.MergedWidth();
  const at::Tensor merged = patches.view({n, rows, merge, columns, merge, width})
                                .permute({0, 1, 3, 2, 4, 5})
                                .reshape({n, rows * columns, merge * merge * width});
  const at::Tensor inner =
      Activate(config, Linear(params, kProjector + "fc1", LayerNorm(params, kProjector + "norm", merged)));
  return Linear(params, kProjector + "fc2", inner);
}

}  // namespace divla
