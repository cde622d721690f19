// The session against the harness: what a person sees played, scrubbed and played again is what an evaluation records.
#include "viewer/session.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/evaluation.h"
#include "harness/log.h"
#include "tests/harness/short_task.h"

namespace divla {
namespace {

constexpr int kHorizon = 60;  // control steps: several queries, and more than three keyframes
constexpr int kLong = 150;    // long enough to grasp, carry, and lose something

struct Case {
  const char* policy;
  const char* task;
  const char* axis;
  int level;
  int horizon{kHorizon};
};

std::string Name(const testing::TestParamInfo<Case>& info) {
  std::string name = std::string(info.param.policy) + "_" + info.param.task + "_" + info.param.axis;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

class SessionTest : public testing::TestWithParam<Case> {
 protected:
  SessionTest() : task_(GetParam().task, GetParam().horizon) {
    choice_.key = {GetParam().task, GetParam().axis, GetParam().level, 0};
    choice_.seed = 5;
    choice_.policy = GetParam().policy;
  }

  // What an evaluation of this one episode records.
  struct Recorded {
    EpisodeRecord record;
    EpisodeLog log;
  };
  Recorded Evaluated() {
    Suite suite{.name = "one", .version = 1, .summary = "", .seed = 5, .group_size = 1, .cells = {}};
    suite.cells = {{choice_.key.task, choice_.key.axis, choice_.key.level, 1}};
    const EvaluationOptions options{
        .workers = 1, .frames = ReportFrames::kNone, .stop = {}, .find_task = Tasks().find_task};
    Recorded recorded;
    Evaluate(
        suite, [&](RendererSource renderer) { return MakeAgent(choice_.policy, std::move(renderer)); }, options,
        [&](const FinishedEpisode& finished) {
          recorded = {finished.record, finished.log};
        },
        nullptr);
    return recorded;
  }
  SourceOptions Tasks() {
    SourceOptions options;
    options.find_task = [this](const std::string&) -> const Task& { return task_; };
    return options;
  }

  // The record is made of what was played last, so its hashes say whether everything was restored: counters, chunk, texts.
  void ARecordAfterScrubbingIsThatOfAnEvaluation() {
    const Recorded expected = Evaluated();
    Session session(Tasks());
    session.Open(choice_);
    session.PlayTo(kEpisodeLine, task_.Spec().horizon);
    session.WaitIdle();
    for (const int back : {23, 41, 5}) {
      session.Seek(kEpisodeLine, back);
      session.WaitIdle();
      EXPECT_TRUE(session.View()->lines.at(0).open);
      session.PlayTo(kEpisodeLine, task_.Spec().horizon);
      session.WaitIdle();
      const auto view = session.View();
      ASSERT_TRUE(view->lines.at(0).record);
      EXPECT_EQ(ToJson(*view->lines[0].record), ToJson(expected.record)) << "from step " << back;
    }
  }

  void ABranchWithoutAChangeIsItsParent() {
    Session session(Tasks());
    session.Open(choice_);
    session.PlayTo(kEpisodeLine, 40);
    session.WaitIdle();
    session.Branch(21, {});
    session.PlayTo(kEpisodeLine, task_.Spec().horizon);
    session.PlayTo(kBranchLine, task_.Spec().horizon);
    session.WaitIdle();
    const auto view = session.View();
    ASSERT_EQ(view->error, "");
    ASSERT_EQ(view->lines.size(), 2U);
    EXPECT_EQ(view->lines[1].origin, 21);
    EXPECT_EQ(view->lines[1].Last(), view->lines[0].Last());
    EXPECT_EQ(view->parted_at, -1);
    ASSERT_TRUE(view->lines[0].record && view->lines[1].record);
    EXPECT_EQ(ToJson(*view->lines[1].record), ToJson(*view->lines[0].record));
  }

  ShortTask task_;
  EpisodeChoice choice_;
};

TEST_P(SessionTest, PlaysWhatAnEvaluationRecords) {
  const Recorded expected = Evaluated();
  Session session(Tasks());
  session.Open(choice_);
  session.PlayTo(kEpisodeLine, task_.Spec().horizon);
  session.WaitIdle();
  const auto view = session.View();
  ASSERT_EQ(view->error, "");
  const LineView& line = view->lines.at(0);
  ASSERT_TRUE(line.record);
  EXPECT_EQ(ToJson(*line.record), ToJson(expected.record));  // with the hashes of states, actions and pictures
  EXPECT_EQ(line.record->intervention.has_value(), choice_.key.axis.starts_with("intervention")) << "it struck";
  for (int step = 0; step <= line.Last(); ++step) {
    const auto logged = expected.log.State(step);
    ASSERT_EQ(line.steps[static_cast<std::size_t>(step)]->state, std::vector<double>(logged.begin(), logged.end()))
        << step;
  }
}

// Scrubbed to and fro, and played on from each place.
TEST_P(SessionTest, GoesBackAndForthBitForBit) {
  Session session(Tasks());
  session.Open(choice_);
  session.PlayTo(kEpisodeLine, 40);
  session.WaitIdle();
  const auto first = session.View();
  ASSERT_EQ(first->lines.at(0).live, 40);
  for (const int back : {20, 32, 0, 39}) {  // between keyframes and on them
    session.Seek(kEpisodeLine, back);
    session.WaitIdle();
    ASSERT_EQ(session.View()->lines.at(0).live, back);
    ASSERT_EQ(session.View()->lines.at(0).Last(), 40) << "what was played stays known";
    session.PlayTo(kEpisodeLine, 40);
    session.WaitIdle();
    ASSERT_EQ(session.View()->lines.at(0).live, 40);
  }
  session.PlayTo(kEpisodeLine, task_.Spec().horizon);
  session.WaitIdle();
  session.Seek(kEpisodeLine, 7);  // from the end
  session.PlayTo(kEpisodeLine, task_.Spec().horizon);
  session.WaitIdle();
  const auto view = session.View();
  ASSERT_EQ(view->error, "");
  EXPECT_EQ(view->lines.at(0).replay_differs_at, -1);
  for (int step = 0; step <= 40; ++step) {
    const auto at = static_cast<std::size_t>(step);
    EXPECT_EQ(view->lines[0].steps[at]->state, first->lines[0].steps[at]->state);
  }
}

TEST_P(SessionTest, RecordsWhatAnEvaluationDoesAlsoAfterScrubbing) { ARecordAfterScrubbingIsThatOfAnEvaluation(); }

TEST_P(SessionTest, BranchesWithoutAChangeIntoItsParent) { ABranchWithoutAChangeIsItsParent(); }

// An expert has phases and counters: each must be remembered whole.
class EveryExpertTest : public SessionTest {};
TEST_P(EveryExpertTest, IsRememberedWhole) {
  ARecordAfterScrubbingIsThatOfAnEvaluation();
  ABranchWithoutAChangeIsItsParent();
}

// --- what a person changes ---

class BranchTest : public testing::Test {
 protected:
  // Plays the episode to step 24 with divla-tiny.
  BranchTest() : task_("cube_to_coloured_box", kHorizon) {
    SourceOptions options;
    options.find_task = [this](const std::string&) -> const Task& { return task_; };
    session_ = std::make_unique<Session>(options);
    EpisodeChoice choice;
    choice.key.task = "cube_to_coloured_box";
    choice.policy = "divla-tiny";
    session_->Open(choice);
    session_->PlayTo(kEpisodeLine, 24);
    session_->WaitIdle();
  }
  std::shared_ptr<const SessionView> Branched(Edits edits, int step = 16) {
    session_->Branch(step, std::move(edits));
    session_->PlayTo(kEpisodeLine, 40);
    session_->PlayTo(kBranchLine, 40);
    session_->WaitIdle();
    return session_->View();
  }

  ShortTask task_;
  std::unique_ptr<Session> session_;
};

TEST_F(BranchTest, OtherWordsAreReadAtOnceAndChangeTheGoal) {
  const auto before = session_->View();
  ASSERT_EQ(before->error, "");
  ASSERT_GE(before->facts->instructions.size(), 2U);
  const std::string other = before->facts->instructions[1];
  Edits edits;
  edits.instruction = other;
  const auto view = Branched(edits);
  ASSERT_EQ(view->error, "");
  ASSERT_EQ(view->lines.size(), 2U);
  const StepView& first = *view->lines[1].steps.at(17);
  ASSERT_TRUE(first.query);
  EXPECT_EQ(first.query->step, 16) << "asked with the new words, whatever was left of the chunk";
  EXPECT_EQ(first.instruction, other);
  EXPECT_EQ(view->lines[0].steps.at(17)->instruction, before->facts->plan.instruction);
  EXPECT_NE(first.truth.text, view->lines[0].steps.at(17)->truth.text);
  EXPECT_GT(view->parted_at, 16);
  // The past is shared, not copied.
  for (std::size_t step = 0; step < 16; ++step) EXPECT_EQ(view->lines[1].steps[step], view->lines[0].steps[step]);
  // The episode itself goes on as if nothing had been asked.
  EXPECT_EQ(view->lines[0].replay_differs_at, -1);
}

TEST_F(BranchTest, ForcedReasoningIsWhatThePolicySays) {
  Edits edits;
  edits.reasoning = "The blue box is on the left.";
  const auto view = Branched(edits);
  ASSERT_EQ(view->error, "");
  for (const std::size_t step : {17, 30, 40}) {
    const auto& query = view->lines.at(1).steps.at(step)->query;
    ASSERT_TRUE(query);
    EXPECT_TRUE(query->forced);
    EXPECT_EQ(query->reasoning.text, "The blue box is on the left.");
  }
  EXPECT_FALSE(view->lines[0].steps.at(40)->query->forced);
}

TEST_F(BranchTest, TheTruthFollowsTheMoment) {
  Edits edits;
  edits.true_reasoning = true;
  const auto view = Branched(edits);
  ASSERT_EQ(view->error, "");
  for (const std::size_t step : {17, 30, 40}) {
    const QueryView& query = *view->lines.at(1).steps.at(step)->query;
    EXPECT_EQ(query.reasoning.text, query.judged.truth);
    ASSERT_TRUE(query.judged.location_error);
    EXPECT_LT(*query.judged.location_error, 0.04F) << "its places are those of the object, to half a bin";
  }
}

TEST_F(BranchTest, AMovedObjectIsElsewhereFromTheFirstStepOn) {
  const auto& plan = session_->View()->facts->plan;
  Edits edits;
  edits.moved = MovedObject{plan.target, {0.0, 0.0, 0.1}};
  const auto view = Branched(edits);
  ASSERT_EQ(view->error, "");
  EXPECT_EQ(view->parted_at, 16);
  EXPECT_EQ(view->lines[0].replay_differs_at, -1);
  // Back to its beginning and on again: the change is part of it.
  session_->Seek(kBranchLine, 16);
  session_->PlayTo(kBranchLine, 40);
  session_->WaitIdle();
  const auto again = session_->View();
  EXPECT_EQ(again->lines[1].replay_differs_at, -1);
  EXPECT_EQ(again->lines[1].steps.at(40)->state, view->lines[1].steps.at(40)->state);

  edits.moved->body = "unicorn";
  EXPECT_NE(Branched(edits)->error.find("unicorn"), std::string::npos);
}

TEST_F(BranchTest, APushEndsAndIsPlayedAgainBitForBit) {
  Edits edits;
  edits.push = Push{session_->View()->facts->hands.at(0), {0, 40, 0}, 5};
  const auto view = Branched(edits);
  ASSERT_EQ(view->error, "");
  EXPECT_EQ(view->parted_at, 17) << "felt in the first step";
  session_->Seek(kBranchLine, 19);  // in the middle of the push
  session_->PlayTo(kBranchLine, 40);
  session_->WaitIdle();
  EXPECT_EQ(session_->View()->lines[1].replay_differs_at, -1);
  EXPECT_EQ(session_->View()->lines[1].steps.at(40)->state, view->lines[1].steps.at(40)->state);
}

// Pushing while it plays is the same as the push written down beforehand.
TEST_F(BranchTest, AHeldPushIsDataLikeAnyOther) {
  const std::string hand = session_->View()->facts->hands.at(0);
  const auto states = [&](int step) {
    return session_->View()->lines.at(1).steps.at(static_cast<std::size_t>(step))->state;
  };
  Edits edits;
  edits.push = Push{hand, {0, 40, 0}, 5};
  ASSERT_EQ(Branched(edits)->error, "");
  const auto known = states(40);
  session_->Branch(16, {});
  session_->HoldPush(Push{hand, {0, 40, 0}, 77});
  session_->PlayTo(kBranchLine, 21);
  session_->WaitIdle();
  EXPECT_EQ(session_->View()->lines.at(1).steps.at(18)->pushes.size(), 1U);
  session_->HoldPush(std::nullopt);
  session_->PlayTo(kBranchLine, 40);
  session_->WaitIdle();
  EXPECT_EQ(states(40), known);
  EXPECT_TRUE(session_->View()->lines[1].steps.at(22)->pushes.empty());
  EXPECT_EQ(session_->View()->lines[1].changed, Describe(edits)) << "five steps, one push";

  // Another push from the middle on: what came later is forgotten, what came before stays.
  session_->Seek(kBranchLine, 18);
  session_->PushBranch(Push{hand, {0, -30, 0}, 3});
  session_->WaitIdle();
  EXPECT_EQ(session_->View()->lines[1].Last(), 18);
  session_->PlayTo(kBranchLine, 40);
  session_->WaitIdle();
  const auto turned = session_->View();
  EXPECT_EQ(turned->error, "");
  EXPECT_NE(states(40), known);
  EXPECT_EQ(turned->parted_at, 17);
  EXPECT_NE(turned->lines[1].changed.find("up to 40 N in steps 16 to 20"), std::string::npos)
      << turned->lines[1].changed;
  const auto other = states(40);
  session_->Seek(kBranchLine, 16);
  session_->PlayTo(kBranchLine, 40);
  session_->WaitIdle();
  EXPECT_EQ(states(40), other);
  EXPECT_EQ(session_->View()->lines[1].replay_differs_at, -1);

  session_->PushBranch(Push{"unicorn", {0, 1, 0}, 1});
  session_->WaitIdle();
  EXPECT_NE(session_->View()->error.find("unicorn"), std::string::npos);
  session_->DropBranch();
  session_->PushBranch(Push{hand, {0, 1, 0}, 1});
  session_->WaitIdle();
  EXPECT_NE(session_->View()->error.find("expected a branch"), std::string::npos);
}

// The policy sees another light at its next query, the person at once; nothing else is touched.
TEST_F(BranchTest, AnotherLightIsSeenAndNotFelt) {
  Edits edits;
  edits.light = ChangedLight{0.3, 0};
  const auto view = Branched(edits);
  ASSERT_EQ(view->error, "");
  const StepView& first = *view->lines.at(1).steps.at(16);
  EXPECT_EQ(first.state, view->lines[0].steps.at(16)->state);
  const auto brightness = [](const StepView& step) {
    double sum = 0;
    const Image& image = step.pictures->images.begin()->second;
    for (const std::uint8_t value : image.rgb) sum += value;
    return sum / static_cast<double>(image.rgb.size());
  };
  EXPECT_LT(brightness(first), 0.7 * brightness(*view->lines[0].steps.at(16)));
  const StepView& asked = *view->lines[1].steps.at(40);
  ASSERT_GT(asked.pictures->step, 16);
  EXPECT_TRUE(asked.pictures->given);
  EXPECT_LT(brightness(asked), 0.7 * brightness(*view->lines[0].steps.at(40)));
  EXPECT_GT(view->parted_at, 16) << "only by what the policy made of it";
  EXPECT_EQ(view->lines[0].replay_differs_at, -1);
}

TEST_F(BranchTest, AnotherObjectIsThereFromTheFirstStepOnAndIsScrubbed) {
  const auto& plan = session_->View()->facts->plan;
  Edits edits;
  edits.swapped = SwappedObject{plan.target, "green_ball"};
  const auto view = Branched(edits);
  ASSERT_EQ(view->error, "");
  EXPECT_FALSE(SameWorld(*view->lines.at(1).steps.at(16)->world, *view->lines[0].steps.at(16)->world));
  EXPECT_TRUE(SameWorld(*view->lines[1].steps.at(15)->world, *view->lines[0].steps.at(16)->world)) << "not before";
  for (const int back : {16, 27}) {
    session_->Seek(kBranchLine, back);
    session_->PlayTo(kBranchLine, 40);
    session_->WaitIdle();
  }
  const auto again = session_->View();
  EXPECT_EQ(again->lines[1].replay_differs_at, -1);
  EXPECT_EQ(again->lines[0].replay_differs_at, -1);
  EXPECT_EQ(again->lines[1].steps.at(40)->state, view->lines[1].steps.at(40)->state);
  edits.swapped->object_id = "unicorn";
  EXPECT_NE(Branched(edits)->error.find("unicorn"), std::string::npos);
}

TEST_F(BranchTest, WrongOrdersAreSaidAndHarmless) {
  EpisodeChoice wrong;
  wrong.key.task = "cube_to_coloured_box";
  wrong.policy = "no-such-policy";
  session_->Open(wrong);
  session_->WaitIdle();
  auto view = session_->View();
  EXPECT_NE(view->error.find("no-such-policy"), std::string::npos);
  ASSERT_EQ(view->lines.size(), 1U);
  EXPECT_EQ(view->lines[0].live, 24) << "the old episode is still there";
  session_->Seek(kEpisodeLine, 1000);  // clipped
  session_->Seek(kBranchLine, 3);      // there is none
  session_->PlayTo(kBranchLine, 3);
  session_->PlayTo(kEpisodeLine, 26);
  session_->WaitIdle();
  EXPECT_EQ(session_->View()->lines[0].live, 26);
}

// The destructor waits for the query, not for the orders behind it.
TEST_F(BranchTest, EndsInTheMiddleOfAQuery) {
  session_->DelayQueries(std::chrono::minutes(10));
  session_->PlayTo(kEpisodeLine, kHorizon);
  while (!session_->View()->asking) std::this_thread::yield();
  session_.reset();
}

TEST(SessionQueryTest, StopsBeforeThePolicyIsAskedAgain) {
  Session session;
  EpisodeChoice choice;
  choice.key.task = "cube_to_coloured_box";
  choice.policy = "random";  // plays 8 steps of each chunk
  session.Open(choice);
  session.PlayQuery(kEpisodeLine);
  session.WaitIdle();
  EXPECT_EQ(session.View()->lines.at(0).live, 8);
  session.PlayQuery(kEpisodeLine);
  session.WaitIdle();
  EXPECT_EQ(session.View()->lines.at(0).live, 16);
  EXPECT_EQ(session.View()->lines.at(0).steps.at(16)->query->number, 1);
}

INSTANTIATE_TEST_SUITE_P(Policies, SessionTest,
                         testing::Values(Case{"random", "cube_to_coloured_box", "environment_lighting", 5},
                                         Case{"divla-tiny", "cube_to_coloured_box", "none", 0},
                                         Case{"random", "factory_sorting", "environment_sensor_noise", 3},
                                         // Things and words change in mid-episode.
                                         Case{"expert", "factory_sorting", "intervention_object", 1, kLong},
                                         Case{"expert", "cube_to_coloured_box", "intervention_instruction", 1, kLong}),
                         Name);

std::vector<Case> EveryExpert() {
  std::vector<Case> cases;
  for (const Task* task : AllTasks()) cases.push_back({"expert", task->Spec().name.c_str(), "none", 0, kLong});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Experts, EveryExpertTest, testing::ValuesIn(EveryExpert()), Name);

}  // namespace
}  // namespace divla
