#include "policy/divla/hf/vla_engine.h"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "policy/divla/head/conditional_unet.h"
#include "policy/divla/head/ddim.h"
#include "policy/divla/head/mean_pool.h"
#include "policy/divla/hf/hf_weights.h"
#include "policy/divla/ops/ops.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

std::size_t Index(std::int64_t n) { return static_cast<std::size_t>(n); }

std::vector<ImageGrid> TokenGrids(const QwenVisionConfig& vision, const VlaQuery& query) {
  std::vector<ImageGrid> grids;
  for (const PixelPatches& view : query.views) {
    grids.push_back({view.grid.height / vision.spatial_merge_size, view.grid.width / vision.spatial_merge_size});
  }
  return grids;
}

}  // namespace

VlaEngine::VlaEngine(HfConfig config, Tokenizer tokenizer, ParamStore params, std::vector<int> stop_ids)
    : config_(std::move(config)),
      tokenizer_(std::move(tokenizer)),
      params_(std::move(params)),
      stop_ids_(std::move(stop_ids)) {
  DIVLA_CHECK(config_.kind == HfConfig::Kind::kQwen2Vl, "an engine needs a language model");
  DIVLA_CHECK(!stop_ids_.empty(), "an answer needs an end");
  options_ = Param(params_, "model.norm.weight").options();
}

VlaEngine VlaEngine::Open(const std::string& folder, at::ScalarType type, at::Device device) {
  const std::string path = folder + "/config.json";
  HfConfig config = ParseHfConfig(ReadFile(path), path);
  if (config.kind != HfConfig::Kind::kQwen2Vl) {
    throw InputError(fmt::format("file {}: key 'model_type': expected a Qwen2-VL, found a bare vision tower", path));
  }
  Tokenizer tokenizer = Tokenizer::Load(folder);
  const int image_pad = tokenizer.TokenId(kImagePad);
  if (config.image_token_id && *config.image_token_id != image_pad) {
    throw InputError(fmt::format("file {}: key 'image_token_id': expected {} (the tokenizer's {}), found {}", path,
                                 image_pad, kImagePad, *config.image_token_id));
  }
  std::vector<int> stops = ReadGenerationEos(folder);
  if (stops.empty()) stops = config.eos_token_ids;
  if (stops.empty()) stops = {tokenizer.TokenId(kImEnd)};
  ParamStore params = LoadHfWeights(config, folder, type);
  if (!device.is_cpu()) {
    for (auto& [name, tensor] : params) tensor = tensor.to(device);
  }
  return {std::move(config), std::move(tokenizer), std::move(params), std::move(stops)};
}

at::Tensor VlaEngine::See(std::span<const VlaQuery> queries) {
  DIVLA_CHECK(!queries.empty(), "no query");
  c10::AutoGradMode no_grad(false);
  const auto same_views = [](const VlaQuery& a, const VlaQuery& b) { return a.views == b.views; };
  if (std::equal(queries.begin(), queries.end(), seen_queries_.begin(), seen_queries_.end(), same_views)) return seen_;
  views_changed_ = true;
  std::vector<PatchGrid> grids;
  std::vector<at::Tensor> rows;
  for (const VlaQuery& query : queries) {
    DIVLA_CHECK(query.views.size() == queries[0].views.size(), "all queries of a batch have the same views");
    for (std::size_t v = 0; v < query.views.size(); ++v) {
      const PixelPatches& view = query.views[v];
      DIVLA_CHECK(view.grid == queries[0].views[v].grid, "all queries of a batch have views of the same size");
      grids.push_back(view.grid);
      rows.push_back(at::from_blob(
          const_cast<float*>(view.values.data()),
          {static_cast<std::int64_t>(view.grid.height) * view.grid.width, config_.vision.PatchValues()}, at::kFloat));
    }
  }
  const auto batch = static_cast<std::int64_t>(queries.size());
  seen_ = rows.empty() ? at::empty({batch, 0, config_.text.hidden_size}, options_)
                       : QwenTower(config_.vision, params_, at::cat(rows).to(options_), grids)
                             .view({batch, -1, config_.text.hidden_size});
  seen_queries_.assign(queries.begin(), queries.end());
  return seen_;
}

