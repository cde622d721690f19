#include "harness/suite.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/harness/expect_error.h"

namespace divla {
namespace {

using nlohmann::json;

json GoodSuite() {
  return json::parse(R"({"format":"divla-suite","name":"mine","version":2,"summary":"two tasks","seed":5,"group_size":4,
    "cells":[{"task":"cube_to_coloured_box","axis":"none","level":0,"episodes":6},
             {"task":"object_selection","axis":"none","level":0,"episodes":3}]})");
}

void ExpectSuiteError(const json& suite, std::initializer_list<std::string> parts) {
  ExpectError<InputError>([&] { ParseSuite(suite.dump(), "file s.json"); }, parts);
}

TEST(SuiteTest, ReadsAGoodFile) {
  const Suite suite = ParseSuite(GoodSuite().dump(), "file s.json");
  EXPECT_EQ(suite.name, "mine");
  EXPECT_EQ(suite.version, 2);
  EXPECT_EQ(suite.seed, 5u);
  EXPECT_EQ(suite.Episodes(), 9);
  ASSERT_EQ(suite.Order().size(), 2u);
  EXPECT_EQ(suite.Order()[1].task, "object_selection");
}

TEST(SuiteTest, GroupsAreConsecutiveEpisodesOfOneCell) {
  const auto groups = MakeGroups(ParseSuite(GoodSuite().dump(), "s"));
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[0].first.index, 0);
  EXPECT_EQ(groups[0].count, 4);
  EXPECT_EQ(groups[1].first.index, 4);
  EXPECT_EQ(groups[1].count, 2);
  EXPECT_EQ(groups[2].first.task, "object_selection");
  EXPECT_EQ(groups[2].count, 3);
}

TEST(SuiteTest, EveryMistakeIsNamed) {
  json suite = GoodSuite();
  suite["cells"][0]["task"] = "fly";
  ExpectSuiteError(suite, {"file s.json", "entry 0", "'task'", "fly", "object_selection"});
  suite = GoodSuite();
  suite["cells"][1]["episodes"] = 0;
  ExpectSuiteError(suite, {"entry 1", "'episodes'", "[1, 10000]", "0"});
  suite = GoodSuite();
  suite["cells"][1]["axis"] = "sky";
  ExpectSuiteError(suite, {"'axis'", "sky"});
  suite = GoodSuite();
  suite["cells"][1]["task"] = "cube_to_coloured_box";
  ExpectSuiteError(suite, {"entry 1", "once"});
  suite = GoodSuite();
  suite["cells"] = json::array();
  ExpectSuiteError(suite, {"'cells'", "at least one"});
  suite = GoodSuite();
  suite["seed"] = kFirstDemoSeed;
  ExpectSuiteError(suite, {"'seed'", "1000000", "demonstrations"});
  suite = GoodSuite();
  suite["format"] = "other";
  ExpectSuiteError(suite, {"'format'", "divla-suite", "other"});
  suite = GoodSuite();
  suite["name"] = "../up";
  ExpectSuiteError(suite, {"'name'", "../up"});
  suite = GoodSuite();
  suite["group_size"] = 0;
  ExpectSuiteError(suite, {"'group_size'"});
  suite = GoodSuite();
  suite["colour"] = "red";
  ExpectSuiteError(suite, {"'colour'", "no such key"});
  suite = GoodSuite();
  suite.erase("version");
  ExpectSuiteError(suite, {"'version'", "none"});
  ExpectError<InputError>([] { ParseSuite("{\"format\":", "file s.json"); }, {"file s.json", "JSON"});
}

TEST(SuiteTest, ShippedSuitesAreReadAndNamedAsTheirFiles) {
  const auto names = SuiteNames();
  EXPECT_NE(std::find(names.begin(), names.end(), "quick"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "core"), names.end());
  for (const std::string& name : names) EXPECT_EQ(LoadSuite(name).name, name);
}

TEST(SuiteTest, UnknownNameListsTheKnown) {
  ExpectError<InputError>([] { LoadSuite("quack"); }, {"quack", "quick", "core"});
}

TEST(SuiteChangesTest, ChooseTasksEpisodesAndSeed) {
  Suite suite = ParseSuite(GoodSuite().dump(), "s");
  ApplyChanges({.tasks = {"object_selection"}, .axes = {}, .episodes = 7, .seed = 9, .has_seed = true}, suite);
  ASSERT_EQ(suite.cells.size(), 1u);
  EXPECT_EQ(suite.Episodes(), 7);
  EXPECT_EQ(suite.seed, 9u);
}

