#include "policy/remote/serve/policy_thread.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <exception>
#include <span>
#include <vector>

#include "sim/check.h"

namespace divla::serve {
namespace {

std::string Problem(const PolicyOutput& output, const PolicyRequirements& wants, const RobotInterface& robot) {
  const ActionChunk& chunk = output.actions;
  const int dim = robot.ActionDim(wants.action_kind);
  const auto count = static_cast<std::size_t>(std::max(chunk.size, 0)) * static_cast<std::size_t>(dim);
  if (chunk.kind != wants.action_kind || chunk.dim != dim || chunk.size < wants.n_action_steps ||
      chunk.values.size() != count) {
    return fmt::format("expected a chunk of at least {} x {} actions, found {} x {} with {} numbers",
                       wants.n_action_steps, dim, chunk.size, chunk.dim, chunk.values.size());
  }
  for (const float value : chunk.values) {
    if (!std::isfinite(value)) return "an action is not finite";
  }
  return {};
}

bool Forgotten(const Question& question) { return question.forgotten != nullptr && question.forgotten->load(); }

}  // namespace

PolicyThread::PolicyThread(std::unique_ptr<Policy> policy, int slots, int max_batch)
    : policy_(std::move(policy)),
      slots_(slots),
      max_batch_(policy_->Info().batch_invariant ? static_cast<std::size_t>(max_batch) : 1) {
  DIVLA_CHECK(slots >= 1 && max_batch >= 1, "at least one conversation and one query");
  thread_ = std::thread([this] { Work(); });
}

PolicyThread::~PolicyThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void PolicyThread::Ask(Question question) {
  DIVLA_CHECK(question.slot >= 0 && question.slot < slots_, "a conversation has a slot");
  {
    const std::lock_guard lock(mutex_);
    line_.push_back(std::move(question));
  }
  woken_.notify_one();
}

void PolicyThread::Work() {
  while (true) {
    std::vector<Question> batch;
    {
      std::unique_lock lock(mutex_);
      woken_.wait(lock, [this] { return ending_ || !line_.empty(); });
      if (line_.empty()) return;
      const std::string robot = line_.front().robot.name;
      // Those about another robot keep their places.
      for (auto next = line_.begin(); next != line_.end() && batch.size() < max_batch_;) {
        if (next->robot.name == robot) {
          batch.push_back(std::move(*next));
          next = line_.erase(next);
        } else {
          ++next;
        }
      }
    }
    AnswerBatch(batch);
  }
}

void PolicyThread::AnswerBatch(std::vector<Question>& batch) {
  std::vector<Question*> waiting;
  std::vector<Query> queries;
  for (Question& question : batch) {
    if (Forgotten(question)) {
      question.done({.output = {}, .infer_ms = 0, .error = "nobody waits for the answer"});
      continue;
    }
    waiting.push_back(&question);
    queries.push_back({&question.observation, question.slot, question.noise_seed, question.query_number,
                       question.reasoning, question.forced ? &*question.forced : nullptr});
  }
  if (queries.empty()) return;
  const RobotInterface& robot = waiting.front()->robot;
  std::vector<Answered> answers;
  try {
    if (robot_ != robot.name) {
      robot_.clear();
      policy_->Reset(robot, slots_);
      robot_ = robot.name;
    }
    const PolicyRequirements wants = policy_->Requirements(robot);
    answers = Infer(queries);
    // One bad query must not fail its neighbours.
    if (answers.empty()) {
      for (const Query& query : queries) {
        std::vector<Answered> alone = Infer({&query, 1});
        answers.push_back(alone.empty() ? Answered{.output = {}, .infer_ms = 0, .error = "no answer"}
                                        : std::move(alone.front()));
      }
    }
    for (Answered& answer : answers) {
      if (answer.error.empty()) answer.error = Problem(answer.output, wants, robot);
    }
  } catch (const std::exception& exception) {
    answers.assign(queries.size(), {.output = {}, .infer_ms = 0, .error = exception.what()});
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i]->done(std::move(answers[i]));
}

// Empty when a batch of several failed; a query that failed alone has its error.
std::vector<Answered> PolicyThread::Infer(std::span<const Query> queries) {
  std::string error;
  try {
    const auto began = std::chrono::steady_clock::now();
    std::vector<PolicyOutput> outputs = policy_->Infer(queries);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    if (outputs.size() == queries.size()) {
      std::vector<Answered> answers;
      for (PolicyOutput& output : outputs) answers.push_back({std::move(output), took.count(), {}});
      return answers;
    }
    error = fmt::format("{} answers to {} queries", outputs.size(), queries.size());
  } catch (const std::exception& exception) {
    error = exception.what();
    if (error.empty()) error = "an exception without a message";
  }
  if (queries.size() > 1) return {};
  return {{.output = {}, .infer_ms = 0, .error = std::move(error)}};
}

}  // namespace divla::serve
