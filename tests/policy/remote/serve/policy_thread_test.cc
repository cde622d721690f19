#include "policy/remote/serve/policy_thread.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "tests/policy/remote/serve/raw_client.h"
#include "tests/policy/remote/serve/served_policy.h"

namespace divla::serve {
namespace {

// Collects answers, in the order of their questions.
class Answers {
 public:
  std::function<void(Answered)> Place(std::size_t number) {
    const std::lock_guard lock(mutex_);
    answers_.resize(std::max(answers_.size(), number + 1));
    return [this, number](Answered answer) {
      const std::lock_guard inner(mutex_);
      answers_[number] = std::move(answer);
      ++count_;
      changed_.notify_all();
    };
  }
  std::vector<Answered> All() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return count_ == answers_.size(); }));
    return answers_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Answered> answers_;
  std::size_t count_{};
};

Question Ask(const RobotInterface& robot, int slot, const std::string& instruction, Answers& answers) {
  const ServedPolicy policy(std::make_shared<Backstage>(), true);
  Question question{.robot = robot,
                    .observation = TestObservation(robot, policy.Requirements(robot), slot),
                    .slot = slot,
                    .noise_seed = static_cast<std::uint64_t>(slot),
                    .query_number = 1,
                    .reasoning = ReasoningMode::kOwn,
                    .forced = {},
                    .forgotten = nullptr,
                    .done = answers.Place(static_cast<std::size_t>(slot))};
  question.observation.instruction = instruction;
  return question;
}

// What the policy answers when it is asked this alone.
std::vector<float> Alone(const RobotInterface& robot, int slot, const std::string& instruction) {
  ServedPolicy policy(std::make_shared<Backstage>(), true);
  policy.Reset(robot, 1);
  Answers ignored;
  const Question question = Ask(robot, slot, instruction, ignored);
  question.done({});
  const Query query{&question.observation, 0, question.noise_seed, question.query_number};
  return policy.Infer({&query, 1}).at(0).actions.values;
}

struct Line {
  std::shared_ptr<Backstage> backstage = std::make_shared<Backstage>();
  std::unique_ptr<PolicyThread> thread;
  Answers answers;
  explicit Line(bool batch_invariant, int max_batch = 8) {
    thread = std::make_unique<PolicyThread>(std::make_unique<ServedPolicy>(backstage, batch_invariant), 8, max_batch);
    backstage->Hold();
  }
};

TEST(ServePolicyThread, WhatWaitsAboutOneRobotIsOneBatch) {
  Line line(/*batch_invariant=*/true);
  const RobotInterface panda = TestRobot("panda"), agilex = TestRobot("agilex");
  line.thread->Ask(Ask(panda, 0, "first", line.answers));
  ASSERT_TRUE(line.backstage->WaitForBatches(1));
  for (int slot = 1; slot < 7; ++slot) {
    line.thread->Ask(Ask(slot % 3 == 0 ? agilex : panda, slot, "more", line.answers));
  }
  line.backstage->Release();
  const std::vector<Answered> answers = line.answers.All();
  EXPECT_EQ(line.backstage->Batches(), (std::vector<int>{1, 4, 2}));
  EXPECT_EQ(line.backstage->Resets(), (std::vector<std::string>{"panda", "agilex"}));
  for (int slot = 1; slot < 7; ++slot) {
    const Answered& answer = answers[static_cast<std::size_t>(slot)];
    EXPECT_EQ(answer.error, "");
    EXPECT_EQ(Bytes(answer.output.actions.values), Bytes(Alone(slot % 3 == 0 ? agilex : panda, slot, "more"))) << slot;
  }
}

TEST(ServePolicyThread, NoBatchIsLargerThanAllowed) {
  Line line(/*batch_invariant=*/true, /*max_batch=*/2);
  const RobotInterface panda = TestRobot("panda");
  line.thread->Ask(Ask(panda, 0, "first", line.answers));
  ASSERT_TRUE(line.backstage->WaitForBatches(1));
  for (int slot = 1; slot < 6; ++slot) line.thread->Ask(Ask(panda, slot, "more", line.answers));
  line.backstage->Release();
  line.answers.All();
  EXPECT_EQ(line.backstage->Batches(), (std::vector<int>{1, 2, 2, 1}));
}

TEST(ServePolicyThread, APolicyWhoseAnswersDependOnTheBatchIsAskedOneByOne) {
  Line line(/*batch_invariant=*/false);
  const RobotInterface panda = TestRobot("panda");
  for (int slot = 0; slot < 4; ++slot) line.thread->Ask(Ask(panda, slot, "more", line.answers));
  line.backstage->Release();
  line.answers.All();
  EXPECT_EQ(line.backstage->Batches(), (std::vector<int>{1, 1, 1, 1}));
}

TEST(ServePolicyThread, OneBadQuestionDoesNotFailItsNeighbours) {
  Line line(/*batch_invariant=*/true);
  const RobotInterface panda = TestRobot("panda");
  line.thread->Ask(Ask(panda, 0, "first", line.answers));
  ASSERT_TRUE(line.backstage->WaitForBatches(1));
  for (int slot = 1; slot < 4; ++slot) line.thread->Ask(Ask(panda, slot, slot == 2 ? "fail" : "more", line.answers));
  line.backstage->Release();
  const std::vector<Answered> answers = line.answers.All();
  EXPECT_EQ(answers[2].error, kSecretPlace);
  for (const std::size_t slot : {1U, 3U}) {
    EXPECT_EQ(answers[slot].error, "");
    EXPECT_EQ(Bytes(answers[slot].output.actions.values), Bytes(Alone(panda, static_cast<int>(slot), "more")));
  }
}

TEST(ServePolicyThread, WhatNobodyWaitsForIsNotAsked) {
  Line line(/*batch_invariant=*/true);
  const RobotInterface panda = TestRobot("panda");
  line.thread->Ask(Ask(panda, 0, "first", line.answers));
  ASSERT_TRUE(line.backstage->WaitForBatches(1));
  Question left = Ask(panda, 1, "more", line.answers);
  left.forgotten = std::make_shared<std::atomic<bool>>(true);
  line.thread->Ask(std::move(left));
  line.thread->Ask(Ask(panda, 2, "more", line.answers));
  line.backstage->Release();
  EXPECT_NE(line.answers.All()[1].error, "");
  EXPECT_EQ(line.backstage->Batches(), (std::vector<int>{1, 1}));
}

TEST(ServePolicyThread, AnswersWhatWaitsBeforeItEnds) {
  Line line(/*batch_invariant=*/true);
  const RobotInterface panda = TestRobot("panda");
  for (int slot = 0; slot < 3; ++slot) line.thread->Ask(Ask(panda, slot, "more", line.answers));
  line.backstage->Release();
  line.thread.reset();
  for (const Answered& answer : line.answers.All()) EXPECT_EQ(answer.error, "");
}

}  // namespace
}  // namespace divla::serve
