#include "harness/control.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "harness/evaluation.h"
#include "harness/reasoning_score.h"
#include "sim/hash.h"
#include "sim/observe.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/fake_policy.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

std::multiset<std::string> WordsOf(const std::string& text) {
  std::istringstream in(text);
  std::multiset<std::string> words;
  for (std::string word; in >> word;) words.insert(word);
  return words;
}

TEST(ControlTest, NamesComeBackAndOthersAreRefused) {
  for (const ControlInfo& info : Controls()) {
    EXPECT_EQ(ControlNamed(info.name, "--control"), info.control);
    EXPECT_EQ(ToString(info.control), info.name);
    EXPECT_FALSE(info.summary.empty());
  }
  ExpectError<InputError>([] { ControlNamed("blank", "--control"); }, {"--control", "blank_instruction", "'blank'"});
}

// Every task under every control: what must hold of a new one as soon as it is registered.
class ControlContract : public testing::TestWithParam<std::string> {};

TEST_P(ControlContract, ChangesWhatItSaysAndNothingElse) {
  const MujocoWarningGuard guard;
  const Task& task = FindTask(GetParam());
  const EpisodePlan plan = DrawEpisode(task, 5, {GetParam(), "none", 0, 2});
  const Scene scene = task.Build(plan);
  const std::string before = HashState(scene);
  const std::vector<std::string> cameras = scene.GetRobot().Interface().cameras;
  const GroundTruth truth = task.Truth(scene, plan);
  for (const ControlInfo& info : Controls()) {
    SCOPED_TRACE(info.name);
    const ControlPlan control = DrawControl(info.control, plan, truth, task.Alternatives(scene, plan));
    const std::string& given = GivenInstruction(control, plan);
    const auto forced = ForcedNow(control, task, plan, scene, cameras, 1.0);
    EXPECT_EQ(DrawControl(info.control, plan, truth, task.Alternatives(scene, plan)).instruction, control.instruction);
    EXPECT_EQ(control.target, truth.object_body);
    EXPECT_EQ(HasOtherWords(info.control) && control.applies, !control.object.empty());
    switch (info.control) {
      case Control::kBlankInstruction:
        EXPECT_EQ(given, "");
        break;
      case Control::kShuffledInstruction:
        EXPECT_NE(given, plan.instruction);
        EXPECT_EQ(WordsOf(given), WordsOf(plan.instruction));
        break;
      case Control::kWrongInstruction:
        if (control.applies) {
          EXPECT_NE(given, plan.instruction);
        }
        break;
      default:
        EXPECT_EQ(given, plan.instruction);
    }
    if (HasOtherWords(info.control)) {
      // Where the scene has another object or place to speak of, and only there.
      const auto others = task.Alternatives(scene, plan);
      EXPECT_EQ(control.applies, std::any_of(others.begin(), others.end(), [&](const Alternative& other) {
                  return other.truth.object_body != truth.object_body ||
                         other.truth.destination_body != truth.destination_body;
                }));
      if (control.applies) {
        EXPECT_TRUE(control.object != truth.object_body || control.destination != truth.destination_body);
        EXPECT_FALSE(NamesAll(truth.text, control.required)) << truth.text;
      }
    } else {
      EXPECT_TRUE(control.applies);
    }
    const bool forces =
        info.control == Control::kOracleReasoning || (info.control == Control::kWrongReasoning && control.applies);
    ASSERT_EQ(forced.has_value(), forces);
    if (!forces) continue;
    const bool oracle = info.control == Control::kOracleReasoning;
    EXPECT_EQ(forced->text == truth.text, oracle);
    EXPECT_TRUE(NamesAll(forced->text, oracle ? truth.required : control.required)) << forced->text;
    EXPECT_EQ(forced->pixels.size(), cameras.size());
    if (!oracle) continue;
    for (const std::string& camera : cameras) {
      const auto uv = ProjectPoint(scene, scene.CameraId(camera), truth.object_position, 1.0);
      ASSERT_EQ(forced->pixels.at(camera).has_value(), uv.has_value());
      if (uv) {
        EXPECT_FLOAT_EQ((*forced->pixels.at(camera))[1], static_cast<float>((*uv)[1]));
      }
    }
  }
  EXPECT_EQ(HashState(scene), before);
}

