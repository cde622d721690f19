// What happens to a run folder, by the built program: kills, a second process, limits, shards, replays.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/rng.h"
#include "tests/harness/divla_program.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/fake_menagerie.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

class RunCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_ / "suite.json") << R"({"format": "divla-suite", "name": "small", "version": 1, "summary": "",
        "seed": 3, "group_size": 2, "cells": [
        {"task": "cube_to_coloured_box", "axis": "none", "level": 0, "episodes": 4},
        {"task": "cube_to_coloured_box", "axis": "environment_layout", "level": 1, "episodes": 3}]})";
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  // "eval ..." of the expert, whose episodes are short, into a folder.
  std::string Eval(const std::string& name) const {
    return "eval --suite " + Path("suite.json") + " --policy expert --frames none --quiet --out " + Path(name);
  }
  // Starts it and kills it after so many microseconds: true when it had not come to its end before.
  bool KillAfter(const std::string& arguments, int microseconds) {
    const pid_t child = ::fork();
    if (child == 0) {
      const std::string command = "exec " DIVLA_PROGRAM " " + arguments + " >/dev/null 2>&1";
      ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::usleep(static_cast<useconds_t>(microseconds));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status);
  }
  TempFolder folder_;
};

TEST_F(RunCommandTest, KilledAgainAndAgainItEndsWithTheSameBytes) {
  ASSERT_EQ(Divla(Eval("run")).code, 0);
  const auto expected = Results(folder_ / "run");
  fs::remove_all(folder_ / "run");
  Rng rng({1, "kills", "none", 0, 0, "moments", 0});
  int killed = 0;
  for (int i = 0; i < 8; ++i) killed += KillAfter(Eval("run") + " --resume", 100'000 + rng.Int(400'000));
  EXPECT_GT(killed, 0);
  const Answer last = Divla(Eval("run") + " --resume");
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(Results(folder_ / "run"), expected);
  const Answer again = Divla(Eval("run") + " --resume");
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("7 of 7 episodes are finished: nothing is left to run"), std::string::npos) << again.err;
  EXPECT_EQ(again.out, last.out);
  EXPECT_EQ(Divla("verify " + Path("run") + " --quiet").code, 0);
}

TEST_F(RunCommandTest, RefusesToGoOnWithSomethingElse) {
  ExpectRefused("eval --policy hold --resume", 2, "--out");
  ASSERT_EQ(Divla(Eval("run")).code, 0);
  ExpectRefused(Eval("run"), 2, "--resume goes on with it");
  ExpectRefused(Eval("run") + " --resume --seed 4", 2, "key 'seed': expected 3 as in the run that is there, found 4");
  ExpectRefused(Eval("run") + " --resume --strict", 2, "key 'strict'");
  ExpectRefused(Eval("run") + " --resume --episodes 2", 2, "key 'cells'");
  ExpectRefused(Eval("run") + " --resume --shard 1/2", 2, "key 'shard': expected none");
  ExpectRefused(Eval("new") + " --shard 3/2", 2, "--shard");
  ExpectRefused(Eval("new") + " --shard 9/9", 2, "--shard");
  ExpectRefused("eval --suite quick --policy hold --resume --out " + Path("suite.json"), 2, "found a file");
}

TEST_F(RunCommandTest, ShardsAreMerged) {
  ASSERT_EQ(Divla(Eval("run")).code, 0);
  const auto expected = Results(folder_ / "run");
  fs::remove_all(folder_ / "run");
  for (const char* shard : {"3", "1"}) {
    ASSERT_EQ(Divla(Eval(std::string("s") + shard) + " --shard " + shard + "/3").code, 0);
  }
  const Answer missing = Divla("merge " + Path("s3") + " " + Path("s1") + " --out " + Path("run"));
  EXPECT_EQ(missing.code, 1);
  const std::string command = Eval("shard-2-of-3") + " --shard 2/3";
  EXPECT_NE(missing.err.find("shard 2/3 is missing"), std::string::npos) << missing.err;
  // The command that it names makes the shard.
  const std::size_t at = missing.err.find("./divla ") + 8;
  ASSERT_EQ(Divla(missing.err.substr(at, missing.err.find('\n', at) - at)).code, 0);
  const Answer merged =
      Divla("merge " + Path("s3") + " " + Path("shard-2-of-3") + " " + Path("s1") + " --out " + Path("run"));
  ASSERT_EQ(merged.code, 0) << merged.err;
  auto files = Results(folder_ / "run");
  auto info = nlohmann::json::parse(files["run.json"]);
  info.erase("merged");
  files["run.json"] = info.dump(2) + "\n";
  EXPECT_EQ(files, expected);
  ExpectRefused("merge " + Path("s1") + " " + Path("run") + " --out " + Path("x"), 2, "'shard'");
}

