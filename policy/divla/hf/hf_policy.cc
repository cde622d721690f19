#include "policy/divla/hf/hf_policy.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "policy/check_observation.h"
#include "policy/divla/head/injection.h"
#include "policy/divla/head/noise.h"
#include "policy/divla/hf/vla_engine.h"
#include "policy/divla/images/image_config.h"
#include "policy/divla/images/patches.h"
#include "policy/divla/json_reader.h"
#include "policy/divla/ops/cores.h"
#include "policy/divla/text/answer.h"
#include "policy/divla/text/reasoning_text.h"
#include "policy/divla/weights/checkpoint_files.h"
#include "policy/file_io.h"
#include "policy/sha256.h"
#include "sim/check.h"

namespace divla {
namespace {

// divla.json.
struct Body {
  std::string robot;
  ActionKind action_kind{ActionKind::kJointPosition};
  std::vector<std::string> cameras;
  int image_height{}, image_width{};
  int n_action_steps{}, max_new_tokens{256};
  std::vector<float> action_min, action_max, state_mean, state_std;
};

Body ReadBody(const std::string& path, const ReleasedHeadConfig& head) {
  const nlohmann::json json = ParseJsonObject(ReadFile(path), path);
  JsonReader reader(json, path, "");
  Body body;
  body.robot = reader.Get<std::string>("robot");
  const auto kind = reader.Get<std::string>("action_kind");
  if (kind != "joint_position" && kind != "end_effector_pose") {
    reader.Fail("action_kind", "\"joint_position\" or \"end_effector_pose\"", kind);
  }
  body.action_kind = kind == "joint_position" ? ActionKind::kJointPosition : ActionKind::kEndEffectorPose;
  body.cameras = reader.Get<std::vector<std::string>>("cameras");
  if (body.cameras.empty()) reader.Fail("cameras", "at least one camera", "none");
  const auto size = reader.Get<std::vector<int>>("image_size");
  if (size.size() != 2 || size[0] < 1 || size[1] < 1 || size[0] > 4096 || size[1] > 4096) {
    reader.Fail("image_size", "[height, width] from 1 to 4096", fmt::format("[{}]", fmt::join(size, ", ")));
  }
  body.image_height = size[0];
  body.image_width = size[1];
  body.n_action_steps = head.prediction_horizon;
  reader.Read("n_action_steps", body.n_action_steps);
  if (body.n_action_steps < 1 || body.n_action_steps > head.prediction_horizon) {
    reader.Fail("n_action_steps", fmt::format("1 to the horizon, {}", head.prediction_horizon),
                std::to_string(body.n_action_steps));
  }
  reader.Read("max_new_tokens", body.max_new_tokens);
  if (body.max_new_tokens < 1 || body.max_new_tokens > 4096) {
    reader.Fail("max_new_tokens", "1 to 4096", std::to_string(body.max_new_tokens));
  }
  JsonReader stats = reader.Object("dataset_stats");
  const auto numbers = [&](const std::string& key, int count) {
    const auto values = stats.Get<std::vector<double>>(key);
    if (static_cast<int>(values.size()) != count) {
      stats.Fail(key, fmt::format("{} numbers", count), std::to_string(values.size()));
    }
    return std::vector<float>(values.begin(), values.end());
  };
  body.action_min = numbers("action_min", head.input_dim);
  body.action_max = numbers("action_max", head.input_dim);
  body.state_mean = numbers("qpos_mean", head.state_dim);
  body.state_std = numbers("qpos_std", head.state_dim);
  for (float deviation : body.state_std) {
    if (!(deviation > 0)) stats.Fail("qpos_std", "numbers above 0", fmt::format("{}", deviation));
  }
  stats.Done();
  reader.Done();
  return body;
}

at::ScalarType StoredType(const std::string& folder) {
  for (const auto& [name, stored] : OpenCheckpointFiles(folder)) {
    if (name.ends_with("norm.weight")) return stored.view.dtype == Dtype::kBF16 ? at::kBFloat16 : at::kFloat;
  }
  return at::kFloat;
}

// Of one file its own checksum, of shards that of their checksums in order.
std::string WeightsSha256(const std::string& folder) {
  const std::vector<std::string> files = CheckpointFileNames(folder);
  if (files.size() == 1) return Sha256OfFile(folder + "/" + files[0]);
  std::string sums;
  for (const std::string& file : files) sums += Sha256OfFile(folder + "/" + file) + "\n";
  return Sha256OfText(sums);
}

class HfPolicy final : public Policy {
 public:
  HfPolicy(const std::string& name, const std::string& folder)
      : engine_(VlaEngine::Open(folder, StoredType(folder))), images_(ReadQwen2VlImages(folder)) {
    if (!engine_.HasHead()) {
      throw InputError(
          fmt::format("file {}/config.json: key 'policy_head_config': expected a policy's, found none", folder));
    }
    body_ = ReadBody(folder + "/divla.json", *engine_.Config().head);
    info_ = {name, WeightsSha256(folder), /*reasons=*/true};
  }

  const PolicyInfo& Info() const override { return info_; }

  PolicyRequirements Requirements(const RobotInterface& robot) const override {
    const ReleasedHeadConfig& head = *engine_.Config().head;
    if (robot.name != body_.robot) {
      throw InputError(fmt::format("policy {}: robot: expected {}, found {}", info_.name, body_.robot, robot.name));
    }
    if (head.state_dim != robot.StateDim() || head.input_dim != robot.ActionDim(body_.action_kind)) {
      throw InputError(fmt::format("policy {}: robot {}: expected {} state and {} action numbers, found {} and {}",
                                   info_.name, robot.name, head.state_dim, head.input_dim, robot.StateDim(),
                                   robot.ActionDim(body_.action_kind)));
    }
    return {body_.cameras, body_.image_height, body_.image_width, body_.action_kind, body_.n_action_steps};
  }