// A prompt is read in up to three parts, each by itself whatever is kept: what stands before the pictures, the pictures,
// and the text after them. So the numbers do not depend on what was kept.
std::vector<std::int64_t> VlaEngine::PartEnds(const std::vector<Prompt>& prompts) const {
  std::int64_t longest = 0;
  for (const Prompt& prompt : prompts) longest = std::max(longest, static_cast<std::int64_t>(prompt.ids.size()));
  const Prompt& first = prompts[0];
  if (first.images.empty()) return {longest};
  return {first.images.front().begin, first.images.back().end, longest};
}

// How many of the parts are in the cache already; the last one never counts.
std::size_t VlaEngine::KeptParts(const std::vector<Prompt>& prompts, const std::vector<std::int64_t>& ends) const {
  if (prompts_.size() != prompts.size()) return 0;
  const auto same_until = [](const auto& now, const auto& before, std::int64_t end) {
    return static_cast<std::int64_t>(before.size()) >= end &&
           std::equal(now.begin(), now.begin() + end, before.begin());
  };
  std::size_t kept = 0;
  for (; kept + 1 < ends.size(); ++kept) {
    if (kept > 0 && views_changed_) break;
    bool same = true;
    for (std::size_t row = 0; row < prompts.size(); ++row) {
      same = same && same_until(prompts[row].ids, prompts_[row].ids, ends[kept]);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        same = same && same_until(prompts[row].positions[axis], prompts_[row].positions[axis], ends[kept]);
      }
    }
    if (!same) break;
  }
  return kept;
}

// (B, longest, hidden): token embeddings with the pictures' tokens in their places.
at::Tensor VlaEngine::Embed(const std::vector<Prompt>& prompts, const at::Tensor& seen, std::int64_t longest) const {
  const auto batch = static_cast<std::int64_t>(prompts.size());
  const at::Tensor ids = at::zeros({batch, longest}, at::kLong);
  for (std::int64_t row = 0; row < batch; ++row) {
    const std::vector<int>& from = prompts[Index(row)].ids;
    std::copy(from.begin(), from.end(), ids.mutable_data_ptr<std::int64_t>() + row * longest);
  }
  at::Tensor x = EmbedTokens(params_, ids.to(options_.device()));
  std::int64_t begin = 0;
  for (const TokenRange& image : prompts[0].images) {
    const std::int64_t count = image.end - image.begin;
    x.narrow(1, image.begin, count).copy_(seen.narrow(1, begin, count));
    begin += count;
  }
  DIVLA_CHECK(begin == seen.size(1), "as many image tokens as the prompt has places for");
  return x;
}

void VlaEngine::Read(std::span<const VlaQuery> queries, const at::Tensor& seen, int max_new_tokens) {
  std::vector<Prompt> prompts;
  for (const VlaQuery& query : queries) {
    prompts.push_back(BuildPrompt(tokenizer_, query.instruction, TokenGrids(config_.vision, query)));
    const std::vector<int>& ids = prompts.back().ids;
    const int largest = *std::max_element(ids.begin(), ids.end());
    if (largest >= config_.text.vocab_size) {
      throw InputError(fmt::format("instruction: expected token ids below vocab_size {}, found {}",
                                   config_.text.vocab_size, largest));
    }
  }
  ReadPrompts(std::move(prompts), seen, max_new_tokens);
}

// The cache and what stands beside it, allocated anew only when they are too small: captured steps know the addresses.
void VlaEngine::MakeRoom(std::int64_t batch, std::int64_t capacity) {
  if (!cache_.keys.empty() && cache_.keys[0].size(0) == batch && cache_.keys[0].size(2) >= capacity) return;
  cache_ = MakeKvCache(config_.text, batch, capacity, options_);
  states_ = at::zeros({batch, capacity, config_.text.hidden_size}, options_);
  const at::TensorOptions numbers = options_.dtype(at::kFloat), whole = options_.dtype(at::kLong);
  const std::int64_t half = config_.text.HeadDim() / 2;
  rope_ = {at::empty({capacity, half}, numbers), at::empty({capacity, half}, numbers)};
  ids_ = at::zeros({batch, 1}, whole);
  slots_ = at::zeros({batch, 1}, whole);
  open_ = at::zeros({batch, 1}, numbers);
  fed_sum_ = at::zeros({batch, config_.text.hidden_size}, numbers);
  fed_ = at::zeros({batch, 1}, numbers);
  feed_graph_ = std::make_unique<StepGraph>(options_.device());
  prompts_.clear();
}

