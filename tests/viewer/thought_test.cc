// The inside of queries: what is kept of it, how it is looked at again, and that it is seen while the policy is asked.
#include "viewer/thought.h"

#include <gtest/gtest.h>

#include <semaphore>

#include "sim/controller.h"
#include "viewer/director.h"

namespace divla {
namespace {

AttentionMap Map(std::vector<float> weights) { return {1, static_cast<int>(weights.size()), std::move(weights)}; }

// Two tokens and three denoising steps.
std::shared_ptr<Thought> Example() {
  auto thought = std::make_shared<Thought>();
  thought->step = 8;
  const auto token = [&](const std::string& text, float left, float right) {
    thought->tokens.push_back(std::make_shared<const WrittenToken>(
        WrittenToken{{text, text, {}}, {{"left", Map({left, 0})}, {"right", Map({right, right})}}}));
  };
  token("The", 0.5F, 0.125F);
  token("The cube", 0.25F, 0.25F);
  for (int k = 1; k <= 3; ++k) {
    thought->denoised.push_back(
        std::make_shared<const ActionChunk>(ActionChunk{ActionKind::kJointPosition, 1, 1, {static_cast<float>(k)}}));
  }
  thought->denoising_steps = 3;
  thought->acted = {{"left", Map({0.1F, 0.2F})}, {"right", Map({0.3F, 0.F})}};
  return thought;
}

TEST(ThoughtTest, HasAMomentForEachTokenAndEachDenoisingStep) {
  const auto thought = Example();
  EXPECT_EQ(LastMoment(*thought), 5);
  const auto at = [&](int moment) {
    const Moment m = MomentOf(*thought, moment);
    return std::pair(m.tokens, m.denoised);
  };
  EXPECT_EQ(at(-3), std::pair(0, 0));
  EXPECT_EQ(at(0), std::pair(0, 0));
  EXPECT_EQ(at(1), std::pair(1, 0));
  EXPECT_EQ(at(2), std::pair(2, 0));
  EXPECT_EQ(at(3), std::pair(2, 1));
  EXPECT_EQ(at(5), std::pair(2, 3));
  EXPECT_EQ(at(99), std::pair(2, 3));
  EXPECT_EQ(Describe(*thought, 0), "before the first token");
  EXPECT_EQ(Describe(*thought, 1), "token 1 of 2: \"The\"");
  EXPECT_EQ(Describe(*thought, 2), "token 2 of 2: \" cube\"");
  EXPECT_EQ(Describe(*thought, 4), "denoising step 2 of 3");
}

TEST(ThoughtTest, LooksWhereItIsAskedFor) {
  const auto thought = Example();
  const auto weights = [&](Gaze gaze, int moment, const char* camera) {
    return LookedAt(*thought, gaze, moment).at(camera).weights;
  };
  EXPECT_EQ(weights(Gaze::kAction, 1, "left"), (std::vector<float>{0.1F, 0.2F}));
  EXPECT_EQ(weights(Gaze::kText, 4, "left"), (std::vector<float>{0.375F, 0}));
  EXPECT_EQ(weights(Gaze::kText, 1, "right"), (std::vector<float>{0.1875F, 0.1875F})) << "of the whole text";
  EXPECT_EQ(weights(Gaze::kToken, 1, "left"), (std::vector<float>{0.5F, 0}));
  EXPECT_EQ(weights(Gaze::kToken, 2, "left"), (std::vector<float>{0.25F, 0}));
  EXPECT_EQ(weights(Gaze::kToken, 3, "left"), (std::vector<float>{0.1F, 0.2F})) << "then it acts";
  EXPECT_TRUE(LookedAt(*thought, Gaze::kToken, 0).empty());
  EXPECT_NEAR(PictureShare(thought->acted.at("left")), 0.3, 1e-6);
}

TEST(ThoughtTest, WhileItWritesOnlyTheTokenIsKnown) {
  Thought half = *Example();
  half.denoised.clear();
  half.acted.clear();
  EXPECT_TRUE(LookedAt(half, Gaze::kAction, 2).empty());
  EXPECT_EQ(LookedAt(half, Gaze::kToken, 2).at("left").weights, (std::vector<float>{0.25F, 0}));
  EXPECT_TRUE(LookedAt(Thought(), Gaze::kText, 0).empty());
}

TEST(ThoughtReplayTest, PlaysToItsEndAndLeaves) {
  const std::shared_ptr<const Thought> thought = Example();
  ThoughtReplay replay;
  Follow(replay, thought, 10);
  EXPECT_FALSE(replay.moment) << "nobody asked for it";
  PlayAgain(replay);
  EXPECT_EQ(replay.moment, 0);
  std::vector<int> shown{0};
  int frames = 0;
  for (; replay.playing && frames < 1000; ++frames) {
    Follow(replay, thought, 0.01);
    if (replay.moment && *replay.moment != shown.back()) shown.push_back(*replay.moment);
  }
  EXPECT_EQ(shown, (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_GT(frames, 100) << "slow enough to be read";
  EXPECT_LT(frames, 1000);
  EXPECT_FALSE(replay.moment) << "over: shown as usual";
}

TEST(ThoughtReplayTest, StopsGoesToAMomentAndIsLeftForAnotherThought) {
  const std::shared_ptr<const Thought> thought = Example();
  ThoughtReplay replay;
  GoTo(replay, 2);
  EXPECT_FALSE(replay.moment) << "there is nothing to look at";
  Follow(replay, thought, 0);
  GoTo(replay, 2);
  EXPECT_EQ(replay.moment, 2);
  Follow(replay, thought, 10);
  EXPECT_EQ(replay.moment, 2) << "it does not move by itself";
  PlayAgain(replay);
  Follow(replay, thought, 0.31);
  EXPECT_EQ(replay.moment, 3);
  PlayAgain(replay);
  EXPECT_FALSE(replay.playing);
  EXPECT_EQ(replay.moment, 3);
  GoTo(replay, -4);
  EXPECT_EQ(replay.moment, 0);
  GoTo(replay, 6);
  EXPECT_FALSE(replay.moment);
  GoTo(replay, 4);
  Follow(replay, Example(), 0);
  EXPECT_FALSE(replay.moment);
}

// Writes two words and denoises once, each only when it is told to; then holds still.
class SlowThinker final : public Agent {
 public:
  const PolicyInfo& Info() const override { return info_; }
  ActionKind Kind() const override { return ActionKind::kJointPosition; }
  void Reset(std::span<const AgentView>) override {}
  bool AsksNext(int) const override { return true; }
  std::vector<AgentAnswer> Act(std::span<const AgentView> open) override {
    const AgentView& view = open.front();
    const std::vector<float> still = ProprioState(*view.scene);
    view.trace->wrote({"One", "One", {}}, {});
    Wait();
    view.trace->wrote({"One two", "One two", {}}, {});
    Wait();
    view.trace->denoised(1, 1, {ActionKind::kJointPosition, 1, static_cast<int>(still.size()), still});
    Wait();
    view.trace->acted = {{"left", Map({0.5F})}};
    AgentAnswer answer;
    answer.action = still;
    answer.reasoning = Reasoning{"One two", "One two", {}};
    return {answer};
  }
  static void Wait() {
    shown_.release();
    go_.acquire();
  }
  static inline std::counting_semaphore<100> shown_{0}, go_{0};

 private:
  PolicyInfo info_{.name = "thinker", .weights_sha256 = "", .reasons = true};
};

TEST(ThinkingTest, IsSeenWhileThePolicyIsAsked) {
  SourceOptions options;
  options.make_agent = [](const EpisodeChoice&, RendererSource) { return std::make_unique<SlowThinker>(); };
  Session session(options);
  Director director(session);
  EpisodeChoice choice;
  choice.key.task = "cube_to_coloured_box";
  director.Open(choice);
  session.WaitIdle();
  director.Update(0);
  ASSERT_EQ(director.View().error, "");
  director.StepOnce();
  const auto seen = [&] {
    SlowThinker::shown_.acquire();
    director.Update(0);
    EXPECT_TRUE(director.View().asking);
    return director.ThinkingOf(kEpisodeLine);
  };
  auto thinking = seen();
  ASSERT_TRUE(thinking);
  EXPECT_EQ(thinking->step, 0);
  ASSERT_EQ(thinking->tokens.size(), 1U);
  EXPECT_EQ(thinking->tokens[0]->so_far.text, "One");
  EXPECT_EQ(director.ThoughtOf(kEpisodeLine), thinking);
  SlowThinker::go_.release();
  const auto second = seen();
  ASSERT_TRUE(second);
  EXPECT_EQ(thinking->tokens.size(), 1U) << "what was published never changes";
  EXPECT_EQ(second->tokens.back()->so_far.text, "One two");
  EXPECT_TRUE(second->denoised.empty());
  SlowThinker::go_.release();
  thinking = seen();
  ASSERT_TRUE(thinking);
  EXPECT_EQ(thinking->denoised.size(), 1U);
  SlowThinker::go_.release();
  session.WaitIdle();
  director.Update(0);
  EXPECT_EQ(director.ThinkingOf(kEpisodeLine), nullptr);
  EXPECT_EQ(director.Cursor(), 1);
  const auto kept = director.ThoughtOf(kEpisodeLine);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->tokens.size(), 2U);
  EXPECT_EQ(kept->acted.at("left").weights, std::vector<float>{0.5F});
  director.ScrubTo(0);
  EXPECT_EQ(director.ThoughtOf(kEpisodeLine), nullptr) << "before the first query";
}

// What is kept of the shipped policy is what it answered. That watching changes nothing, the session tests show: they
// compare watched episodes with an evaluation's.
TEST(ThinkingTest, TheShippedPolicyIsKeptWhole) {
  Session session;
  EpisodeChoice choice;
  choice.key.task = "cube_to_coloured_box";
  choice.policy = "divla-tiny";
  session.Open(choice);
  session.PlayTo(kEpisodeLine, 9);
  session.WaitIdle();
  const auto view = session.View();
  ASSERT_EQ(view->error, "");
  EXPECT_EQ(view->thinking, nullptr);
  for (const std::size_t step : {1, 9}) {
    const StepView& at = *view->lines.at(0).steps.at(step);
    ASSERT_TRUE(at.query && at.query->thought && at.pictures) << step;
    const Thought& thought = *at.query->thought;
    EXPECT_EQ(thought.step, at.query->step);
    ASSERT_FALSE(thought.tokens.empty());
    EXPECT_EQ(thought.tokens.back()->so_far.grounded, at.query->reasoning.grounded);
    EXPECT_EQ(thought.tokens.back()->so_far.pixels, at.query->reasoning.pixels);
    ASSERT_EQ(static_cast<int>(thought.denoised.size()), thought.denoising_steps);
    EXPECT_EQ(thought.denoised.back()->values, at.query->planned.values);
    EXPECT_EQ(thought.pictures, at.pictures);
    EXPECT_TRUE(at.pictures->given);
    ASSERT_EQ(thought.acted.size(), at.pictures->images.size());
    for (const auto& [camera, image] : at.pictures->images) {
      const AttentionMap& map = thought.acted.at(camera);
      EXPECT_EQ(image.height % map.height, 0) << "each cell stands for whole pixels";
      EXPECT_EQ(image.width % map.width, 0);
    }
  }
  EXPECT_NE(view->lines[0].steps[1]->query, view->lines[0].steps[9]->query);
}

}  // namespace
}  // namespace divla
