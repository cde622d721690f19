#include "policy/divla/vision/qwen_tower.h"

#include <cmath>
#include <vector>

#include "policy/divla/ops/fused.h"
#include "policy/divla/ops/ops.h"
#include "sim/check.h"

namespace divla {
namespace {

const std::string kTower = "visual.";

std::string BlockName(int block) { return kTower + "blocks." + std::to_string(block) + "."; }

// Pictures of equal size that stand side by side: one batch of attention.
struct Run {
  std::int64_t pictures{}, patches{};  // patches of each
};

std::vector<Run> Runs(std::span<const PatchGrid> grids) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < grids.size(); ++i) {
    if (i > 0 && grids[i] == grids[i - 1]) {
      ++runs.back().pictures;
    } else {
      runs.push_back({1, static_cast<std::int64_t>(grids[i].height) * grids[i].width});
    }
  }
  return runs;
}

// Angles of all patches, (N, HeadDim / 2): the first half turns with the row, the second with the column. In float32
// from the start, as transformers does it.
at::Tensor Angles(const QwenVisionConfig& config, std::span<const PatchGrid> grids) {
  const int merge = config.spatial_merge_size;
  std::vector<float> rows, columns;
  for (const PatchGrid& grid : grids) {
    for (int y = 0; y < grid.height; y += merge) {
      for (int x = 0; x < grid.width; x += merge) {
        for (int dy = 0; dy < merge; ++dy) {
          for (int dx = 0; dx < merge; ++dx) {
            rows.push_back(static_cast<float>(y + dy));
            columns.push_back(static_cast<float>(x + dx));
          }
        }
      }
    }
  }
  const std::int64_t dim = config.HeadDim() / 2;
  const at::Tensor frequencies =
      at::pow(10000.0, at::arange(0, dim, 2, at::kFloat) / static_cast<double>(dim)).reciprocal();
  const auto turn = [&](const std::vector<float>& at) { return at::outer(at::tensor(at, at::kFloat), frequencies); };
  return at::cat({turn(rows), turn(columns)}, 1);
}

at::Tensor Activate(const std::string& name, const at::Tensor& x) {
  if (name == "quick_gelu") return x * at::sigmoid(x * 1.702);
  if (name == "silu") return Silu(x);
  return Gelu(x, name == "gelu" ? "none" : "tanh");
}

// q, k, v (pictures, patches, heads, hd) -> (pictures * patches, heads * hd)
at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const at::Tensor mixed =
      at::scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)).transpose(1, 2);
  return mixed.reshape({q.size(0) * q.size(1), q.size(2) * q.size(3)});
}

}  // namespace

void AddQwenTower(ParamSpecs& specs, const QwenVisionConfig& config) {
  const std::int64_t width = config.embed_dim, merged = width * config.spatial_merge_size * config.spatial_merge_size;
  specs.push_back({kTower + "patch_embed.proj.weight",
                   {width, config.in_channels, config.temporal_patch_size, config.patch_size, config.patch_size},
                   Init::kFanIn,
                   1.0,
                   true});
  for (int block = 0; block < config.depth; ++block) {
    const std::string name = BlockName(block);
    AddLayerNorm(specs, name + "norm1", width);
    AddLayerNorm(specs, name + "norm2", width);
    AddLinear(specs, name + "attn.qkv", width, 3 * width);
    AddLinear(specs, name + "attn.proj", width, width);
    AddLinear(specs, name + "mlp.fc1", width, width * config.mlp_ratio);
    AddLinear(specs, name + "mlp.fc2", width * config.mlp_ratio, width);
  }
  AddLayerNorm(specs, kTower + "merger.ln_q", width);
  AddLinear(specs, kTower + "merger.mlp.0", merged, merged);
  AddLinear(specs, kTower + "merger.mlp.2", merged, config.hidden_size);
}

at::Tensor QwenTower(const QwenVisionConfig& config, const ParamStore& params, const at::Tensor& pixel_values,
                     std::span<const PatchGrid> grids) {
  const std::vector<Run> runs = Runs(grids);
  std::int64_t patches = 0;
  for (const Run& run : runs) patches += run.pictures * run.patches;
  DIVLA_CHECK(
      pixel_values.dim() == 2 && pixel_values.size(0) == patches && pixel_values.size(1) == config.PatchValues(),
      "pixel values must be (patches of all pictures, values of a patch)");
  const at::Tensor& patch = Param(params, kTower + "patch_embed.proj.weight");
  const at::Tensor angles = Angles(config, grids).to(patch.device());
  const at::Tensor cos = angles.cos(), sin = angles.sin();
  const std::int64_t heads = config.num_heads, hd = config.HeadDim();

  at::Tensor x = Affine(pixel_values.to(patch.options()), patch.view({config.embed_dim, -1}));
  for (int block = 0; block < config.depth; ++block) {
    const std::string name = BlockName(block);
    const at::Tensor qkv = Linear(params, name + "attn.qkv", LayerNorm(params, name + "norm1", x));
    const std::vector<at::Tensor> parts = qkv.view({1, patches, 3 * heads, hd}).split_with_sizes({2 * heads, heads}, 2);
    const std::vector<at::Tensor> turned = Rotate(parts[0], cos, sin).view({patches, 2, heads, hd}).unbind(1);
    const at::Tensor values = parts[1].view({patches, heads, hd});
    std::vector<at::Tensor> mixed;
    std::int64_t begin = 0;
    for (const Run& run : runs) {
      const std::int64_t count = run.pictures * run.patches;
      const auto pictures = [&](const at::Tensor& all) {
        return all.narrow(0, begin, count).reshape({run.pictures, run.patches, heads, hd});
      };
      mixed.push_back(Attend(pictures(turned[0]), pictures(turned[1]), pictures(values)));
      begin += count;
    }
    x = x + Linear(params, name + "attn.proj", mixed.size() == 1 ? mixed[0] : at::cat(mixed));
    const at::Tensor inner =
        Activate(config.hidden_act, Linear(params, name + "mlp.fc1", LayerNorm(params, name + "norm2", x)));
    x = x + Linear(params, name + "mlp.fc2", inner);
  }
  const std::int64_t merge = static_cast<std::int64_t>(config.spatial_merge_size) * config.spatial_merge_size;
  const at::Tensor merged =
      LayerNorm(params, kTower + "merger.ln_q", x).view({patches / merge, merge * config.embed_dim});
  return Linear(params, kTower + "merger.mlp.2", Gelu(Linear(params, kTower + "merger.mlp.0", merged)));
}

}  // namespace divla
