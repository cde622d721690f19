#include "policy/divla/head/unet.h"

#include <cmath>

#include "policy/divla/ops/ops.h"
#include "sim/check.h"

namespace divla {
namespace {

const std::string kUnet = "unet.";

struct Block {
  std::string name;
  std::int64_t in{}, out{};
};

// All residual blocks in the order of computing.
std::vector<Block> Blocks(const PolicyHeadConfig& config) {
  const std::vector<int>& dims = config.down_dims;
  const std::size_t levels = dims.size();
  std::vector<Block> blocks;
  std::int64_t in = dims[0];
  for (std::size_t level = 0; level < levels; ++level) {
    const std::string name = kUnet + "down." + std::to_string(level);
    blocks.push_back({name + ".block0", in, dims[level]});
    blocks.push_back({name + ".block1", dims[level], dims[level]});
    in = dims[level];
  }
  blocks.push_back({kUnet + "mid.block0", in, in});
  blocks.push_back({kUnet + "mid.block1", in, in});
  for (std::size_t level = levels - 1; level > 0; --level) {
    const std::string name = kUnet + "up." + std::to_string(level);
    blocks.push_back({name + ".block0", 2 * static_cast<std::int64_t>(dims[level]), dims[level - 1]});
    blocks.push_back({name + ".block1", dims[level - 1], dims[level - 1]});
  }
  return blocks;
}

void AddConv(ParamSpecs& specs, const std::string& name, std::int64_t in, std::int64_t out, std::int64_t kernel) {
  specs.push_back({name + ".weight", {out, in, kernel}, Init::kFanIn, 1.0, true});
  specs.push_back({name + ".bias", {out}, Init::kZero});
}

at::Tensor Conv(const ParamStore& params, const std::string& name, const at::Tensor& x, std::int64_t stride = 1) {
  const at::Tensor& weight = Param(params, name + ".weight");
  return Convolve1d(x, weight, Param(params, name + ".bias"), stride, weight.size(2) / 2);
}

at::Tensor ConvNormMish(const PolicyHeadConfig& config, const ParamStore& params, const std::string& name,
                        const at::Tensor& x) {
  return Mish(NormalizeGroups(Conv(params, name + ".conv", x), config.n_groups, Param(params, name + ".norm.weight"),
                              Param(params, name + ".norm.bias"), 1e-5));
}

// Sines then cosines of 128-like frequencies exp(-i ln(10000) / (half - 1)).
at::Tensor TimeFeatures(const at::Tensor& timesteps, std::int64_t size) {
  const std::int64_t half = size / 2;
  const at::Tensor frequencies =
      Exponential(at::arange(half, at::kFloat) * (-std::log(10000.0) / static_cast<double>(half - 1)));
  const at::Tensor angles = timesteps.to(at::kFloat).unsqueeze(1) * frequencies;
  return at::cat({Sine(angles), Cosine(angles)}, 1);
}

std::string InputLayer(const std::string& embodiment) { return "embodiments." + embodiment + ".action_in"; }
std::string BottomMlp(const std::string& embodiment) { return "embodiments." + embodiment + ".bottom_mlp."; }

}  // namespace

void AddUnet(ParamSpecs& specs, const DivlaConfig& config) {
  const PolicyHeadConfig& head = config.head;
  const std::int64_t embed = head.diffusion_step_embed_dim, kernel = head.kernel_size;
  AddLinear(specs, kUnet + "time.fc1", embed, 4 * embed);
  AddLinear(specs, kUnet + "time.fc2", 4 * embed, embed);
  std::int64_t films = 0;
  for (const Block& block : Blocks(head)) {
    AddConv(specs, block.name + ".conv0.conv", block.in, block.out, kernel);
    AddLayerNorm(specs, block.name + ".conv0.norm", block.out);
    AddConv(specs, block.name + ".conv1.conv", block.out, block.out, kernel);
    AddLayerNorm(specs, block.name + ".conv1.norm", block.out);
    if (block.in != block.out) AddConv(specs, block.name + ".residual", block.in, block.out, 1);
    films += 2 * block.out;
  }
  // FiLM of all blocks, stacked in the order of Blocks(): one matrix product instead of many small ones.
  AddLinear(specs, kUnet + "film", head.cond_dim + embed, films);
  if (head.reasoning) {
    specs.push_back({kUnet + "reasoning_film.weight", {films, config.text.hidden_size}, Init::kZero, 1.0, true});
    specs.push_back({kUnet + "reasoning_film.bias", {films}, Init::kZero});
  }
  for (std::size_t level = 0; level + 1 < head.down_dims.size(); ++level) {
    AddConv(specs, kUnet + "down." + std::to_string(level) + ".downsample", head.down_dims[level],
            head.down_dims[level], 3);
  }
  for (std::size_t level = head.down_dims.size() - 1; level > 0; --level) {
    const std::int64_t dim = head.down_dims[level - 1];
    specs.push_back(
        {kUnet + "up." + std::to_string(level) + ".upsample.weight", {dim, dim, 4}, Init::kFanIn, 1.0, true});
    specs.push_back({kUnet + "up." + std::to_string(level) + ".upsample.bias", {dim}, Init::kZero});
  }
  AddConv(specs, kUnet + "final.conv", head.down_dims[0], head.down_dims[0], kernel);
  AddLayerNorm(specs, kUnet + "final.norm", head.down_dims[0]);
  for (const auto& [name, body] : config.embodiments) {
    AddLinear(specs, InputLayer(name), body.action_dim, head.down_dims[0]);
    AddLinear(specs, BottomMlp(name) + "fc1", head.down_dims[0], 2 * static_cast<std::int64_t>(head.down_dims[0]));
    AddLinear(specs, BottomMlp(name) + "fc2", 2 * static_cast<std::int64_t>(head.down_dims[0]), body.action_dim);
  }
}

at::Tensor Unet(const PolicyHeadConfig& config, const ParamStore& params, const std::string& embodiment,
                const at::Tensor& x, const at::Tensor& timesteps, const at::Tensor& c, const at::Tensor& r,
                const at::Tensor& injected) {
  DIVLA_CHECK(x.dim() == 3 && x.size(1) == config.chunk_size, "actions must be (N, chunk_size, A)");
  at::Tensor time = TimeFeatures(timesteps, config.diffusion_step_embed_dim);
  time = Linear(params, kUnet + "time.fc2", Mish(Linear(params, kUnet + "time.fc1", time)));
  const std::vector<Block> blocks = Blocks(config);
  std::vector<std::int64_t> sizes;  // scale and offset of each block
  for (const Block& block : blocks) sizes.insert(sizes.end(), 2, block.out);
  const std::vector<at::Tensor> film =
      Linear(params, kUnet + "film", Mish(at::cat({c, time}, 1))).unsqueeze(2).split_with_sizes(sizes, 1);
  DIVLA_CHECK(r.defined() == config.reasoning, "FiLM by the reasoning wants a reasoning");
  std::vector<at::Tensor> reasoning_film;
  if (config.reasoning) {
    at::Tensor reasoning = Linear(params, kUnet + "reasoning_film", r);
    if (injected.defined()) reasoning = reasoning * injected;
    reasoning_film = reasoning.unsqueeze(2).split_with_sizes(sizes, 1);
  }

  std::size_t next = 0;
  const auto run_block = [&](const at::Tensor& in) {
    const std::size_t index = next++;
    const Block& block = blocks[index];
    const auto modulate = [&](const at::Tensor& h, const std::vector<at::Tensor>& by) {  // h * (1 + scale) + offset
      return MultiplyAdd(h + by[2 * index + 1], h, by[2 * index]);
    };
    at::Tensor h = modulate(ConvNormMish(config, params, block.name + ".conv0", in), film);
    h = ConvNormMish(config, params, block.name + ".conv1", h);
    if (config.reasoning) h = modulate(h, reasoning_film);
    return h + (block.in == block.out ? in : Conv(params, block.name + ".residual", in));
  };

  at::Tensor h = Linear(params, InputLayer(embodiment), x).transpose(1, 2).contiguous();  // (N, C, T)
  std::vector<at::Tensor> skips;
  const std::size_t levels = config.down_dims.size();
  for (std::size_t level = 0; level < levels; ++level) {
    h = run_block(run_block(h));
    skips.push_back(h);
    if (level + 1 < levels) h = Conv(params, kUnet + "down." + std::to_string(level) + ".downsample", h, 2);
  }
  h = run_block(run_block(h));
  for (std::size_t level = levels - 1; level > 0; --level) {
    h = run_block(run_block(at::cat({h, skips[level]}, 1)));
    const std::string name = kUnet + "up." + std::to_string(level) + ".upsample";
    h = Upconvolve1d(h, Param(params, name + ".weight"), Param(params, name + ".bias"), 2, 1);
  }
  h = ConvNormMish(config, params, kUnet + "final", h)
          .transpose(1, 2);  // the finest skip is not used, as in the source
  return Linear(params, BottomMlp(embodiment) + "fc2", Gelu(Linear(params, BottomMlp(embodiment) + "fc1", h)));
}

}  // namespace divla