// Positions depend on the slot alone: all rows share the pictures' part and count up after it.
void VlaEngine::PlaceRope(const Prompt& prompt) {
  const std::int64_t slots = rope_.cos.size(0);
  const at::Tensor positions = at::empty({3, slots}, at::kLong);
  const std::int64_t prefix = prompt.images.empty() ? 0 : prompt.images.back().end;
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    auto* out = positions.mutable_data_ptr<std::int64_t>() + axis * slots;
    const std::vector<int>& known = prompt.positions[Index(axis)];
    for (std::int64_t i = 0; i < slots; ++i) {
      out[i] = i < prefix ? known[Index(i)] : known[Index(prefix)] + i - prefix;
    }
  }
  const RopeTable table = MakeRopeTable(config_.text, positions);
  rope_.cos.copy_(table.cos);
  rope_.sin.copy_(table.sin);
}

void VlaEngine::ReadPrompts(std::vector<Prompt> prompts, const at::Tensor& seen, int max_new_tokens) {
  c10::AutoGradMode no_grad(false);
  const auto batch = static_cast<std::int64_t>(prompts.size());
  const std::vector<std::int64_t> ends = PartEnds(prompts);
  MakeRoom(batch, ends.back() + max_new_tokens);
  const std::size_t kept = KeptParts(prompts, ends);
  PlaceRope(prompts[0]);
  const at::Tensor x = Embed(prompts, seen, ends.back());
  for (std::size_t part = kept; part < ends.size(); ++part) {
    const std::int64_t begin = part == 0 ? 0 : ends[part - 1], count = ends[part] - begin;
    const at::Tensor slots =
        at::arange(begin, ends[part], ids_.options()).unsqueeze(0).expand({batch, count}).contiguous();
    states_.narrow(1, begin, count)
        .copy_(CachedForward(config_.text, params_, x.narrow(1, begin, count), slots, rope_, cache_, ends[part]));
  }
  prompts_ = std::move(prompts);
  views_changed_ = false;
}

at::Tensor VlaEngine::PromptStates(std::size_t row) const {
  return states_[static_cast<std::int64_t>(row)].narrow(0, 0, static_cast<std::int64_t>(prompts_[row].ids.size()));
}

at::Tensor VlaEngine::LogitsOf(const at::Tensor& states) const {
  c10::AutoGradMode no_grad(false);
  return Logits(config_.text, params_, states);
}

// Reads the tokens of ids_ and puts the next ones there, without waiting for the device.
void VlaEngine::Feed(std::int64_t used) {
  const at::Tensor state =
      CachedForward(config_.text, params_, EmbedTokens(params_, ids_), slots_, rope_, cache_, used).select(1, 0);
  fed_sum_.add_(state * open_);
  fed_.add_(open_);
  slots_.add_(1);
  ids_.copy_(Argmax(Logits(config_.text, params_, state)).unsqueeze(1));
}

