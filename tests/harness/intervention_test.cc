// Episodes in which something is changed on the way: when it strikes, what is recorded, and that it can be replayed.
#include "tasks/intervention.h"

#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "harness/canonical_json.h"
#include "harness/episode.h"
#include "harness/evaluation.h"
#include "harness/reasoning_score.h"
#include "harness/report/console.h"
#include "harness/report/html.h"
#include "harness/report/markdown.h"
#include "harness/report/text.h"
#include "harness/summary.h"
#include "sim/controller.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/sample_records.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla {
namespace {

constexpr const char* kInstruction = "intervention_instruction";
constexpr const char* kObject = "intervention_object";

// A task whose truth follows the hand: what the gripper is given by a swap goes onto the tray instead.
class FollowsTheHand final : public Task {
 public:
  const TaskSpec& Spec() const override { return Base().Spec(); }
  EpisodePlan Draw(std::uint64_t seed, const EpisodeKey& key) const override { return Base().Draw(seed, key); }
  Scene Build(const EpisodePlan& plan) const override { return Base().Build(plan); }
  std::vector<Premise> Premises(const Scene& scene, const EpisodePlan& plan) const override {
    return Base().Premises(scene, plan);
  }
  TaskStatus Status(const Scene& scene, const EpisodePlan& plan) const override { return Base().Status(scene, plan); }
  GroundTruth Truth(const Scene& scene, const EpisodePlan& plan) const override { return Base().Truth(scene, plan); }
  std::vector<Alternative> Alternatives(const Scene& scene, const EpisodePlan& plan) const override {
    return Base().Alternatives(scene, plan);
  }
  std::unique_ptr<Expert> MakeExpert(const EpisodePlan& plan) const override { return Base().MakeExpert(plan); }
  Wordings Words(const EpisodePlan& plan) const override { return Base().Words(plan); }
  bool HasIntervention(InterventionKind kind) const override { return kind == InterventionKind::kObject; }
  std::optional<EpisodePlan> Intervene(const Scene& scene, const EpisodePlan& plan, InterventionKind,
                                       const std::string& held, Rng& rng) const override {
    std::vector<std::string> others;
    for (const char* body : {"object_bread", "object_metal_pot", "object_tape"}) {
      if (CanSwap(scene, plan, held, body)) others.push_back(body);
    }
    if (others.empty()) return std::nullopt;
    EpisodePlan next = plan;
    next.target = others[static_cast<std::size_t>(rng.Int(static_cast<int>(others.size())))];
    return next;
  }

 private:
  static const Task& Base() { return FindTask("object_selection"); }
};

const Task& TaskFor(const std::string& axis, const std::string& name = "object_selection") {
  static const FollowsTheHand follows;
  return axis == kObject ? static_cast<const Task&>(follows) : FindTask(name);
}

// Acts as the expert, and every eight steps says what `Says` makes of the truth.
class TalkingExpert final : public Agent {
 public:
  using Says = std::function<std::string(const AgentView& view, const std::string& truth)>;
  explicit TalkingExpert(Says says) : says_(std::move(says)), expert_(MakeExpertAgent()) {}
  const PolicyInfo& Info() const override { return expert_->Info(); }
  ActionKind Kind() const override { return expert_->Kind(); }
  void Reset(std::span<const AgentView> group) override {
    steps_.assign(group.size(), 0);
    expert_->Reset(group);
  }
  std::vector<AgentAnswer> Act(std::span<const AgentView> open) override {
    std::vector<AgentAnswer> answers = expert_->Act(open);
    for (std::size_t i = 0; i < open.size(); ++i) {
      int& step = steps_.at(static_cast<std::size_t>(open[i].slot));
      if (step++ % 8 != 0) continue;
      const std::string truth = open[i].task->Truth(*open[i].scene, *open[i].plan).text;
      answers[i].reasoning = Reasoning{says_(open[i], truth), "", {}};
    }
    return answers;
  }

