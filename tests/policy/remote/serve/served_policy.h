// A policy for the tests of the server, and a server that runs it on a thread of its own.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "policy/policy.h"
#include "policy/serve.h"
#include "sim/check.h"
#include "sim/rng.h"
#include "tests/policy/policy_test_support.h"

namespace divla::serve {

constexpr std::chrono::seconds kPatience{60};  // the deadline of every wait in these tests; none gets near it

// What the tests see of the policy, and how they hold it back.
class Backstage {
 public:
  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Until the policy has been asked `count` batches in all, whether or not it has answered.
  bool WaitForBatches(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return batches_.size() >= count; });
  }
  std::vector<int> Batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  std::vector<std::string> Resets() const {
    const std::lock_guard lock(mutex_);
    return resets_;
  }

  void Came(int batch) {
    std::unique_lock lock(mutex_);
    batches_.push_back(batch);
    changed_.notify_all();
    changed_.wait_for(lock, kPatience, [&] { return !held_; });
  }
  void WasReset(const std::string& robot) {
    const std::lock_guard lock(mutex_);
    resets_.push_back(robot);
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_{};
  std::vector<int> batches_;
  std::vector<std::string> resets_;
};

inline constexpr std::size_t kLongReasoning = std::size_t{48} << 20;  // bytes: more than sockets keep for a slow peer
inline constexpr const char* kSecretPlace = "/secret/weights.bin line 42";

// Two rows: the state, and numbers of the stream that seed and query number name; one tiny picture of the first camera.
// Fails at the instruction "fail", alone or with its whole batch; says a lot at "long".
class ServedPolicy final : public Policy {
 public:
  ServedPolicy(std::shared_ptr<Backstage> backstage, bool batch_invariant)
      : backstage_(std::move(backstage)),
        info_{.name = "served", .weights_sha256 = "", .reasons = false, .batch_invariant = batch_invariant} {}

  const PolicyInfo& Info() const override { return info_; }
  PolicyRequirements Requirements(const RobotInterface& robot) const override {
    return {{robot.cameras.front()}, 6, 8, ActionKind::kJointPosition, 1};
  }
  void Reset(const RobotInterface& robot, int) override {
    robot_ = robot;
    backstage_->WasReset(robot.name);
  }
  std::vector<PolicyOutput> Infer(std::span<const Query> queries) override {
    backstage_->Came(static_cast<int>(queries.size()));
    std::vector<PolicyOutput> outputs;
    for (const Query& query : queries) {
      if (query.observation->robot != robot_.name) throw InputError("a batch of one robot");
      if (query.observation->instruction == "fail") throw InputError(kSecretPlace);
      PolicyOutput& output = outputs.emplace_back();
      output.reasoning.text = "I was told: " + query.observation->instruction;
      if (query.observation->instruction == "long") output.reasoning.text.assign(kLongReasoning, 'x');
      output.actions = {ActionKind::kJointPosition, 2, robot_.StateDim(), query.observation->state};
      Rng rng({.seed = query.noise_seed, .stream = "served", .index = static_cast<std::uint64_t>(query.query_number)});
      for (int i = 0; i < robot_.StateDim(); ++i) output.actions.values.push_back(static_cast<float>(rng.Normal()));
    }
    return outputs;
  }

 private:
  std::shared_ptr<Backstage> backstage_;
  PolicyInfo info_;
  RobotInterface robot_;
};

inline std::vector<ServedRobot> ServedTestRobots() {
  std::vector<ServedRobot> robots;
  for (const RobotInterface& robot : TestRobots()) {
    robots.push_back({robot, [arms = robot.arms](std::span<const float> state) {
                        return std::vector<float>(static_cast<std::size_t>(arms) * kToolPoseSize, state[0]);
                      }});
  }
  return robots;
}

// Ends when it goes out of scope.
class RunningServer {
 public:
  explicit RunningServer(std::unique_ptr<Policy> policy, ServeOptions options = {}) {
    options.port = 0;
    options.log = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      log_ += line + "\n";
    };
    server_ = std::make_unique<PolicyServer>(std::move(policy), ServedTestRobots(), options);
    port_ = server_->Port();
    thread_ = std::thread([this] { server_->Run([this] { return stop_.load(); }); });
  }
  ~RunningServer() { Stop(); }
  int Port() const { return port_; }
  void AskToStop() { stop_ = true; }
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::string Log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

 private:
  std::unique_ptr<PolicyServer> server_;
  int port_{};
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::string log_;
  std::thread thread_;
};

}  // namespace divla::serve