TEST(SuiteTest, CellsOfAxesAreReadAndChecked) {
  json suite = GoodSuite();
  suite["cells"][1] = {
      {"task", "cube_to_coloured_box"}, {"axis", "environment_lighting"}, {"level", 3}, {"episodes", 4}};
  suite["cells"].push_back(
      {{"task", "cube_to_coloured_box"}, {"axis", "object_size+environment_camera"}, {"level", 3}, {"episodes", 4}});
  const Suite read = ParseSuite(suite.dump(), "file s.json");
  ASSERT_EQ(read.cells.size(), 3U);
  EXPECT_EQ(read.cells[1].axis, "environment_lighting");
  EXPECT_EQ(read.cells[1].level, 3);
  suite["cells"][1]["level"] = 0;
  ExpectSuiteError(suite, {"entry 1", "'level'", "[1, 5]", "0"});
  suite["cells"][1]["level"] = 3;
  suite["cells"][2]["axis"] = "environment_lighting";
  ExpectSuiteError(suite, {"entry 2", "once"});
  suite["cells"][2]["axis"] = "none";
  ExpectSuiteError(suite, {"entry 2", "'level'", "[0, 0]", "3"});
  suite["cells"][2] = {{"task", "flip_pot"}, {"axis", "object_category"}, {"level", 1}, {"episodes", 1}};
  ExpectSuiteError(suite, {"entry 2", "'axis'", "flip_pot", "object_category", "does not apply"});
}

TEST(SuiteChangesTest, AxesReplaceTheCellsByCleanOnesAndTwins) {
  Suite suite = ParseSuite(GoodSuite().dump(), "s");
  ApplyChanges({.tasks = {"cube_to_coloured_box"},
                .axes = {"environment_lighting:5", "object_size"},
                .episodes = 0,
                .seed = 0,
                .has_seed = false},
               suite);
  ASSERT_EQ(suite.cells.size(), 7U);  // clean, one level, five levels
  EXPECT_EQ(suite.cells[0].axis, "none");
  EXPECT_EQ(suite.cells[1].axis, "environment_lighting");
  EXPECT_EQ(suite.cells[1].level, 5);
  EXPECT_EQ(suite.cells[6].level, 5);
  for (const SuiteCell& cell : suite.cells) EXPECT_EQ(cell.episodes, 6);
  const auto refuse = [&](const std::string& axis, std::initializer_list<std::string> parts) {
    ExpectError<InputError>(
        [&] { ApplyChanges({.tasks = {}, .axes = {axis}, .episodes = 0, .seed = 0, .has_seed = false}, suite); },
        parts);
  };
  refuse("weather", {"weather", "environment_lighting"});
  refuse("object_size:0", {"--axis", "object_size:0"});
  refuse("object_size:12", {"--axis", "object_size:12"});
  refuse("none", {"--axis", "none"});
}

TEST(ShardTest, TheShardsOfASuiteAreItsGroupsOnce) {
  Suite suite{.name = "s", .version = 1, .summary = "", .seed = 1, .group_size = 4, .cells = {}};
  suite.cells = {{"a", "none", 0, 9}, {"b", "none", 0, 4}, {"c", "none", 0, 6}};
  const auto text = [](const Group& group) { return ToString(group.first) + "+" + std::to_string(group.count); };
  std::multiset<std::string> all;
  for (const Group& group : MakeGroups(suite)) all.insert(text(group));
  for (int count = 1; count <= 6; ++count) {
    std::multiset<std::string> joined;
    int episodes = 0;
    for (int index = 1; index <= count; ++index) {
      const auto groups = GroupsOf(suite, Shard{index, count});
      for (const Group& group : groups) joined.insert(text(group));
      episodes += CountEpisodes(groups);
    }
    EXPECT_EQ(joined, all) << count;
    EXPECT_EQ(episodes, suite.Episodes());
  }
  EXPECT_TRUE(GroupsOf(suite, Shard{7, 7}).empty());
  const auto second = GroupsOf(suite, Shard{2, 3});
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(text(second[0]), "a.none.0.0004+4");
  EXPECT_EQ(text(second[1]), "c.none.0.0000+4");
  const auto keys = KeysOf(second[1]);
  ASSERT_EQ(keys.size(), 4U);
  EXPECT_EQ(ToString(keys[3]), "c.none.0.0003");
}

TEST(ShardTest, ReadsIOfN) {
  EXPECT_EQ(ParseShard("1/1"), (Shard{1, 1}));
  EXPECT_EQ(ParseShard("12/34"), (Shard{12, 34}));
  for (const char* text :
       {"", "1", "/", "1/", "/2", "0/2", "3/2", "-1/2", "1/2/3", "1/2 ", " 1/2", "a/b", "1/99999999999"}) {
    ExpectError<InputError>([&] { ParseShard(text); }, {"--shard", "I/N", text});
  }
}

TEST(SuiteChangesTest, RefuseWhatDoesNotFit) {
  Suite suite = ParseSuite(GoodSuite().dump(), "s");
  ExpectError<InputError>(
      [&] { ApplyChanges({.tasks = {"fly"}, .axes = {}, .episodes = 0, .seed = 0, .has_seed = false}, suite); },
      {"--task", "fly", "cube_to_coloured_box"});
  ExpectError<InputError>(
      [&] { ApplyChanges({.tasks = {}, .axes = {}, .episodes = -1, .seed = 0, .has_seed = false}, suite); },
      {"--episodes", "-1"});
  ExpectError<InputError>(
      [&] { ApplyChanges({.tasks = {}, .axes = {}, .episodes = 0, .seed = kFirstDemoSeed, .has_seed = true}, suite); },
      {"--seed", "1000000"});
}

}  // namespace
}  // namespace divla