 private:
  Says says_;
  std::unique_ptr<Agent> expert_;
  std::vector<int> steps_;
};

Suite Cell(const std::string& axis, int episodes, int group_size = 2, const std::string& task = "object_selection") {
  return {.name = "small",
          .version = 1,
          .summary = "",
          .seed = 1,
          .group_size = group_size,
          .cells = {{task, axis, axis == "none" ? 0 : 1, episodes}}};
}

std::vector<EpisodeRecord> Records(const Suite& suite, const TalkingExpert::Says& says, int workers = 1) {
  EvaluationOptions options{.workers = workers, .frames = ReportFrames::kNone, .stop = {}, .find_task = {}};
  options.find_task = [&](const std::string& name) -> const Task& { return TaskFor(suite.cells[0].axis, name); };
  return Evaluate(
             suite, [&](RendererSource) { return std::make_unique<TalkingExpert>(says); }, options, {}, nullptr)
      .records;
}

std::string Truthful(const AgentView&, const std::string& truth) { return truth; }

TEST(InterventionRunTest, StrikesOnceTheTargetWasHeldUpAndIsSolvedAfterwards) {
  const MujocoWarningGuard guard;
  for (const char* axis : {kInstruction, kObject}) {
    const auto clean = Records(Cell("none", 6), Truthful);
    const auto twins = Records(Cell(axis, 6), Truthful);
    int solved = 0;
    for (std::size_t i = 0; i < twins.size(); ++i) {
      EXPECT_FALSE(clean[i].intervention.has_value());
      EXPECT_EQ(twins[i].hash.initial_state, clean[i].hash.initial_state);
      EXPECT_EQ(twins[i].instruction, clean[i].instruction);
      ASSERT_TRUE(twins[i].intervention.has_value()) << axis << i;
      const InterventionRecord& change = *twins[i].intervention;
      EXPECT_EQ(change.kind, InterventionOfAxis(axis));
      EXPECT_GT(change.step, 10);
      EXPECT_LT(change.step, clean[i].steps);
      EXPECT_EQ(change.instruction != twins[i].instruction, std::string(axis) == kInstruction);
      EXPECT_TRUE(change.followed);
      EXPECT_EQ(change.steps_to_follow, (8 - change.step % 8) % 8);  // the next query
      EXPECT_EQ(twins[i].reasoning.correct, twins[i].reasoning.queries);
      solved += twins[i].success;
    }
    EXPECT_GE(solved, 5) << axis;
  }
}

TEST(InterventionRunTest, WordsThatStayAreNotFollowing) {
  std::map<const EpisodePlan*, std::string> first;  // one worker, one group
  const auto stubborn = [&](const AgentView& view, const std::string& truth) {
    return first.emplace(view.plan, truth).first->second;
  };
  for (const EpisodeRecord& record : Records(Cell(kInstruction, 3, 3), stubborn)) {
    ASSERT_TRUE(record.intervention.has_value());
    EXPECT_FALSE(record.intervention->followed);
    EXPECT_EQ(record.intervention->steps_to_follow, -1);
    EXPECT_LT(record.reasoning.correct, record.reasoning.queries);
  }
  first.clear();
  std::map<const EpisodePlan*, int> late;  // two more queries go by
  const auto slow = [&](const AgentView& view, const std::string& truth) {
    const std::string& said = first.emplace(view.plan, truth).first->second;
    if (view.changes == 0 || ++late[view.plan] <= 2) return said;
    return truth;
  };
  for (const EpisodeRecord& record : Records(Cell(kInstruction, 3, 3), slow)) {
    ASSERT_TRUE(record.intervention.has_value());
    EXPECT_EQ(record.intervention->steps_to_follow, (8 - record.intervention->step % 8) % 8 + 16);
  }
}

TEST(InterventionRunTest, DoesNotDependOnWorkersOrGroups) {
  for (const char* axis : {kInstruction, kObject}) {
    const std::string alone = EpisodeLines(Records(Cell(axis, 5, 2), Truthful, 1));
    EXPECT_EQ(alone, EpisodeLines(Records(Cell(axis, 5, 2), Truthful, 3)));
    EXPECT_EQ(alone, EpisodeLines(Records(Cell(axis, 5, 5), Truthful, 1)));
    EXPECT_NE(alone.find("\"intervention\""), std::string::npos);
  }
}

TEST(InterventionRunTest, WithoutAHeldTargetNothingIsChanged) {
  EvaluationOptions options{.workers = 1, .frames = ReportFrames::kNone, .stop = {}, .find_task = {}};
  const auto records = Evaluate(
                           Cell(kInstruction, 1), [](RendererSource renderer) { return MakeAgent("hold", renderer); },
                           options, {}, nullptr)
                           .records;
  EXPECT_FALSE(records.front().intervention.has_value());
  EXPECT_EQ(EpisodeLines(records).find("\"intervention\""), std::string::npos);
}

TEST(InterventionRunTest, TheLogReplays) {
  const MujocoWarningGuard guard;
  for (const char* axis : {kInstruction, kObject}) {
    const Task& task = TaskFor(axis);
    const EpisodePlan plan = DrawEpisode(task, 1, {"object_selection", axis, 1, 2});
    Episode episode(task, plan, 0);
    auto agent = MakeExpertAgent();
    const AgentView first = episode.View();
    agent->Reset({&first, 1});
    while (episode.Open()) {
      const AgentView view = episode.View();
      episode.Step(agent->Kind(), agent->Act({&view, 1}).front());
    }
    ASSERT_TRUE(episode.Record().success);
    const EpisodeLog log = DecodeLog(EncodeLog(episode.Log()), "log");
    ASSERT_TRUE(log.intervention.has_value());
    EXPECT_EQ(log.intervention->step, episode.Record().intervention->step);
    EXPECT_EQ(log.intervention->kind, InterventionOfAxis(axis));
    EXPECT_EQ(log.intervention->instruction, episode.Record().intervention->instruction);
    EXPECT_EQ(log.intervention->target, episode.Plan().target);
    EXPECT_EQ(log.intervention->destination, episode.Plan().destination);

    Scene scene = task.Build(plan);
    const auto dim = static_cast<std::size_t>(log.action_dim);
    for (int step = 0; step < log.Steps(); ++step) {
      if (step == log.intervention->step) {
        EXPECT_EQ(scene.SaveState() == log.intervention->state, std::string(axis) == kInstruction);
        scene.RestoreState(log.intervention->state);
      }
      ControlStep(scene, log.action_kind, std::span(log.actions).subspan(static_cast<std::size_t>(step) * dim, dim));
      const auto state = log.State(step + 1);
      ASSERT_EQ(scene.SaveState(), std::vector<double>(state.begin(), state.end())) << step;
    }
  }
}

EpisodeLog LogWithChange() {
  EpisodeLog log;
  log.key = {"some_task", kObject, 1, 2};
  log.robot = "panda";
  log.action_dim = 1;
  log.actions = {1, 2};
  log.state_size = 2;
  log.states = {1, 2, 3, 4, 5, 6};
  log.intervention = {InterventionKind::kObject, 1, "go on", "object_a", "object_b", {7, 8}};
  return log;
}

TEST(InterventionLogTest, HasAVersionOfItsOwnAndNoOtherBytesChange) {
  const auto with = EncodeLog(LogWithChange());
  const EpisodeLog back = DecodeLog(with, "log");
  ASSERT_TRUE(back.intervention.has_value());
  EXPECT_EQ(back.intervention->state, (std::vector<double>{7, 8}));
  EXPECT_EQ(back.intervention->target, "object_a");
  EpisodeLog plain = LogWithChange();
  plain.intervention.reset();
  const auto without = EncodeLog(plain);
  EXPECT_FALSE(DecodeLog(without, "log").intervention.has_value());
  const auto version = [](const std::vector<std::byte>& bytes) { return static_cast<int>(bytes[8]); };
  EXPECT_EQ(version(without), 1);
  EXPECT_EQ(version(with), 2);
  EXPECT_TRUE(std::equal(without.begin() + 12, without.end() - 32, with.begin() + 12));
  for (std::size_t size = 0; size < with.size(); ++size) {
    EXPECT_THROW(DecodeLog(std::span(with).first(size), "log"), InputError) << size;
  }
  for (const int step : {-1, 3}) {
    EpisodeLog late = LogWithChange();
    late.intervention->step = step;
    ExpectError<InputError>([&] { DecodeLog(EncodeLog(late), "file a.bin"); }, {"a.bin", "intervention", "0 to 2"});
  }
}

TEST(InterventionRecordTest, ComesBackAndIsReadStrictly) {
  EpisodeRecord record = SampleRecord("some_task", 1, true);
  const std::string plain = CanonicalJson(ToJson(record));
  EXPECT_EQ(plain.find("intervention"), std::string::npos);
  record.intervention = {InterventionKind::kObject, 31, "go on", true, 5};
  const nlohmann::json json = ToJson(record);
  const EpisodeRecord back = EpisodeRecordFromJson(json, "line 1");
  EXPECT_EQ(CanonicalJson(ToJson(back)), CanonicalJson(json));
  EXPECT_EQ(back.intervention->steps_to_follow, 5);
  const auto refuse = [&](const std::string& key, const nlohmann::json& value) {
    nlohmann::json bad = json;
    bad["intervention"][key] = value;
    ExpectError<InputError>([&] { EpisodeRecordFromJson(bad, "line 1"); }, {"line 1", key});
  };
  refuse("kind", "none");
  refuse("step", -1);
  refuse("steps_to_follow", -2);
  refuse("followed", 1);
  refuse("colour", "red");
}

TEST(InterventionSummaryTest, CountsAndSays) {
  std::vector<EpisodeRecord> records;
  for (int i = 0; i < 5; ++i) records.push_back(SampleRecord("some_task", i, i < 3));
  for (int i = 0; i < 4; ++i)
    records[static_cast<std::size_t>(i)].intervention = {InterventionKind::kObject, 30, "x", i < 2,
                                                         i < 2 ? 8 * i + 4 : -1};
  records[3].reasoning = {};
  RunInfo info = SampleInfo();
  info.episodes = 5;
  const RunSummary summary = Summarize(info, records, {}, false);
  ASSERT_TRUE(summary.cells[0].interventions.has_value());
  const InterventionSummary& counts = *summary.cells[0].interventions;
  EXPECT_EQ(counts.n, 4);
  EXPECT_EQ(counts.k, 3);
  EXPECT_EQ(counts.reasoned, 3);
  EXPECT_EQ(counts.followed, 2);
  EXPECT_DOUBLE_EQ(*counts.median_steps_to_follow, 8);
  const RunSummary back = RunSummaryFromJson(ToJson(summary), "summary");
  EXPECT_EQ(ToJson(back), ToJson(summary));
  EXPECT_EQ(InterventionText(counts),
            "3 of 4 solved after the change; the texts followed in 2 of 3, median 0.40 s after it");
  EXPECT_NE(FormatConsole(summary).find("interventions\n"), std::string::npos);
  const ReportData data{.info = info, .summary = summary, .episodes = {}};
  EXPECT_NE(FormatMarkdown(data).find("## Interventions\n\n- some"), std::string::npos);
  EXPECT_NE(FormatHtml(data).find("<td>2<small>/3</small></td><td>0.40 s</td><td>3<small>/4</small></td>"),
            std::string::npos);

  for (EpisodeRecord& record : records) record.intervention.reset();
  const RunSummary plain = Summarize(info, records, {}, false);
  EXPECT_EQ(ToJson(plain).dump().find("interventions"), std::string::npos);
  EXPECT_EQ(FormatConsole(plain).find("interventions"), std::string::npos);
}

TEST(ScoreFollowingTest, OnlyTextsFromTheChangeOnCount) {
  std::vector<ReasoningEntry> entries(4);
  for (int i = 0; i < 4; ++i) entries[static_cast<std::size_t>(i)].step = 8 * i;
  entries[0].correct = entries[1].correct = true;  // of the old truth
  InterventionRecord change{.kind = InterventionKind::kInstruction, .step = 10, .instruction = "x"};
  ScoreFollowing(entries, change);
  EXPECT_FALSE(change.followed);
  EXPECT_EQ(change.steps_to_follow, -1);
  entries[3].correct = true;
  ScoreFollowing(entries, change);
  EXPECT_TRUE(change.followed);
  EXPECT_EQ(change.steps_to_follow, 14);
  entries[2] = entries[3];
  entries[2].step = 10;  // asked at the very step
  ScoreFollowing(entries, change);
  EXPECT_EQ(change.steps_to_follow, 0);
}

TEST(InterventionSuiteTest, AxesAreAtLevelOneOfTasksThatHaveThem) {
  const auto parse = [](const std::string& task, const std::string& axis, int level) {
    return ParseSuite(R"({"format":"divla-suite","name":"s","version":1,"summary":"","seed":1,"group_size":4,"cells":[)"
                      R"({"task":")" +
                          task + R"(","axis":"none","level":0,"episodes":2},{"task":")" + task + R"(","axis":")" +
                          axis + R"(","level":)" + std::to_string(level) + R"(,"episodes":2}]})",
                      "file s");
  };
  EXPECT_EQ(parse("object_selection", kInstruction, 1).cells[1].axis, kInstruction);
  ExpectError<InputError>([&] { parse("object_selection", kInstruction, 0); }, {"'level'"});
  ExpectError<InputError>([&] { parse("object_selection", kInstruction, 2); }, {"'level'"});
  ExpectError<InputError>([&] { parse("flip_pot", kInstruction, 1); }, {"'axis'", "flip_pot"});
  ExpectError<InputError>([&] { parse("object_selection", kObject, 1); }, {"'axis'", "object_selection"});
  ExpectError<InputError>([&] { parse("object_selection", "none", 0); }, {"'task'", "again"});
}

}  // namespace
}  // namespace divla
