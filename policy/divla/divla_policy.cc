#include "policy/divla/divla_policy.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "policy/check_observation.h"
#include "policy/divla/config.h"
#include "policy/divla/head/condition.h"
#include "policy/divla/head/ddim.h"
#include "policy/divla/head/injection.h"
#include "policy/divla/head/noise.h"
#include "policy/divla/head/normalizer.h"
#include "policy/divla/head/unet.h"
#include "policy/divla/hf/hf_config.h"
#include "policy/divla/hf/hf_policy.h"
#include "policy/divla/language/language_model.h"
#include "policy/divla/model.h"
#include "policy/divla/ops/ops.h"
#include "policy/divla/strict/scope.h"
#include "policy/divla/text/answer.h"
#include "policy/divla/text/prompt.h"
#include "policy/divla/text/reasoning_text.h"
#include "policy/divla/text/tokenizer.h"
#include "policy/divla/weights/sha256.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

std::size_t Size(std::int64_t n) { return static_cast<std::size_t>(n); }

// What the language model leaves behind for the head.
struct Answer {
  std::vector<std::vector<int>> tokens;  // by query, <|im_end|> at the end
  at::Tensor action_states;              // (B, K, d)
  at::Tensor mean_state;                 // (B, d), over the answer's tokens
};

class DivlaPolicy final : public Policy {
 public:
  DivlaPolicy(const std::string& name, const std::string& folder, bool strict)
      : config_(ReadDivlaConfig(folder + "/config.json")), tokenizer_(Tokenizer::Load(folder)), strict_(strict) {
    at::set_num_threads(1);
    if (config_.text.vocab_size < tokenizer_.VocabSize()) {
      throw InputError(
          fmt::format("file {}/config.json: key 'vocab_size': expected at least {} (the tokenizer's), found {}", folder,
                      tokenizer_.VocabSize(), config_.text.vocab_size));
    }
    im_end_ = tokenizer_.TokenId(kImEnd);
    params_ = LoadWeights(config_, folder + "/model.safetensors");
    if (strict_) {
      for (auto& [weight_name, tensor] : params_) {
        // Embeddings are looked up by row; a tied one is multiplied, too.
        const bool looked_up = weight_name.ends_with("embed_tokens.weight") && !config_.text.tie_word_embeddings;
        if (weight_name.ends_with(".weight") && !looked_up) tensor = ForStrictProducts(tensor);
      }
    }
    schedule_ = MakeDdimSchedule(config_.head);
    info_ = {name, Sha256OfFile(folder + "/model.safetensors"), /*reasons=*/true};
  }

  const PolicyInfo& Info() const override { return info_; }

  PolicyRequirements Requirements(const RobotInterface& robot) const override {
    const EmbodimentConfig& body = Body(robot);
    return {body.cameras, config_.vision.image_height, config_.vision.image_width, body.action_kind,
            body.n_action_steps};
  }

  void Reset(const RobotInterface& robot, int episodes) override {
    DIVLA_CHECK(episodes >= 1, "a group has at least one episode");
    requirements_ = Requirements(robot);
    robot_ = robot;
  }

  std::vector<PolicyOutput> Infer(std::span<const Query> queries) override {
    DIVLA_CHECK(!robot_.name.empty(), "Reset comes before Infer");
    if (queries.empty()) return {};
    c10::AutoGradMode no_grad(false);
    const StrictScope strict(strict_);
    at::set_num_threads(1);  // the setting is per thread, and the instance may have moved to another
    const EmbodimentConfig& body = Body(robot_);
    for (const Query& query : queries) {
      CheckObservation(*query.observation, robot_, requirements_);
      CheckReasoningMode(query, info_);
    }
    const auto count = static_cast<std::int64_t>(queries.size());
    at::Tensor state = at::empty({count, body.state_dim}, at::kFloat),
               tool = at::empty({count, body.ToolDim()}, at::kFloat);
    for (std::int64_t q = 0; q < count; ++q) {
      const Observation& observation = *queries[Size(q)].observation;
      if (observation.tool.size() != Size(body.ToolDim())) {
        throw InputError(fmt::format("observation: key 'tool': expected {} numbers, found {}", body.ToolDim(),
                                     observation.tool.size()));
      }
      std::copy(observation.state.begin(), observation.state.end(),
                state.mutable_data_ptr<float>() + q * body.state_dim);
      std::copy(observation.tool.begin(), observation.tool.end(), tool.mutable_data_ptr<float>() + q * body.ToolDim());
    }
    const at::Tensor views = EncodeViews(config_, params_, robot_.name, Pixels(queries, body));
    const Answer answer = Reason(queries, body, views);
    const at::Tensor z = ProjectActionTokens(params_, answer.action_states);
    const at::Tensor c = Condition(params_, robot_.name, z, Proprioception(params_, robot_.name, state, tool));
    const at::Tensor r = ReasoningSummary(params_, answer.mean_state);
    const at::Tensor injected = InjectedRows(queries);
    const at::Tensor sample =
        DdimSample(config_.head, schedule_, PolicyNoise(queries, config_.head.chunk_size, body.action_dim),
                   [&](const at::Tensor& x, int t) {
                     return Unet(config_.head, params_, robot_.name, x,
                                 at::full({count}, static_cast<std::int64_t>(t), at::kLong), c, r, injected);
                   });
    const at::Tensor actions = ToAbsolute(body, Denormalize(params_, robot_.name, "action", sample), tool).contiguous();

    std::vector<PolicyOutput> outputs;
    const std::size_t numbers = Size(config_.head.chunk_size) * Size(body.action_dim);
    for (std::size_t q = 0; q < queries.size(); ++q) {
      PolicyOutput& output = outputs.emplace_back();
      output.reasoning.text = WithoutNextAction(tokenizer_.Decode(answer.tokens[q], true));
      output.reasoning.grounded = WithoutNextAction(tokenizer_.DecodeGrounded(answer.tokens[q]));
      output.reasoning.pixels = AnswerPixels(tokenizer_, answer.tokens[q], body.location_views);
      const float* values = actions.const_data_ptr<float>() + q * numbers;
      output.actions = {body.action_kind, config_.head.chunk_size, body.action_dim,
                        std::vector<float>(values, values + numbers)};
    }
    return outputs;
  }

