#include "harness/merge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/harness/expect_error.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

class MergeTest : public ::testing::Test {
 protected:
  // Shard I of N of `run` in a folder of its own.
  fs::path Make(SmallRun run, int index, int count, int workers = 1) {
    const fs::path path = folder_ / ("s" + std::to_string(index) + "of" + std::to_string(count));
    run.shard = Shard{index, count};
    run.workers = workers;
    run.options = {"--shard", std::to_string(index) + "/" + std::to_string(count), "--out", path.string()};
    run.Go(path);
    return path;
  }
  // The results of a merged run, without what run.json has more.
  static std::map<std::string, std::string> Merged(const fs::path& run) {
    auto files = Results(run);
    for (auto& [name, bytes] : files) {
      if (!name.ends_with("run.json")) continue;
      auto info = nlohmann::json::parse(bytes);
      EXPECT_TRUE(info.contains("merged")) << name;
      info.erase("merged");
      bytes = info.dump(2) + "\n";
    }
    return files;
  }
  TempFolder folder_;
};

TEST_F(MergeTest, AnyShardingGivesTheBytesOfTheWhole) {
  SmallRun run;
  run.options = {"--out", (folder_ / "out").string()};
  run.Go(folder_ / "out");
  const auto expected = Results(folder_ / "out");
  fs::remove_all(folder_ / "out");
  for (int workers : {2, 5}) {
    run.workers = workers;
    run.Go(folder_ / "other");
    for (const auto& [name, bytes] : Results(folder_ / "other")) {
      const bool names_workers = name == "run.json" || name.starts_with("report.");
      if (!names_workers) {
        EXPECT_EQ(bytes, expected.at(name)) << name << " with " << workers << " workers";
      }
    }
    fs::remove_all(folder_ / "other");
  }
  for (const std::vector<int>& order : {std::vector<int>{1}, {2, 1}, {3, 1, 2}, {2, 3, 1}}) {
    std::vector<fs::path> runs;
    for (const int index : order) runs.push_back(Make({}, index, static_cast<int>(order.size())));
    const MergeResult result = MergeRuns(runs, folder_ / "out");
    EXPECT_TRUE(result.missing.empty());
    EXPECT_EQ(Merged(folder_ / "out"), expected) << order.size() << " shards";
    EXPECT_EQ(ReadRunInfo(folder_ / "out").merged.size(), order.size());
    fs::remove_all(folder_ / "out");
    for (const fs::path& path : runs) fs::remove_all(path);
  }
}

TEST_F(MergeTest, ControlsAndFilmStripsAreMergedToo) {
  const auto make = [&](const fs::path& path, std::optional<Shard> shard) {
    for (const Control control : {Control::kNone, Control::kBlankInstruction, Control::kNone}) {
      SmallRun run;
      run.horizon = 40;  // long enough for pictures in between
      run.options = {"--out", path.string()};
      run.shard = shard;
      run.control = control;
      const fs::path folder = control == Control::kNone ? path : ControlFolder(path, control);
      run.Go(folder, fs::exists(folder / "run.json") ? RunStart::kResume : RunStart::kNew);
    }
  };
  make(folder_ / "out", std::nullopt);
  const auto expected = Results(folder_ / "out");
  EXPECT_TRUE(expected.contains("controls.json"));
  EXPECT_TRUE(std::any_of(expected.begin(), expected.end(),
                          [](const auto& file) { return file.first.find(".step-0016.png") != std::string::npos; }));
  fs::remove_all(folder_ / "out");
  for (int index : {1, 2}) make(folder_ / fmt::format("s{}", index), Shard{index, 2});

  const fs::path lost = ControlFolder(folder_ / "s2", Control::kBlankInstruction);
  fs::rename(lost, folder_ / "aside");
  MergeResult result = MergeRuns({folder_ / "s1", folder_ / "s2"}, folder_ / "out");
  ASSERT_EQ(result.missing.size(), 1U);
  EXPECT_EQ(result.missing[0].control, "blank_instruction");
  const std::string& command = result.missing[0].command;
  EXPECT_NE(command.find("--out " + (folder_ / "s2").string()), std::string::npos) << command;
  EXPECT_NE(command.find("--resume"), std::string::npos) << command;
  EXPECT_NE(command.find("--control blank_instruction"), std::string::npos) << command;
  EXPECT_FALSE(fs::exists(folder_ / "out")) << "nothing is written when something is missing";

  fs::rename(folder_ / "aside", lost);
  result = MergeRuns({folder_ / "s2", folder_ / "s1"}, folder_ / "out");
  EXPECT_TRUE(result.missing.empty());
  EXPECT_EQ(result.controls.size(), 1U);
  EXPECT_EQ(Merged(folder_ / "out"), expected);
}

TEST_F(MergeTest, TheMergedRunIsComplete) {
  MergeRuns({Make({}, 2, 2), Make({}, 1, 2)}, folder_ / "out");
  const RunOutcome outcome = SmallRun{}.Go(folder_ / "out", RunStart::kResume);
  EXPECT_EQ(outcome.kept, 5);
  EXPECT_EQ(outcome.ran, 0);
}

