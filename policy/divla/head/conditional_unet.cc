#include "policy/divla/head/conditional_unet.h"

#include <cmath>
#include <vector>

#include "policy/divla/ops/ops.h"
#include "sim/check.h"

namespace divla {
namespace {

const std::string kHead = "policy_head.";
constexpr std::int64_t kOutputGroups = 8;  // of the last block, whatever n_groups says
constexpr double kEps = 1e-5;

struct Block {
  std::string name;
  std::int64_t in{}, out{};
};

// Stages of the way down, the bottom and the way up, each of two blocks, in the released names.
struct Stages {
  std::vector<std::array<Block, 2>> down, up;
  std::array<Block, 2> mid;
};

Stages StagesOf(const ReleasedHeadConfig& config) {
  const auto pair = [](const std::string& name, std::int64_t in, std::int64_t out) {
    return std::array<Block, 2>{Block{name + "0.", in, out}, Block{name + "1.", out, out}};
  };
  Stages stages;
  std::int64_t in = config.input_dim;
  for (std::size_t i = 0; i < config.down_dims.size(); ++i) {
    stages.down.push_back(pair(kHead + "down_modules." + std::to_string(i) + ".", in, config.down_dims[i]));
    in = config.down_dims[i];
  }
  stages.mid = pair(kHead + "mid_modules.", in, in);
  for (std::size_t i = 0; i + 1 < config.down_dims.size(); ++i) {
    const std::size_t level = config.down_dims.size() - 1 - i;
    stages.up.push_back(pair(kHead + "up_modules." + std::to_string(i) + ".",
                             2 * static_cast<std::int64_t>(config.down_dims[level]), config.down_dims[level - 1]));
  }
  return stages;
}

void AddConv(ParamSpecs& specs, const std::string& name, std::int64_t in, std::int64_t out, std::int64_t kernel) {
  specs.push_back({name + ".weight", {out, in, kernel}, Init::kFanIn, 1.0, true});
  specs.push_back({name + ".bias", {out}, Init::kZero});
}

void AddConvBlock(ParamSpecs& specs, const std::string& name, std::int64_t in, std::int64_t out, std::int64_t kernel) {
  AddConv(specs, name + ".block.0", in, out, kernel);
  AddLayerNorm(specs, name + ".block.1", out);
}

void AddBlocks(ParamSpecs& specs, const ReleasedHeadConfig& config, const std::array<Block, 2>& blocks) {
  const std::int64_t feature = config.diffusion_step_embed_dim + config.global_cond_dim;
  for (const Block& block : blocks) {
    AddConvBlock(specs, block.name + "blocks.0", block.in, block.out, config.kernel_size);
    AddConvBlock(specs, block.name + "blocks.1", block.out, block.out, config.kernel_size);
    AddLinear(specs, block.name + "cond_encoder.1", feature, 2 * block.out);
    if (block.in != block.out) AddConv(specs, block.name + "residual_conv", block.in, block.out, 1);
  }
}

at::Tensor Conv(const ParamStore& params, const std::string& name, const at::Tensor& x, std::int64_t stride = 1) {
  const at::Tensor& weight = Param(params, name + ".weight");
  return Convolve1d(x, weight, Param(params, name + ".bias"), stride, weight.size(2) / 2);
}

at::Tensor ConvBlock(const ParamStore& params, const std::string& name, std::int64_t groups, const at::Tensor& x) {
  return Mish(NormalizeGroups(Conv(params, name + ".block.0", x), groups, Param(params, name + ".block.1.weight"),
                              Param(params, name + ".block.1.bias"), kEps));
}

// feature: after Mish, which every block applies first.
at::Tensor RunBlock(const ReleasedHeadConfig& config, const ParamStore& params, const Block& block, const at::Tensor& x,
                    const at::Tensor& feature) {
  const std::vector<at::Tensor> film =
      Linear(params, block.name + "cond_encoder.1", feature).unsqueeze(2).split(block.out, 1);
  at::Tensor h = film[0] * ConvBlock(params, block.name + "blocks.0", config.n_groups, x) + film[1];
  h = ConvBlock(params, block.name + "blocks.1", config.n_groups, h);
  return h + (block.in == block.out ? x : Conv(params, block.name + "residual_conv", x));
}

// (E): sines, then cosines.
at::Tensor TimeFeatures(int timestep, std::int64_t size, const at::TensorOptions& options) {
  const std::int64_t half = size / 2;
  const at::Tensor frequencies =
      (at::arange(half, options) * (-std::log(10000.0) / static_cast<double>(half - 1))).exp();
  const at::Tensor angles = frequencies * static_cast<double>(timestep);
  return at::cat({angles.sin(), angles.cos()});
}

}  // namespace

void AddConditionalUnet(ParamSpecs& specs, const ReleasedHeadConfig& config) {
  const std::int64_t embed = config.diffusion_step_embed_dim, width = config.global_cond_dim;
  AddLayerNorm(specs, kHead + "norm_after_pool", width);
  AddLinear(specs, kHead + "combine", width + config.state_dim, width);
  AddLinear(specs, kHead + "diffusion_step_encoder.1", embed, 4 * embed);
  AddLinear(specs, kHead + "diffusion_step_encoder.3", 4 * embed, embed);
  const Stages stages = StagesOf(config);
  for (std::size_t i = 0; i < stages.down.size(); ++i) {
    AddBlocks(specs, config, stages.down[i]);
    const std::int64_t dim = stages.down[i][1].out;
    if (i + 1 < stages.down.size()) {
      AddConv(specs, kHead + "down_modules." + std::to_string(i) + ".2.conv", dim, dim, 3);
    }
  }
  AddBlocks(specs, config, stages.mid);
  for (std::size_t i = 0; i < stages.up.size(); ++i) {
    AddBlocks(specs, config, stages.up[i]);
    const std::int64_t dim = stages.up[i][1].out;
    AddConv(specs, kHead + "up_modules." + std::to_string(i) + ".2.conv", dim, dim, 4);
  }
  AddConvBlock(specs, kHead + "final_conv.0", config.down_dims[0], config.down_dims[0], config.kernel_size);
  AddConv(specs, kHead + "final_conv.1", config.down_dims[0], config.input_dim, 1);
}

at::Tensor UnetCondition(const ParamStore& params, const at::Tensor& condition, const at::Tensor& state) {
  const at::Tensor normed = LayerNorm(params, kHead + "norm_after_pool", condition, kEps);
  return Linear(params, kHead + "combine", at::cat({normed, state}, -1));
}

at::Tensor ConditionalUnet(const ReleasedHeadConfig& config, const ParamStore& params, const at::Tensor& x,
                           int timestep, const at::Tensor& global) {
  DIVLA_CHECK(x.dim() == 3 && x.size(1) == config.prediction_horizon && x.size(2) == config.input_dim,
              "actions must be (N, prediction_horizon, input_dim)");
  const Stages stages = StagesOf(config);
  at::TensorOptions table = global.options();
  if (config.bfloat16_time) table = table.dtype(at::kBFloat16);
  at::Tensor time = TimeFeatures(timestep, config.diffusion_step_embed_dim, table).to(global.options());
  time = Linear(params, kHead + "diffusion_step_encoder.3",
                Mish(Linear(params, kHead + "diffusion_step_encoder.1", time.unsqueeze(0))));
  const at::Tensor feature = Mish(at::cat({time.expand({x.size(0), time.size(1)}), global}, 1));
  const auto stage = [&](const std::array<Block, 2>& blocks, const at::Tensor& in) {
    return RunBlock(config, params, blocks[1], RunBlock(config, params, blocks[0], in, feature), feature);
  };
  at::Tensor h = x.transpose(1, 2).contiguous();  // (N, A, T)
  std::vector<at::Tensor> skips;
  for (std::size_t i = 0; i < stages.down.size(); ++i) {
    h = stage(stages.down[i], h);
    skips.push_back(h);
    if (i + 1 < stages.down.size()) h = Conv(params, kHead + "down_modules." + std::to_string(i) + ".2.conv", h, 2);
  }
  h = stage(stages.mid, h);
  for (std::size_t i = 0; i < stages.up.size(); ++i) {  // the finest skip is stored and never used
    h = stage(stages.up[i], at::cat({h, skips[skips.size() - 1 - i]}, 1));
    const std::string name = kHead + "up_modules." + std::to_string(i) + ".2.conv";
    h = Upconvolve1d(h, Param(params, name + ".weight"), Param(params, name + ".bias"), 2, 1);
  }
  return Conv(params, kHead + "final_conv.1", ConvBlock(params, kHead + "final_conv.0", kOutputGroups, h))
      .transpose(1, 2);
}

}  // namespace divla