 private:
  const EmbodimentConfig& Body(const RobotInterface& robot) const {
    const auto found = config_.embodiments.find(robot.name);
    if (found == config_.embodiments.end()) {
      std::string known;
      for (const auto& [name, body] : config_.embodiments) known += (known.empty() ? "" : ", ") + name;
      throw InputError(fmt::format("policy {}: robot: expected one of {}, found {}", info_.name, known, robot.name));
    }
    const EmbodimentConfig& body = found->second;
    if (body.state_dim != robot.StateDim() || body.action_dim != robot.ActionDim(body.action_kind) ||
        body.Arms() != robot.arms) {
      throw InputError(fmt::format("policy {}: robot {}: expected {} state and {} action numbers, found {} and {}",
                                   info_.name, robot.name, body.state_dim, body.action_dim, robot.StateDim(),
                                   robot.ActionDim(body.action_kind)));
    }
    return body;
  }

  // (B, V, H, W, 3) in [-1, 1]
  at::Tensor Pixels(std::span<const Query> queries, const EmbodimentConfig& body) const {
    at::Tensor pixels =
        at::empty({static_cast<std::int64_t>(queries.size()), static_cast<std::int64_t>(body.cameras.size()),
                   config_.vision.image_height, config_.vision.image_width, 3},
                  at::kFloat);
    auto* out = pixels.mutable_data_ptr<float>();
    for (const Query& query : queries) {
      for (const std::string& camera : body.cameras) {
        for (std::uint8_t byte : query.observation->images.at(camera).rgb)
          *out++ = static_cast<float>(byte) / 127.5F - 1.0F;
      }
    }
    return pixels;
  }

  // The answer of each query that is not the policy's own; empty for the others.
  std::vector<std::vector<int>> Forced(std::span<const Query> queries, const EmbodimentConfig& body) const {
    std::vector<std::vector<int>> forced(queries.size());
    for (std::size_t q = 0; q < queries.size(); ++q) {
      if (queries[q].reasoning != ReasoningMode::kForced) continue;
      forced[q] = AnswerTokens(tokenizer_, *queries[q].forced, body.location_views);
      CheckForcedLength(static_cast<int>(forced[q].size()), body.max_new_tokens, info_, *queries[q].forced);
    }
    return forced;
  }

