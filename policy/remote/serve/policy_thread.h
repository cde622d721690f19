// The thread that owns the policy. Questions of all clients wait in one line; those about the same robot that wait at
// the same time are asked as one batch when the policy promises that its answers do not depend on it
// (PolicyInfo::batch_invariant), and one by one otherwise.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "policy/policy.h"

namespace divla::serve {

struct Answered {
  PolicyOutput output;
  double infer_ms{};  // wall clock, of the batch
  std::string error;  // not empty: the policy failed, in its own words (not for clients)
};

struct Question {
  RobotInterface robot;
  Observation observation;
  int slot{};  // of the conversation, below `slots`
  std::uint64_t noise_seed{};
  int query_number{};
  ReasoningMode reasoning{ReasoningMode::kOwn};
  std::optional<ForcedReasoning> forced;               // set exactly when kForced
  std::shared_ptr<const std::atomic<bool>> forgotten;  // true: nobody waits for it; may be null
  std::function<void(Answered)> done;                  // called once, by the policy's thread
};

class PolicyThread {
 public:
  // `slots`: conversations that may be open at once.
  PolicyThread(std::unique_ptr<Policy> policy, int slots, int max_batch);
  // Answers what waits, then ends the thread.
  ~PolicyThread();
  PolicyThread(const PolicyThread&) = delete;
  PolicyThread& operator=(const PolicyThread&) = delete;

  // From any thread. The line is as long as there are conversations, since each has one question at most.
  void Ask(Question question);

 private:
  void Work();
  void AnswerBatch(std::vector<Question>& batch);
  std::vector<Answered> Infer(std::span<const Query> queries);

  const std::unique_ptr<Policy> policy_;
  const int slots_;
  const std::size_t max_batch_;
  std::string robot_;  // that the policy was last Reset for
  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<Question> line_;
  bool ending_{};
  std::thread thread_;
};

}  // namespace divla::serve