// Nothing but pictures may know of them: same scenes, states, actions, scores, to the byte.
TEST_F(RunCommandTest, OtherLooksAreTheSameEpisodes) {
  const FakeMenagerie menagerie;
  ASSERT_EQ(Divla(Eval("own")).code, 0);
  auto own = Results(folder_ / "own");
  {
    const ScopedVariable on("DIVLA_MENAGERIE", menagerie.Root().string());
    ASSERT_EQ(Divla(Eval("run")).code, 0);
  }
  auto worn = Results(folder_ / "run");
  EXPECT_EQ(worn.at("episodes.jsonl"), own.at("episodes.jsonl"));
  int logs = 0;
  for (const auto& [name, bytes] : own) {
    if (!name.starts_with("logs/")) continue;
    ++logs;
    EXPECT_TRUE(worn.at(name) == bytes) << name;
  }
  EXPECT_EQ(logs, 7);
  auto info = nlohmann::json::parse(worn.at("run.json"));
  auto own_info = nlohmann::json::parse(own.at("run.json"));
  EXPECT_TRUE(info.at("pictures").at("looks").get<std::string>().starts_with("panda of mujoco_menagerie "));
  info.at("pictures").erase("looks");
  info.erase("command"), own_info.erase("command");
  EXPECT_EQ(info, own_info);
  ExpectRefused(Eval("run") + " --resume", 2, "key 'pictures'");
  EXPECT_EQ(Divla("verify " + Path("run") + " --quiet").code, 0);
  const ScopedVariable nowhere("DIVLA_MENAGERIE", Path("nowhere"));
  ExpectRefused(Eval("new"), 2, "folder " + Path("nowhere") + " (DIVLA_MENAGERIE): expected panda.xml");
}

TEST_F(RunCommandTest, VerifyNamesTheStepOfAChangedByte) {
  ASSERT_EQ(Divla(Eval("run")).code, 0);
  const fs::path file = folder_ / "run/logs/cube_to_coloured_box.none.0.0002.bin";
  const EpisodeLog log = ReadLog(file);
  std::string bytes = ReadTextFile(file);
  // The tenth action's first number.
  const auto* action = reinterpret_cast<const char*>(log.Action(10).data());
  const std::size_t at = bytes.find(std::string(action, log.Action(10).size_bytes()));
  ASSERT_NE(at, std::string::npos);
  bytes[at + 2] = static_cast<char>(bytes[at + 2] ^ 0x20);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  const Answer answer = Divla("verify " + Path("run") + " --quiet");
  EXPECT_EQ(answer.code, 1);
  EXPECT_NE(answer.out.find("cube_to_coloured_box.none.0.0002: control step 10: "), std::string::npos) << answer.out;
  EXPECT_NE(answer.out.find("6 of 7 episodes agree"), std::string::npos) << answer.out;
  const Answer one = Divla("verify " + Path("run") + " --episode cube_to_coloured_box.none.0.0002 --json --quiet");
  EXPECT_EQ(one.code, 1);
  const auto json = nlohmann::json::parse(one.out);
  EXPECT_EQ(json["agrees"], false);
  EXPECT_EQ(json["episodes"][0]["differences"][0]["step"], 10);
  EXPECT_EQ(Divla("verify " + Path("run") + " --episode cube_to_coloured_box.none.0.0001 --quiet").code, 0);
  ExpectRefused("verify " + Path("nowhere"), 2, "run.json");
  ExpectRefused("verify " + Path("run") + " --quiet --episode x", 2, "--episode");
}

TEST_F(RunCommandTest, ALimitOnFilesIsAFailingMachineWithAWayOn) {
  const fs::path program = DIVLA_PROGRAM;
  const std::string errors = Path("err");
  const int status =
      std::system(("ulimit -f 20; " + program.string() + " " + Eval("run") + " >/dev/null 2>" + errors).c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);
  const std::string message = ReadTextFile(errors);
  EXPECT_NE(message.find("cannot write"), std::string::npos) << message;
  const std::size_t at = message.find("./divla ") + 8;
  ASSERT_NE(message.find("./divla "), std::string::npos) << message;
  const Answer answer = Divla(message.substr(at, message.rfind(')') - at));  // the command that it names
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(ReadRunSummary(folder_ / "run").finished, 7);
}

TEST_F(RunCommandTest, AReplayIsAPolicy) {
  ASSERT_EQ(Divla(Eval("run")).code, 0);
  ASSERT_EQ(Divla("eval --suite " + Path("suite.json") + " --quiet --policy replay:" + Path("run") + " --out " +
                  Path("again"))
                .code,
            0);
  EXPECT_EQ(ReadTextFile(folder_ / "again/episodes.jsonl"), ReadTextFile(folder_ / "run/episodes.jsonl"));
  EXPECT_EQ(Divla("verify " + Path("again") + " --quiet --frames").code, 0);
  ExpectRefused("eval --quiet --policy replay:" + Path("nowhere") + " --out " + Path("x"), 2, "nowhere");
}

TEST_F(RunCommandTest, RunsThatAPersonChangedAreNotSetSideBySide) {
  SmallRun().Go(folder_ / "whole");
  SmallRun().Go(folder_ / "touched");
  nlohmann::json run = nlohmann::json::parse(ReadTextFile(folder_ / "touched" / "run.json"));
  run["edited"] = {{{"step", 2}, {"ask_anew", true}}};
  std::ofstream(folder_ / "touched" / "run.json") << run.dump();
  ExpectRefused("report " + Path("whole") + " " + Path("touched") + " --out " + Path("sides"), 2, "'edited'");
  EXPECT_FALSE(fs::exists(folder_ / "sides"));
  EXPECT_EQ(Divla("report " + Path("touched") + " --out " + Path("alone")).code, 0);
}

}  // namespace
}  // namespace divla
