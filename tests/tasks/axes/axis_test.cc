#include "tasks/axes/axis.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "sim/check.h"
#include "tasks/registry.h"

namespace divla {
namespace {

std::string Message(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(AxisRegistry, NamesBeginWithTheirFamilyAndTablesGrow) {
  std::set<std::string> names;
  for (const Axis* axis : AllAxes()) {
    const AxisSpec& spec = axis->Spec();
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_TRUE(spec.name.starts_with(spec.family + "_")) << spec.name;
    EXPECT_FALSE(spec.summary.empty());
    EXPECT_FALSE(spec.measure.empty());
    EXPECT_FALSE(spec.claims.empty());
    ASSERT_FALSE(spec.parameters.empty());
    const auto& first = spec.parameters.front().at;
    EXPECT_FALSE(std::is_sorted(first.begin(), first.end(), std::greater<>()) &&
                 std::is_sorted(first.begin(), first.end()))
        << spec.name << ": a parameter that never changes";
  }
}

TEST(AxisRegistry, UnknownAndRepeatedNamesAreRefused) {
  EXPECT_NE(Message([] { FindAxis("weather"); }).find("environment_lighting"), std::string::npos);
  EXPECT_NE(Message([] { AxesOf("object_size+object_size"); }).find("each name once"), std::string::npos);
  EXPECT_NE(Message([] { AxesOf("object_size+"); }).find("found ''"), std::string::npos);
  EXPECT_TRUE(AxesOf("none").empty());
  EXPECT_EQ(AxesOf("object_size+environment_camera").size(), 2U);
}

TEST(DrawEpisode, LevelsMustFitTheAxis) {
  const Task& task = FindTask("cube_to_coloured_box");
  const auto draw = [&](const std::string& axis, int level) {
    return Message([&] { DrawEpisode(task, 1, {"cube_to_coloured_box", axis, level, 0}); });
  };
  EXPECT_EQ(draw("none", 0), "no error");
  EXPECT_NE(draw("none", 1).find("expected 0, found 1"), std::string::npos);
  EXPECT_NE(draw("environment_lighting", 0).find("expected 1 to 5, found 0"), std::string::npos);
  EXPECT_NE(draw("environment_lighting", 6).find("found 6"), std::string::npos);
  EXPECT_EQ(draw("environment_lighting", 5), "no error");
}

TEST(DrawEpisode, AnAxisThatMakesNoSenseIsRefusedWithTheReason) {
  const std::string message = Message([] {
    DrawEpisode(FindTask("flip_pot"), 1, {"flip_pot", "object_category", 3, 0});
  });
  EXPECT_NE(message.find("does not apply"), std::string::npos);
  EXPECT_NE(message.find("two handles"), std::string::npos);
}

// Each part of a combination is the very edit that it is alone, so gaps can be set against each other.
TEST(DrawEpisode, ACombinationIsTheSumOfItsParts) {
  const Task& task = FindTask("cube_to_coloured_box");
  const EpisodeKey key{"cube_to_coloured_box", "instruction_paraphrase+environment_background", 4, 2};
  const EpisodePlan both = DrawEpisode(task, 1, key);
  const EpisodePlan words = DrawEpisode(task, 1, {key.task, "instruction_paraphrase", 4, 2});
  const EpisodePlan colours = DrawEpisode(task, 1, {key.task, "environment_background", 4, 2});
  EXPECT_EQ(both.instruction, words.instruction);
  EXPECT_EQ(both.variation, colours.variation);
  EXPECT_NE(both.variation, words.variation);
  EXPECT_NE(both.instruction, colours.instruction);
}

// The published clean episodes do not move when axes come.
TEST(DrawEpisode, TheCleanEpisodeIsTheTasksOwnDraw) {
  for (const Task* task : AllTasks()) {
    const EpisodeKey key{task->Spec().name, "none", 0, 5};
    const EpisodePlan plan = DrawEpisode(*task, 3, key);
    EXPECT_EQ(plan.instruction, task->Draw(3, key).instruction);
    EXPECT_EQ(plan.variation, Variation{});
  }
}

// "Without" is for what makes no sense, not for what is hard.
TEST(Axes, FewPairsAreLeftOut) {
  int out = 0;
  for (const Task* task : AllTasks()) {
    for (const Axis* axis : AllAxes()) out += task->Without(axis->Spec().name).empty() ? 0 : 1;
  }
  EXPECT_LT(out, static_cast<int>(AllTasks().size() * AllAxes().size()) / 10);
}

}  // namespace
}  // namespace divla