  // Reads all prompts at once, writes all answers token by token, then runs the action tokens. Rows differ in length:
  // each row's tokens stand in the cache slots 0, 1, 2, ... of its own, and a row that has finished writes where nobody
  // reads.
  Answer Reason(std::span<const Query> queries, const EmbodimentConfig& body, const at::Tensor& views) const {
    const auto count = static_cast<std::int64_t>(queries.size());
    const std::int64_t width = config_.text.hidden_size, k = config_.head.num_action_tokens;
    const std::vector<ImageGrid> grids = ViewGrids(config_, body);
    const std::vector<std::vector<int>> forced = Forced(queries, body);
    std::vector<Prompt> prompts;
    std::int64_t longest = 0;
    for (const Query& query : queries) {
      prompts.push_back(BuildPrompt(tokenizer_, query.observation->instruction, grids));
      longest = std::max(longest, static_cast<std::int64_t>(prompts.back().ids.size()));
    }
    const std::int64_t prefix = PrefixLength(prompts[0]), capacity = longest + body.max_new_tokens + 1 + k;
    // Positions depend on the slot alone: all prompts share the pictures' part and count up after it.
    at::Tensor positions = at::empty({3, capacity}, at::kLong);
    for (std::int64_t axis = 0; axis < 3; ++axis) {
      auto* out = positions.mutable_data_ptr<std::int64_t>() + axis * capacity;
      const std::vector<int>& known = prompts[0].positions[Size(axis)];
      for (std::int64_t i = 0; i < capacity; ++i)
        out[i] = i < prefix ? known[Size(i)] : known[Size(prefix) - 1] + 1 + i - prefix;
    }
    const RopeTable rope = MakeRopeTable(config_.text, positions);
    KvCache cache = MakeKvCache(config_.text, count, capacity);

    at::Tensor rest = at::zeros({count, longest - prefix}, at::kLong);
    std::vector<std::int64_t> next;  // slot of each row's next token
    for (std::int64_t q = 0; q < count; ++q) {
      const std::vector<int>& ids = prompts[Size(q)].ids;
      std::copy(ids.begin() + prefix, ids.end(), rest.mutable_data_ptr<std::int64_t>() + q * (longest - prefix));
      next.push_back(static_cast<std::int64_t>(ids.size()));
    }
    std::vector<at::Tensor> pieces = PrefixPieces(params_, prompts[0], views);
    pieces.push_back(EmbedTokens(params_, rest));
    const at::Tensor slots = at::arange(longest, at::kLong).unsqueeze(0).expand({count, longest}).contiguous();
    const at::Tensor hidden = CachedForward(config_.text, params_, at::cat(pieces, 1), slots, rope, cache);
    at::Tensor last = hidden.gather(1, (at::tensor(next, at::kLong) - 1).view({count, 1, 1}).expand({count, 1, width}));

    Answer answer;
    answer.tokens.resize(queries.size());
    at::Tensor sum = at::zeros({count, width}, at::kFloat);
    std::vector<bool> done(queries.size(), false);
    for (int step = 0; step < body.max_new_tokens; ++step) {
      const at::Tensor best = Argmax(Logits(config_.text, params_, last)).view({count}).contiguous();
      auto* ids = best.mutable_data_ptr<std::int64_t>();
      bool open = false;
      for (std::size_t q = 0; q < queries.size(); ++q) {
        if (done[q]) continue;
        if (!forced[q].empty()) ids[q] = Size(step) < forced[q].size() ? forced[q][Size(step)] : im_end_;
        const int id = static_cast<int>(ids[q]);
        if (id == im_end_) {
          done[q] = true;
        } else {
          answer.tokens[q].push_back(id);
          open = true;
        }
      }
      if (!open) break;
      last = CachedForward(config_.text, params_, EmbedTokens(params_, best.view({count, 1})),
                           at::tensor(next, at::kLong).view({count, 1}), rope, cache);
      for (std::int64_t q = 0; q < count; ++q) {
        if (done[Size(q)]) continue;
        sum[q] += last[q][0];
        ++next[Size(q)];
      }
    }
    // <|im_end|> and the action tokens; an answer cut off at max_new_tokens is ended here, too.
    at::Tensor tail_slots = at::tensor(next, at::kLong).view({count, 1}) + at::arange(k + 1, at::kLong);
    const at::Tensor end = EmbedTokens(params_, at::full({count, 1}, static_cast<std::int64_t>(im_end_), at::kLong));
    const at::Tensor tail = CachedForward(
        config_.text, params_, at::cat({end, ActionTokens(params_).unsqueeze(0).expand({count, k, width})}, 1),
        tail_slots.contiguous(), rope, cache);
    sum += tail.select(1, 0);
    std::vector<float> lengths;
    for (std::vector<int>& tokens : answer.tokens) {
      tokens.push_back(im_end_);
      lengths.push_back(static_cast<float>(tokens.size()));
    }
    answer.mean_state = sum / at::tensor(lengths, at::kFloat).unsqueeze(1);
    answer.action_states = tail.narrow(1, 1, k).contiguous();
    return answer;
  }

  DivlaConfig config_;
  Tokenizer tokenizer_;
  ParamStore params_;
  DdimSchedule schedule_;
  PolicyInfo info_;
  PolicyRequirements requirements_;
  RobotInterface robot_;
  int im_end_{};
  bool strict_{};
};

}  // namespace

std::unique_ptr<Policy> MakeDivlaPolicy(const std::string& name, const std::string& folder, bool strict) {
  if (IsHuggingFaceConfig(ReadFile(folder + "/config.json"))) {
    if (strict)
      throw InputError(fmt::format("policy {}: --strict: expected a checkpoint of our own, found another", name));
    return MakeHfPolicy(name, folder);
  }
  return std::make_unique<DivlaPolicy>(name, folder, strict);
}

}  // namespace divla
