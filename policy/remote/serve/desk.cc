#include "policy/remote/serve/desk.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <optional>

#include "policy/remote/native_keys.h"
#include "policy/remote/wire/ndarray.h"
#include "policy/remote/wire/utf8.h"
#include "sim/check.h"

namespace divla::serve {
namespace {

constexpr std::size_t kLongestError = 300;  // bytes of an error that a client is told

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point then) {
  return std::chrono::duration<double, std::milli>(Clock::now() - then).count();
}

WireValue Texts(const std::vector<std::string>& texts) {
  WireValue::Array values;
  for (const std::string& text : texts) values.push_back(WireValue::Text(text));
  return WireValue::OfArray(std::move(values));
}

std::string KindWord(ActionKind kind) {
  return kind == ActionKind::kJointPosition ? native::kJointPosition : native::kEndEffectorPose;
}

WireValue BodyMetadata(const ServedBody& body) {
  WireValue map = WireValue::OfMap();
  map.Set(native::kCameras, Texts(body.wants.cameras));
  if (!body.wants.cameras.empty()) {
    map.Set(native::kImageSize,
            WireValue::OfArray({WireValue::Int(body.wants.image_height), WireValue::Int(body.wants.image_width)}));
  }
  map.Set("state_names", Texts(body.robot.state_names));
  map.Set(native::kActionKind, WireValue::Text(KindWord(body.wants.action_kind)));
  map.Set("action_dim", WireValue::Int(body.robot.ActionDim(body.wants.action_kind)));
  map.Set("chunk", WireValue::Int(body.chunk));
  map.Set(native::kActionSteps, WireValue::Int(body.wants.n_action_steps));
  map.Set("tool_needed", WireValue::Bool(!body.tool));
  return map;
}

std::string PackAnswer(const Answered& answered, double server_ms, std::optional<double> previous_ms) {
  const auto& [reasoning, actions] = answered.output;
  WireValue map = WireValue::OfMap();
  map.Set(native::kActions,
          WireValue::OfNdArray(ArrayOf(std::span<const float>(actions.values), {actions.size, actions.dim})));
  map.Set(native::kReasoning, WireValue::Text(reasoning.text));
  map.Set(native::kReasoningGrounded, WireValue::Text(reasoning.grounded));
  WireValue pixels = WireValue::OfMap();
  for (const auto& [camera, uv] : reasoning.pixels) {
    pixels.Set(camera, WireValue::OfNdArray(ArrayOf(std::span<const float>(uv), {2})));
  }
  map.Set(native::kReasoningPixels, std::move(pixels));
  WireValue policy_timing = WireValue::OfMap();
  policy_timing.Set("infer_ms", WireValue::Double(answered.infer_ms));
  map.Set("policy_timing", std::move(policy_timing));
  WireValue server_timing = WireValue::OfMap();
  server_timing.Set("infer_ms", WireValue::Double(server_ms));  // the wait in line included
  if (previous_ms) server_timing.Set("prev_total_ms", WireValue::Double(*previous_ms));
  map.Set("server_timing", std::move(server_timing));
  return Pack(map);
}

}  // namespace

WireValue ServerMetadata(const PolicyInfo& info, const std::vector<ServedBody>& bodies, std::size_t max_message) {
  WireValue robots = WireValue::OfMap();
  WireValue profiles = WireValue::OfMap();
  profiles.Set("native", WireValue::Text(
                             "robot, prompt, images {camera: uint8 [H, W, 3]}, state, tool [9 an arm]; "
                             "optional seed or run_seed, query, episode, reset, reasoning_mode; actions are absolute, "
                             "of the robot's action_kind"));
  for (const ServedBody& body : bodies) {
    robots.Set(body.robot.name, BodyMetadata(body));
    if (SpeaksAloha(body) && profiles.Find("aloha") == nullptr) {
      profiles.Set(
          "aloha",
          WireValue::Text(fmt::format(
              "without robot: prompt, images {{camera: uint8 [3, H, W]}}, state [14]; of the arms of '{}'; actions "
              "are absolute joint positions and grippers (0 closed, 1 open)",
              body.robot.name)));
    }
  }
  WireValue ours = WireValue::OfMap();
  ours.Set(native::kVersionKey, WireValue::Int(native::kVersion));
  ours.Set(native::kPolicy, WireValue::Text(info.name));
  ours.Set(native::kWeights, WireValue::Text(info.weights_sha256));
  ours.Set(native::kReasons, WireValue::Bool(info.reasons));
  ours.Set("batch_invariant", WireValue::Bool(info.batch_invariant));
  ours.Set("control_hz", WireValue::Double(1.0 / kControlPeriod));
  ours.Set(native::kRobots, std::move(robots));
  ours.Set("profiles", std::move(profiles));
  ours.Set("max_message_bytes", WireValue::Int(static_cast<std::int64_t>(max_message)));
  WireValue metadata = WireValue::OfMap();
  metadata.Set(native::kDivla, std::move(ours));
  return metadata;
}