TEST_F(MergeTest, NamesWhatIsMissingAndTheCommandThatMakesIt) {
  const fs::path first = Make({}, 1, 3), third = Make({}, 3, 3);
  MergeResult result = MergeRuns({third, first}, folder_ / "out");
  ASSERT_EQ(result.missing.size(), 1U);
  EXPECT_EQ(result.missing[0].shard, (Shard{2, 3}));
  EXPECT_EQ(result.missing[0].episodes, 1);
  EXPECT_EQ(result.missing[0].command, "./divla eval --shard 2/3 --out " + (folder_ / "shard-2-of-3").string());
  // A shard that was stopped.
  const fs::path second = Make({}, 2, 3);
  fs::remove(third / "episodes.jsonl");
  const std::string lines = ReadTextFile(third / "journal.jsonl");
  std::ofstream(third / "journal.jsonl", std::ios::trunc) << lines.substr(0, lines.find('\n') + 9);
  result = MergeRuns({first, second, third}, folder_ / "out");
  ASSERT_EQ(result.missing.size(), 1U);
  EXPECT_EQ(result.missing[0].folder, third.string());
  EXPECT_EQ(result.missing[0].episodes, 1);
  EXPECT_EQ(result.missing[0].command, "./divla eval --shard 3/3 --out " + third.string() + " --resume");
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  SmallRun run;
  run.shard = Shard{3, 3};
  run.Go(third, RunStart::kResume);
  EXPECT_TRUE(MergeRuns({first, second, third}, folder_ / "out").missing.empty());
}

TEST_F(MergeTest, RefusesWhatDoesNotBelongTogether) {
  const fs::path first = Make({}, 1, 2), second = Make({}, 2, 2), out = folder_ / "out";
  const auto refuse = [&](const std::vector<fs::path>& runs, std::initializer_list<std::string> parts) {
    ExpectError<InputError>([&] { MergeRuns(runs, out); }, parts);
    EXPECT_FALSE(fs::exists(out));
  };
  refuse({first, second, first}, {"run.json", "shard.index", first.string()});  // also with equal bytes
  SmallRun whole;
  whole.Go(folder_ / "whole");
  refuse({first, folder_ / "whole"}, {"whole/run.json", "'shard'", "a whole run"});
  refuse({first, Make({}, 2, 3)}, {"run.json", "shard.count", "expected 2", "found 3"});
  const auto changed = [&](const std::function<void(RunInfo&)>& change, std::initializer_list<std::string> parts) {
    const RunInfo info = ReadRunInfo(second);
    RunInfo other = info;
    change(other);
    std::ofstream(second / "run.json", std::ios::trunc) << ToJson(other).dump(2);
    refuse({first, second}, parts);
    std::ofstream(second / "run.json", std::ios::trunc) << ToJson(info).dump(2) << "\n";
  };
  changed([](RunInfo& info) { info.suite = "other"; }, {"suite.name", "\"small\"", "\"other\""});
  changed([](RunInfo& info) { info.policy = "other"; }, {"policy.name", "\"waving\"", "\"other\""});
  changed([](RunInfo& info) { info.weights_sha256 = "ab"; }, {"policy.weights_sha256", "\"ab\""});
  changed([](RunInfo& info) { info.versions.mujoco = "3"; }, {"versions.mujoco", "found \"3\""});
  changed([](RunInfo& info) { info.seed = 4; }, {"seed", "expected 3", "found 4"});
  changed([](RunInfo& info) { info.cells[0].episodes = 4; }, {"cells"});
}

TEST_F(MergeTest, RefusesDamagedAndForeignParts) {
  const fs::path first = Make({}, 1, 2), second = Make({}, 2, 2), out = folder_ / "out";
  const fs::path log = second / "logs/cube_to_coloured_box.none.0.0002.bin";
  const std::string bytes = ReadTextFile(log);
  std::string flipped = bytes;
  flipped[200] ^= 1;
  std::ofstream(log, std::ios::binary | std::ios::trunc) << flipped;
  ExpectError<InputError>([&] { MergeRuns({first, second}, out); }, {log.string(), "damaged"});
  fs::remove(log);
  ExpectError<InputError>([&] { MergeRuns({first, second}, out); }, {log.string(), "found none"});
  fs::copy(first / "logs/cube_to_coloured_box.none.0.0000.bin", log);
  ExpectError<InputError>([&] { MergeRuns({first, second}, out); }, {log.string(), "0.0002", "0.0000"});
  std::ofstream(log, std::ios::binary | std::ios::trunc) << bytes;
  EXPECT_TRUE(MergeRuns({first, second}, out).missing.empty());  // over what the failed ones left
  ExpectError<InputError>([&] { MergeRuns({first, second}, out); }, {"empty"});
  // An episode of another shard.
  std::ofstream(second / "episodes.jsonl", std::ios::app) << ReadTextFile(first / "episodes.jsonl");
  ExpectError<InputError>([&] { MergeRuns({first, second}, folder_ / "out2"); }, {"episodes.jsonl", "shard 2/2"});
}

}  // namespace
}  // namespace divla