std::vector<std::string> TaskNames() {
  std::vector<std::string> names;
  for (const Task* task : AllTasks()) names.push_back(task->Spec().name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Tasks, ControlContract, testing::ValuesIn(TaskNames()),
                         [](const auto& tested) { return tested.param; });

// What a policy is given at each query of one episode.
struct Seen {
  std::vector<std::string> instructions, pictures, forced;
  std::vector<ReasoningMode> modes;
};

std::pair<Seen, EpisodeRecord> PlayOne(Control control, const std::string& task = "object_selection") {
  Seen seen;
  const PolicyRequirements wants{{"left"}, 24, 24, ActionKind::kJointPosition, 8};
  const auto answer = [&](const Query& query, PolicyOutput& output) {
    seen.instructions.push_back(query.observation->instruction);
    const Image& image = query.observation->images.at("left");
    seen.pictures.push_back(HashHex(image.rgb.data(), image.rgb.size()));
    seen.modes.push_back(query.reasoning);
    if (query.forced != nullptr) seen.forced.push_back(query.forced->text);
    for (std::size_t i = 0; i < output.actions.values.size(); i += 8) output.actions.values[i] += 0.3F;  // turn
    output.reasoning.text = "hm";
  };
  const Suite suite{
      .name = "small", .version = 1, .summary = "", .seed = 3, .group_size = 1, .cells = {{task, "none", 0, 1}}};
  EvaluationOptions options{
      .workers = 1, .frames = ReportFrames::kNone, .stop = {}, .control = control, .find_task = {}};
  const EvaluationResult result = Evaluate(
      suite,
      [&](RendererSource renderer) {
        return MakePolicyAgent(std::make_unique<FakePolicy>(wants, nullptr, answer), std::move(renderer));
      },
      options, {}, nullptr);
  return {seen, result.records.at(0)};
}

TEST(ControlRunTest, ThePolicyGetsWhatTheControlSays) {
  const auto [plain, plain_record] = PlayOne(Control::kNone);
  const std::set<std::string> pictures(plain.pictures.begin(), plain.pictures.end());
  ASSERT_GT(pictures.size(), 3U) << "the arm must move, or frozen pictures would show nothing";
  EXPECT_FALSE(plain_record.control.has_value());

  const auto [blank, blank_record] = PlayOne(Control::kBlankInstruction);
  EXPECT_EQ(blank.instructions[0], "");
  EXPECT_EQ(blank_record.instruction, "") << "the record has the exact bytes that were given";
  EXPECT_EQ(blank_record.hash.scene, plain_record.hash.scene);
  EXPECT_EQ(blank_record.hash.initial_state, plain_record.hash.initial_state);
  EXPECT_EQ(blank.pictures, plain.pictures);
  ASSERT_TRUE(blank_record.control.has_value());
  EXPECT_EQ(blank_record.control->name, "blank_instruction");

  const Seen frozen = PlayOne(Control::kFrozenCameras).first;
  EXPECT_EQ(std::set<std::string>(frozen.pictures.begin(), frozen.pictures.end()),
            std::set<std::string>{plain.pictures[0]});
  EXPECT_EQ(frozen.instructions, plain.instructions);

  const Seen withheld = PlayOne(Control::kNoInjection).first;
  EXPECT_TRUE(std::all_of(withheld.modes.begin(), withheld.modes.end(),
                          [](ReasoningMode mode) { return mode == ReasoningMode::kWithheld; }));
  EXPECT_EQ(withheld.pictures, plain.pictures);

  const auto [wrong, wrong_record] = PlayOne(Control::kWrongReasoning);
  EXPECT_EQ(wrong.forced.size(), wrong.modes.size());
  ASSERT_TRUE(wrong_record.control.has_value());
  EXPECT_NE(wrong_record.control->object, wrong_record.control->target);
  EXPECT_EQ(wrong_record.control->acted_on, "");

  // A task with one thing to do has no other words, and is played as it is.
  const auto [single, single_record] = PlayOne(Control::kWrongReasoning, "flip_pot");
  EXPECT_TRUE(single.forced.empty());
  EXPECT_FALSE(single_record.control->applies);
}

TEST(ControlRunTest, AnExpertOfOtherWordsReachesTheirGoal) {
  // Plays the expert of the words instead of the episode's: the arm does what the words say.
  class Obedient final : public Agent {
   public:
    const PolicyInfo& Info() const override { return info_; }
    ActionKind Kind() const override { return ActionKind::kEndEffectorPose; }
    void Reset(std::span<const AgentView> group) override {
      const AgentView& view = group[0];
      plan_ = *view.plan;
      plan_.target = view.control->object;
      plan_.destination = view.control->destination;
      expert_ = view.task->MakeExpert(plan_);
    }
    std::vector<AgentAnswer> Act(std::span<const AgentView> open) override {
      AgentAnswer answer;
      answer.action = expert_->Act(*open[0].scene);
      std::string text;
      for (const std::string& phrase : open[0].control->required) text += phrase + " ";
      answer.reasoning = Reasoning{text, "", {}};
      return {answer};
    }

   private:
    PolicyInfo info_{.name = "obedient", .weights_sha256 = ""};
    EpisodePlan plan_;
    std::unique_ptr<Expert> expert_;
  };
  const Suite suite{.name = "small",
                    .version = 1,
                    .summary = "",
                    .seed = 3,
                    .group_size = 1,
                    .cells = {{"object_selection", "none", 0, 3}, {"cube_to_coloured_box", "none", 0, 3}}};
  EvaluationOptions options{
      .workers = 1, .frames = ReportFrames::kNone, .stop = {}, .control = Control::kWrongInstruction, .find_task = {}};
  const EvaluationResult result = Evaluate(
      suite, [](RendererSource) { return std::make_unique<Obedient>(); }, options, {}, nullptr);
  for (const EpisodeRecord& record : result.records) {
    ASSERT_TRUE(record.control && record.control->applies);
    EXPECT_TRUE(record.control->reached) << ToString(record.key);
    EXPECT_FALSE(record.success) << ToString(record.key);
    EXPECT_EQ(record.control->acted_on, record.control->object);
    EXPECT_EQ(record.control->said, record.reasoning.queries);
  }
}

TEST(ScoreControlTest, TheFirstBodyHeldLongEnoughIsWhatWasActedOn) {
  ControlPlan control{Control::kWrongReasoning, true, "own", "", "worded", "there", {"the cup"}};
  const auto acted = [&](const std::vector<std::string>& held) {
    return ScoreControl(control, held, {}, false).acted_on;
  };
  EXPECT_EQ(acted({}), "");
  EXPECT_EQ(acted({"a", "a", "a"}), "") << "three steps are a touch in passing";
  EXPECT_EQ(acted({"a", "a", "a", "", "a"}), "") << "in a row";
  EXPECT_EQ(acted({"a", "a", "a", "b", "b", "b", "b", "a", "a", "a", "a"}), "b");
  EXPECT_EQ(acted({"", "c", "c", "c", "c"}), "c");
  const ControlRecord record = ScoreControl(control, {}, {"Take The Cup.", "the cupboard", ""}, true);
  EXPECT_EQ(record.said, 1);
  EXPECT_TRUE(record.reached);
  control.applies = false;
  EXPECT_EQ(ScoreControl(control, {}, {"the cup"}, true).said, 0);
}

}  // namespace
}  // namespace divla