class Desk::Client final : public Conversation {
 public:
  Client(Desk& desk, int slot) : desk_(desk), slot_(slot) {}
  ~Client() override { desk_.free_slots_.insert(slot_); }

  void Ask(std::string message, std::function<void(Reply)> reply) override {
    const Clock::time_point began = Clock::now();
    ClientQuestion asked;
    try {
      asked = ReadQuestion(Unpack(message, desk_.limits_), desk_.bodies_);
    } catch (const InputError& error) {
      Log("a question that cannot be read", error.what());
      return reply({.error = OneLine(error.what(), kLongestError), .message = {}});
    }
    Count(asked);
    Question question{.robot = asked.body->robot,
                      .observation = std::move(asked.observation),
                      .slot = slot_,
                      .noise_seed = noise_seed_,
                      .query_number = query_number_,
                      .reasoning = asked.reasoning,
                      .forced = std::move(asked.forced),
                      .forgotten = forgotten_,
                      .done = {}};
    if (query_number_ < std::numeric_limits<int>::max()) ++query_number_;
    question.done = [this, began, reply = std::move(reply)](Answered answered) {
      if (!answered.error.empty()) {
        if (!forgotten_->load()) Log("the policy failed", answered.error);
        return reply({.error = "the policy could not answer; the server's log says why", .message = {}});
      }
      std::string bytes = PackAnswer(answered, MillisecondsSince(began), previous_ms_);
      previous_ms_ = MillisecondsSince(began);
      reply({.error = {}, .message = std::move(bytes)});
    };
    desk_.policy_.Ask(std::move(question));
  }

  void Forget() override { forgotten_->store(true); }

 private:
  // Which episode this is, and which of its queries: as the client says, else one more than the last time.
  void Count(const ClientQuestion& asked) {
    const bool begins = asked.reset || (asked.episode && asked.episode != episode_) ||
                        (asked.noise_seed && *asked.noise_seed != noise_seed_);
    if (asked.episode) episode_ = asked.episode;
    if (begins) {
      noise_seed_ = 0;
      query_number_ = 0;
    }
    if (asked.noise_seed) noise_seed_ = *asked.noise_seed;
    if (asked.query_number) query_number_ = *asked.query_number;
  }

  void Log(const std::string& what, const std::string& why) const {
    if (desk_.log_) desk_.log_(fmt::format("slot {}: {}: {}", slot_, what, OneLine(why, 1000)));
  }

  Desk& desk_;
  const int slot_;
  std::uint64_t noise_seed_{0};
  int query_number_{0};
  std::optional<std::string> episode_;
  std::optional<double> previous_ms_;  // there is one question at a time, so the two threads take turns
  const std::shared_ptr<std::atomic<bool>> forgotten_{std::make_shared<std::atomic<bool>>(false)};
};

Desk::Desk(std::vector<ServedBody> bodies, std::string greeting, WireLimits limits, int slots, PolicyThread& policy,
           std::function<void(const std::string&)> log)
    : bodies_(std::move(bodies)),
      greeting_(std::move(greeting)),
      limits_(limits),
      policy_(policy),
      log_(std::move(log)) {
  for (int slot = 0; slot < slots; ++slot) free_slots_.insert(slot);
}

Desk::~Desk() = default;

std::unique_ptr<Conversation> Desk::Open() {
  DIVLA_CHECK(!free_slots_.empty(), "the network lets in as many as there are places");
  const int slot = *free_slots_.begin();
  free_slots_.erase(free_slots_.begin());
  return std::make_unique<Client>(*this, slot);
}

}  // namespace divla::serve