std::vector<std::vector<int>> VlaEngine::Write(int max_new_tokens, std::span<const std::vector<int>> forced,
                                               const WatchText& wrote) {
  DIVLA_CHECK(forced.empty() || forced.size() == prompts_.size(), "forced answers: one entry for each row");
  c10::AutoGradMode no_grad(false);
  const auto batch = static_cast<std::int64_t>(prompts_.size());
  std::vector<std::vector<int>> written(prompts_.size());
  std::vector<at::Tensor> lasts;
  std::vector<std::int64_t> next;
  for (std::size_t row = 0; row < prompts_.size(); ++row) {
    next.push_back(static_cast<std::int64_t>(prompts_[row].ids.size()));
    lasts.push_back(states_[static_cast<std::int64_t>(row)][next.back() - 1]);
  }
  slots_.copy_(at::tensor(next, at::kLong).view({batch, 1}));
  ids_.copy_(Argmax(Logits(config_.text, params_, at::stack(lasts))).unsqueeze(1));
  fed_sum_.zero_();
  fed_.zero_();
  const std::int64_t capacity = cache_.keys[0].size(2), longest = *std::max_element(next.begin(), next.end());
  DIVLA_CHECK(longest + max_new_tokens <= capacity, "no room for the answer: Read was told of a shorter one");
  at::Tensor open = at::ones({batch, 1}, at::kFloat);
  for (int step = 0; step < max_new_tokens; ++step) {
    const at::Tensor ids = ids_.to(at::kCPU);
    if (!forced.empty()) {
      auto* values = ids.mutable_data_ptr<std::int64_t>();
      for (std::size_t row = 0; row < forced.size(); ++row) {
        const auto at = static_cast<std::size_t>(step);
        if (!forced[row].empty()) values[row] = at < forced[row].size() ? forced[row][at] : stop_ids_.front();
      }
      ids_.copy_(ids);
    }
    bool any = false;
    for (std::size_t row = 0; row < written.size(); ++row) {
      auto* goes_on = open.mutable_data_ptr<float>() + row;
      if (*goes_on == 0.0F) continue;
      const int id = static_cast<int>(ids.const_data_ptr<std::int64_t>()[row]);
      written[row].push_back(id);
      if (wrote) wrote(row, written[row]);
      if (std::find(stop_ids_.begin(), stop_ids_.end(), id) != stop_ids_.end()) *goes_on = 0.0F;
      any = any || *goes_on != 0.0F;
    }
    if (!any || step + 1 == max_new_tokens) break;
    open_.copy_(open);
    // A captured step has one size: all slots. Elsewhere only those that are filled take part.
    const std::int64_t used = options_.device().is_cpu() ? longest + step + 1 : capacity;
    feed_graph_->Run([&] { Feed(used); });
  }
  return written;
}

std::string VlaEngine::Text(std::span<const int> ids) const { return tokenizer_.Decode(ids, true); }

at::Tensor VlaEngine::Condition(const at::Tensor& injected) const {
  DIVLA_CHECK(HasHead(), "only a policy has a condition");
  c10::AutoGradMode no_grad(false);
  std::vector<at::Tensor> prompt, last;
  for (std::size_t row = 0; row < prompts_.size(); ++row) {
    const at::Tensor states = PromptStates(row).to(at::kFloat);
    prompt.push_back(states.mean(0));
    last.push_back(states[-1]);
  }
  const at::Tensor answer = at::where(fed_ > 0, fed_sum_ / fed_.clamp_min(1.0), at::stack(last));
  return MeanPoolCondition(params_, at::stack(prompt).to(options_), answer.to(options_),
                           injected.defined() ? injected.to(options_) : injected);
}

at::Tensor VlaEngine::Act(const at::Tensor& condition, const at::Tensor& state, const at::Tensor& noise,
                          const WatchDenoising& denoised) const {
  DIVLA_CHECK(HasHead(), "only a policy acts");
  c10::AutoGradMode no_grad(false);
  const ReleasedHeadConfig& head = *config_.head;
  PolicyHeadConfig sampler;  // the released scheduler: epsilon, samples clipped to [-1, 1]
  sampler.num_train_timesteps = head.num_train_timesteps;
  sampler.num_inference_timesteps = head.num_inference_timesteps;
  sampler.prediction_type = "epsilon";
  sampler.clip_sample_range = 1.0;
  const DdimSchedule schedule = MakeDdimSchedule(sampler);
  const auto denoise = [&](const at::Tensor& with, const at::Tensor& from, const at::Tensor& start) {
    const at::Tensor global = UnetCondition(params_, with, from);
    return DdimSample(
        sampler, schedule, start,
        [&](const at::Tensor& x, int timestep) {
          return ConditionalUnet(head, params_, x.to(options_), timestep, global).to(at::kFloat);
        },
        options_.device().is_cpu() ? denoised : WatchDenoising());
  };
  if (options_.device().is_cpu()) return denoise(condition, state.to(options_), noise);
  if (!act_graph_ || act_condition_.sizes() != condition.sizes()) {
    act_graph_ = std::make_unique<StepGraph>(options_.device());
    act_condition_ = at::empty_like(condition);
    act_state_ = at::empty(state.sizes(), options_);
    act_noise_ = at::empty(noise.sizes(), options_.dtype(at::kFloat));
    act_actions_ = at::empty_like(act_noise_);
  }
  act_condition_.copy_(condition);
  act_state_.copy_(state);
  act_noise_.copy_(noise);
  act_graph_->Run([&] { act_actions_.copy_(denoise(act_condition_, act_state_, act_noise_)); });
  return act_actions_.clone();
}

}  // namespace divla
