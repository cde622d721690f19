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
#include "policy/divla/model.h"
#include "policy/divla/ops/ops.h"
#include "policy/divla/reading/reading.h"
#include "policy/divla/strict/scope.h"
#include "policy/divla/text/answer.h"
#include "policy/divla/text/reasoning_text.h"
#include "policy/divla/text/tokenizer.h"
#include "policy/file_io.h"
#include "policy/sha256.h"
#include "sim/check.h"

namespace divla {
namespace {

std::size_t Size(std::int64_t n) { return static_cast<std::size_t>(n); }

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
    if (config_.head.HasLanguageModel()) tokenizer_.TokenId(kImEnd);  // throws when there is none
    params_ = LoadWeights(config_, folder + "/model.safetensors");
    if (strict_) {
      for (auto& [weight_name, tensor] : params_) {
        // Embeddings are looked up by row; a tied one is multiplied, too.
        const bool looked_up = weight_name.ends_with("embed_tokens.weight") && !config_.text.tie_word_embeddings;
        if (weight_name.ends_with(".weight") && !looked_up) tensor = ForStrictProducts(tensor);
      }
    }
    schedule_ = MakeDdimSchedule(config_.head);
    info_ = {name, Sha256OfFile(folder + "/model.safetensors"), /*reasons=*/config_.head.reasoning,
             /*batch_invariant=*/strict_};
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
    std::vector<std::string> instructions;
    for (const Query& query : queries) instructions.push_back(query.observation->instruction);
    const bool watched = std::any_of(queries.begin(), queries.end(), [](const Query& q) { return q.trace != nullptr; });
    ReadingWatch watch{.wrote = [&](std::size_t row, const std::vector<int>& answer,
                                    const at::Tensor& looked) { ShowToken(queries[row], body, answer, looked); },
                       .acted = {}};
    const Reading reading = Read({config_, params_, tokenizer_}, robot_.name, instructions, views,
                                 Forced(queries, body), watched ? &watch : nullptr);
    const at::Tensor c = Condition(params_, robot_.name, reading.z, Proprioception(params_, robot_.name, state, tool));
    const at::Tensor injected = InjectedRows(queries);
    const at::Tensor sample = DdimSample(
        config_.head, schedule_, PolicyNoise(queries, config_.head.chunk_size, body.action_dim),
        [&](const at::Tensor& x, int t) {
          return Unet(config_.head, params_, robot_.name, x, at::full({count}, static_cast<std::int64_t>(t), at::kLong),
                      c, reading.r, injected);
        },
        watched ? [&](int step, const at::Tensor& expected) { ShowDenoised(queries, body, step, expected, tool); }
                : std::function<void(int, const at::Tensor&)>());
    std::vector<ActionChunk> chunks = Chunks(body, sample, tool);
    std::vector<PolicyOutput> outputs;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      PolicyOutput& output = outputs.emplace_back();
      if (info_.reasons) output.reasoning = Said(reading.answers[q], body);
      output.actions = std::move(chunks[q]);
      if (queries[q].trace != nullptr && watch.acted.defined()) {
        queries[q].trace->acted = ByCamera(body, watch.acted[static_cast<std::int64_t>(q)]);
      }
    }
    return outputs;
  }

 private:
  // sample (B, chunk, A), normalised.
  std::vector<ActionChunk> Chunks(const EmbodimentConfig& body, const at::Tensor& sample,
                                  const at::Tensor& tool) const {
    const at::Tensor actions = ToAbsolute(body, Denormalize(params_, robot_.name, "action", sample), tool).contiguous();
    const std::size_t numbers = Size(config_.head.chunk_size) * Size(body.action_dim);
    std::vector<ActionChunk> chunks;
    for (std::int64_t q = 0; q < actions.size(0); ++q) {
      const float* values = actions.const_data_ptr<float>() + Size(q) * numbers;
      chunks.push_back(
          {body.action_kind, config_.head.chunk_size, body.action_dim, std::vector<float>(values, values + numbers)});
    }
    return chunks;
  }

  // To those who watch.
  void ShowToken(const Query& query, const EmbodimentConfig& body, const std::vector<int>& answer,
                 const at::Tensor& looked) const {
    if (query.trace == nullptr || !query.trace->wrote) return;
    query.trace->wrote(Said(answer, body), ByCamera(body, looked));
  }

  void ShowDenoised(std::span<const Query> queries, const EmbodimentConfig& body, int step, const at::Tensor& expected,
                    const at::Tensor& tool) const {
    std::vector<ActionChunk> chunks;  // made when somebody wants them
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const QueryTrace* trace = queries[q].trace;
      if (trace == nullptr || !trace->denoised) continue;
      if (chunks.empty()) chunks = Chunks(body, expected, tool);
      trace->denoised(step, config_.head.num_inference_timesteps, chunks[q]);
    }
  }

  // attention (V * TokensPerView)
  Attention ByCamera(const EmbodimentConfig& body, const at::Tensor& attention) const {
    const at::Tensor contiguous = attention.contiguous();
    const float* values = contiguous.const_data_ptr<float>();
    const int cells = config_.vision.TokensPerView();
    Attention maps;
    for (const std::string& camera : body.cameras) {
      maps[camera] = {config_.vision.MergedHeight(), config_.vision.MergedWidth(),
                      std::vector<float>(values, values + cells)};
      values += cells;
    }
    return maps;
  }

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
      const ForcedReasoning& words = *queries[q].forced;
      forced[q] = AnswerTokens(tokenizer_, PlainTokens(tokenizer_, words.text), words.pixels, body.location_views);
      CheckForcedLength(static_cast<int>(forced[q].size()), body.max_new_tokens, info_, words);
    }
    return forced;
  }

  Reasoning Said(const std::vector<int>& answer, const EmbodimentConfig& body) const {
    return {WithoutNextAction(tokenizer_.Decode(answer, true)), WithoutNextAction(tokenizer_.DecodeGrounded(answer)),
            AnswerPixels(tokenizer_, answer, body.location_views)};
  }

  DivlaConfig config_;
  Tokenizer tokenizer_;
  ParamStore params_;
  DdimSchedule schedule_;
  PolicyInfo info_;
  PolicyRequirements requirements_;
  RobotInterface robot_;
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
