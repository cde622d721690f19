#include "policy/divla/bench/random_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "policy/divla/hf/hf_weights.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

constexpr std::int64_t kBlock = 1 << 20;  // random numbers that large weights repeat

struct PublishedSize {
  const char* name;
  int hidden, intermediate, layers, heads, kv_heads, vocab;
  bool tied;
};
constexpr PublishedSize kSizes[] = {{"qwen2-vl-2b", 1536, 8960, 28, 12, 2, 151936, true},
                                    {"qwen2-vl-7b", 3584, 18944, 28, 28, 4, 152064, false}};

// Uniform in +-1.
at::Tensor NoiseBlock(at::ScalarType type) {
  Rng rng({.seed = 0, .stream = "bench-weights"});
  at::Tensor block = at::empty({kBlock}, at::kFloat);
  auto* values = block.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < kBlock; ++i) values[i] = static_cast<float>(rng.Uniform(-1.0, 1.0));
  return block.to(type);
}

at::Tensor Noise(const ParamSpec& spec, const at::Tensor& block) {
  at::Tensor weight = at::empty(spec.shape, block.options());
  at::Tensor flat = weight.view({-1});
  const std::int64_t inputs = std::max<std::int64_t>(1, weight.numel() / spec.shape[0]);
  const at::Tensor scaled = block * (1.0 / std::sqrt(static_cast<double>(inputs)));
  for (std::int64_t begin = 0; begin < flat.numel(); begin += kBlock) {
    const std::int64_t count = std::min(kBlock, flat.numel() - begin);
    flat.narrow(0, begin, count).copy_(scaled.narrow(0, 0, count));
  }
  return weight;
}

Tokenizer ByteTokenizer() {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  std::map<std::string, int> special;
  for (const std::string_view name : {kEndOfText, kImStart, kImEnd, kVisionStart, kVisionEnd, kImagePad}) {
    special.emplace(name, 256 + static_cast<int>(special.size()));
  }
  return {std::move(tokens), {}, std::move(special)};
}

}  // namespace

HfConfig PublishedConfig(const std::string& name) {
  for (const PublishedSize& size : kSizes) {
    if (name != size.name) continue;
    HfConfig config;
    config.text.vocab_size = size.vocab;
    config.text.hidden_size = size.hidden;
    config.text.intermediate_size = size.intermediate;
    config.text.num_hidden_layers = size.layers;
    config.text.num_attention_heads = size.heads;
    config.text.num_key_value_heads = size.kv_heads;
    config.text.rope_theta = 1e6;
    config.text.mrope_section = {16, 24, 24};
    config.text.tie_word_embeddings = size.tied;
    config.text.float32_frequencies = true;
    config.vision.hidden_size = size.hidden;
    config.head = ReleasedHeadConfig{};
    config.head->input_dim = config.head->state_dim = 14;
    config.head->global_cond_dim = size.hidden;
    return config;
  }
  throw InputError(
      fmt::format("model: expected {}, {} or a checkpoint folder, found '{}'", kSizes[0].name, kSizes[1].name, name));
}

VlaEngine RandomEngine(const HfConfig& config, at::ScalarType type, at::Device device) {
  const at::Tensor block = NoiseBlock(type);
  ParamStore params;
  for (const ParamSpec& spec : HfSpecs(config)) {
    const at::Tensor weight = spec.init == Init::kOne    ? at::ones(spec.shape, block.options())
                              : spec.init == Init::kZero ? at::zeros(spec.shape, block.options())
                                                         : Noise(spec, block);
    params.emplace(spec.name, weight.to(device));
  }
  return {config, ByteTokenizer(), std::move(params), {config.text.vocab_size}};
}

Prompt MadeUpPrompt(const HfConfig& config, std::span<const ImageGrid> images, std::int64_t length) {
  Prompt prompt;
  int next = 0;
  const auto add = [&](int id, int t, int h, int w) {
    prompt.ids.push_back(id);
    prompt.positions[0].push_back(t);
    prompt.positions[1].push_back(h);
    prompt.positions[2].push_back(w);
  };
  const auto text = [&] {
    add(static_cast<int>(prompt.ids.size() * 7) % config.text.vocab_size, next, next, next);
    ++next;
  };
  for (int i = 0; i < 8; ++i) text();  // about the system turn
  for (const ImageGrid& grid : images) {
    text();
    const int begin = static_cast<int>(prompt.ids.size());
    for (int row = 0; row < grid.height; ++row) {
      for (int column = 0; column < grid.width; ++column) add(0, next, next + row, next + column);
    }
    prompt.images.push_back({begin, static_cast<int>(prompt.ids.size())});
    next += std::max(grid.height, grid.width);
    text();
  }
  DIVLA_CHECK(static_cast<std::int64_t>(prompt.ids.size()) < length, "a prompt longer than its pictures");
  while (static_cast<std::int64_t>(prompt.ids.size()) < length) text();
  prompt.next_position = next;
  return prompt;
}

}  // namespace divla