  void Reset(const RobotInterface& robot, int episodes) override {
    DIVLA_CHECK(episodes >= 1, "a group has at least one episode");
    requirements_ = Requirements(robot);
    robot_ = robot;
  }

  std::vector<PolicyOutput> Infer(std::span<const Query> queries) override {
    DIVLA_CHECK(!robot_.name.empty(), "Reset comes before Infer");
    if (queries.empty()) return {};
    for (const Query& query : queries) {
      CheckObservation(*query.observation, robot_, requirements_);
      CheckReasoningMode(query, info_);
    }
    at::set_num_threads(UsableCores());  // the setting is per thread
    std::vector<VlaQuery> asked;
    for (const Query& query : queries) asked.push_back(Ask(*query.observation));
    const at::Tensor seen = engine_.See(asked);
    engine_.Read(asked, seen, body_.max_new_tokens);
    VlaEngine::WatchText wrote;
    VlaEngine::WatchDenoising denoised;
    if (std::any_of(queries.begin(), queries.end(), [](const Query& query) { return query.trace != nullptr; })) {
      wrote = [&](std::size_t row, const std::vector<int>& ids) { ShowText(queries[row], ids); };
      denoised = [&](int step, const at::Tensor& expected) { ShowDenoised(queries, step, expected); };
    }
    const std::vector<std::vector<int>> written = engine_.Write(body_.max_new_tokens, Forced(queries), wrote);
    const ReleasedHeadConfig& head = *engine_.Config().head;
    const at::Tensor noise = PolicyNoise(queries, head.prediction_horizon, head.input_dim);
    const at::Tensor actions =
        engine_.Act(engine_.Condition(InjectedRows(queries)), States(queries), noise, denoised).contiguous();
    return Answers(written, actions);
  }

 private:
  // Empty when every answer is the policy's own. A released policy writes no locations.
  std::vector<std::vector<int>> Forced(std::span<const Query> queries) const {
    std::vector<std::vector<int>> forced;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      if (queries[q].reasoning != ReasoningMode::kForced) continue;
      forced.resize(queries.size());
      forced[q] = PlainTokens(engine_.Words(), queries[q].forced->text + std::string(kNextAction));
      CheckForcedLength(static_cast<int>(forced[q].size()), body_.max_new_tokens, info_, *queries[q].forced);
    }
    return forced;
  }

  VlaQuery Ask(const Observation& observation) const {
    VlaQuery query{observation.instruction, {}};
    for (const std::string& camera : body_.cameras) {
      ImagePatches patches = MakePatches(observation.images.at(camera), images_);
      query.views.push_back({{patches.grid_height, patches.grid_width}, std::move(patches.values)});
    }
    return query;
  }

  at::Tensor States(std::span<const Query> queries) const {
    const auto size = static_cast<std::int64_t>(body_.state_mean.size());
    at::Tensor states = at::empty({static_cast<std::int64_t>(queries.size()), size}, at::kFloat);
    auto* out = states.mutable_data_ptr<float>();
    for (const Query& query : queries) {
      for (std::size_t i = 0; i < body_.state_mean.size(); ++i) {
        *out++ = (query.observation->state[i] - body_.state_mean[i]) / body_.state_std[i];
      }
    }
    return states;
  }

  Reasoning Said(const std::vector<int>& ids) const {
    const std::string text = WithoutNextAction(engine_.Text(ids));
    return {text, text, {}};
  }

  // To those who watch. A stop id has no text.
  void ShowText(const Query& query, const std::vector<int>& ids) const {
    if (query.trace != nullptr && query.trace->wrote) query.trace->wrote(Said(ids), {});
  }

  void ShowDenoised(std::span<const Query> queries, int step, const at::Tensor& expected) const {
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const QueryTrace* trace = queries[q].trace;
      if (trace == nullptr || !trace->denoised) continue;
      trace->denoised(step, engine_.Config().head->num_inference_timesteps,
                      Chunk(expected[static_cast<std::int64_t>(q)]));
    }
  }

  // sample (T, A) in [-1, 1]
  ActionChunk Chunk(const at::Tensor& sample) const {
    const at::Tensor contiguous = sample.contiguous();
    const auto* values = contiguous.const_data_ptr<float>();
    ActionChunk chunk{body_.action_kind, static_cast<int>(sample.size(0)), static_cast<int>(sample.size(1)), {}};
    for (int i = 0; i < chunk.size * chunk.dim; ++i) {
      const auto column = static_cast<std::size_t>(i % chunk.dim);
      const float low = body_.action_min[column], high = body_.action_max[column];
      chunk.values.push_back((*values++ + 1.0F) / 2.0F * (high - low) + low);
    }
    return chunk;
  }

  std::vector<PolicyOutput> Answers(const std::vector<std::vector<int>>& written, const at::Tensor& actions) const {
    std::vector<PolicyOutput> outputs;
    for (std::size_t row = 0; row < written.size(); ++row) {
      PolicyOutput& output = outputs.emplace_back();
      output.reasoning = Said(written[row]);
      output.actions = Chunk(actions[static_cast<std::int64_t>(row)]);
    }
    return outputs;
  }

  VlaEngine engine_;
  ImageConfig images_;
  Body body_;
  PolicyInfo info_;
  PolicyRequirements requirements_;
  RobotInterface robot_;
};

}  // namespace

std::unique_ptr<Policy> MakeHfPolicy(const std::string& name, const std::string& folder) {
  return std::make_unique<HfPolicy>(name, folder);
}

}  // namespace divla
