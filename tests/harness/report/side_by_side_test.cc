// Tests for harness/report/side_by_side.cc and its page.
#include "harness/report/side_by_side.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "harness/json_fields.h"
#include "harness/report/report.h"
#include "harness/report/text.h"
#include "harness/run_folder.h"
#include "harness/summary.h"
#include "sim/check.h"
#include "tests/harness/report/html_check.h"
#include "tests/harness/sample_records.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

// One episode of task "a" for each character, '1' for a success.
LoadedRun MakeRun(const std::string& policy, const std::string& outcomes) {
  LoadedRun run{.folder = "runs/" + policy, .info = SampleInfo(), .records = {}, .summary = {}};
  run.info.policy = policy;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    run.records.push_back(SampleRecord("a", static_cast<int>(i), outcomes[i] == '1'));
  }
  run.summary = Summarize(run.info, run.records, {}, false);
  return run;
}

TEST(SideBySideTest, PairsTheSameEpisodesOnly) {
  std::vector<LoadedRun> runs{MakeRun("base", "11110000"), MakeRun("other", "1000010011")};
  runs[1].records[1].hash.scene = "another";       // began otherwise
  runs[1].records[2].instruction = "another one";  // was told otherwise
  const SideBySide sides = CompareSideBySide(runs);
  ASSERT_EQ(sides.cells.size(), 1U);
  EXPECT_FALSE(sides.cells[0].runs[0].difference);
  const SideEntry& other = sides.cells[0].runs[1];
  EXPECT_EQ(other.n, 10);
  EXPECT_EQ(other.k, 4);
  EXPECT_EQ(other.unpaired, 4);
  ASSERT_TRUE(other.difference);
  EXPECT_EQ(other.difference->counts, (PairedCounts{.both = 1, .lost = 1, .won = 1, .neither = 3}));
  EXPECT_EQ(sides.all.runs[1].difference->counts, other.difference->counts);
  ASSERT_EQ(sides.notes.size(), 1U);
  EXPECT_NE(sides.notes[0].find("4 of 10"), std::string::npos);
}

// Ten scenes with two twins each, which fall out like the clean episode: the row of all episodes is as sure as of ten pairs
// that know their own variance (PairedClusters), and the other rows are as before.
TEST(SideBySideTest, AnEpisodeAndItsTwinsAreOneClusterOfAllEpisodes) {
  const auto with_twins = [](LoadedRun run) {
    const std::vector<EpisodeRecord> clean = run.records;
    for (const int level : {1, 2}) {
      for (EpisodeRecord record : clean) {
        record.key = {"a", "object_size", level, record.key.index};
        run.records.push_back(record);
      }
    }
    run.summary = Summarize(run.info, run.records, {}, false);
    return run;
  };
  const SideBySide alone = CompareSideBySide({MakeRun("base", "1111100000"), MakeRun("other", "1111111100")});
  const SideBySide sides =
      CompareSideBySide({with_twins(MakeRun("base", "1111100000")), with_twins(MakeRun("other", "1111111100"))});
  ASSERT_EQ(sides.cells.size(), 3U);
  const SideEntry& cell = sides.cells[1].runs[1];
  const SideEntry &all = sides.all.runs[1], &one = alone.all.runs[1];
  EXPECT_EQ(all.difference->counts.Pairs(), 30);
  EXPECT_EQ(all.difference->p, one.difference->p);  // three scenes won, none lost: 1/4
  EXPECT_EQ(cell.difference->interval.low, one.difference->interval.low);
  EXPECT_LE(all.difference->interval.low, one.difference->interval.low);
  EXPECT_GE(all.difference->interval.high, one.difference->interval.high);
  EXPECT_NEAR(all.wilson.low, one.wilson.low, 0.02);
  EXPECT_NEAR(all.wilson.high, one.wilson.high, 0.02);
}

TEST(SideBySideTest, PicturesOfAnotherRendererAreNoPairs) {
  std::vector<LoadedRun> runs{MakeRun("base", "11"), MakeRun("other", "10")};
  runs[0].info.versions.renderer = "software 1";
  EXPECT_TRUE(CompareSideBySide(runs).all.runs[1].difference);  // "none": it saw no picture
  runs[1].info.versions.renderer = "OpenGL";
  const SideBySide sides = CompareSideBySide(runs);
  EXPECT_FALSE(sides.all.runs[1].difference);
  ASSERT_EQ(sides.notes.size(), 1U);
  EXPECT_NE(sides.notes[0].find("OpenGL"), std::string::npos);
}

TEST(SideBySideTest, WhatOtherRulesJudgedIsNoPair) {
  std::vector<LoadedRun> runs{MakeRun("base", "11"), MakeRun("other", "10")};
  for (LoadedRun& run : runs) {
    run.records.push_back(SampleRecord("b", 0, true));
    run.summary = Summarize(run.info, run.records, {}, false);
  }
  runs[1].info.versions.rules = {{"c", 2}};  // of a task that nobody played
  EXPECT_EQ(CompareSideBySide(runs).all.runs[1].unpaired, 0);
  runs[1].info.versions.rules = {{"a", 2}};
  const SideBySide sides = CompareSideBySide(runs);
  EXPECT_FALSE(sides.cells[0].runs[1].difference);
  ASSERT_TRUE(sides.cells[1].runs[1].difference);  // b was judged alike
  EXPECT_EQ(sides.cells[1].runs[1].difference->counts.both, 1);
  EXPECT_EQ(sides.all.runs[1].unpaired, 2);
  ASSERT_EQ(sides.notes.size(), 1U);
  EXPECT_NE(sides.notes[0].find("2 of 3"), std::string::npos);
  EXPECT_NE(sides.notes[0].find("by other rules"), std::string::npos);
}

TEST(SideBySideTest, SaysWhichOfTwoRunsOfOnePolicy) {
  const auto names = [](const std::vector<std::filesystem::path>& folders) {
    std::vector<LoadedRun> runs;
    for (const std::filesystem::path& folder : folders) {
      runs.push_back(MakeRun("p", "1"));
      runs.back().folder = folder;
    }
    runs.push_back(MakeRun("q", "0"));
    return CompareSideBySide(runs).names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({"runs/a/"}), (Names{"p", "q"}));
  EXPECT_EQ(names({"runs/a/", "runs/b/"}), (Names{"p (runs/a/)", "p (runs/b/)", "q"}));
  EXPECT_EQ(names({"runs/x", "results/x"}), (Names{"p (runs/x)", "p (results/x)", "q"}));
  EXPECT_EQ(names({"runs/x", "runs/x"}), (Names{"p (runs/x)", "p (runs/x), run 2", "q"}));
}

TEST(SideBySideTest, AControlIsNamedAndIsAFact) {
  std::vector<LoadedRun> runs{MakeRun("p", "1"), MakeRun("p", "0")};
  runs[1].info.control = "blank_instruction";
  const SideBySide sides = CompareSideBySide(runs);
  EXPECT_EQ(sides.names, (std::vector<std::string>{"p", "p, blank instruction"}));
  EXPECT_NE(FormatSideBySideHtml(sides).find("<dt>control</dt><dd>blank_instruction</dd>"), std::string::npos);
}

// Twenty lost of twenty: p is 2 (1/2)^20, which three digits would print as none at all.
TEST(SideBySideTest, ASmallChanceIsNotPrintedAsZero) {
  const SideBySide sides =
      CompareSideBySide({MakeRun("base", std::string(20, '1')), MakeRun("other", std::string(20, '0'))});
  EXPECT_NE(FormatSideBySideHtml(sides).find("<td>&lt; 0.001</td>"), std::string::npos);
  EXPECT_NE(FormatSideBySideMarkdown(sides).find("| \\< 0.001 |"), std::string::npos);
}

TEST(SideBySideTest, AllThreeFormatsCarryTheNumbers) {
  std::vector<LoadedRun> runs{MakeRun("base", "1111000011"), MakeRun("<b>other|", "0001000011"),
                              MakeRun("third", "1111111111")};
  const SideBySide sides = CompareSideBySide(runs);
  const std::string page = FormatSideBySideHtml(sides), markdown = FormatSideBySideMarkdown(sides);
  const std::vector<std::string> errors = testing::CheckHtml(page);
  EXPECT_TRUE(errors.empty()) << errors.front();
  EXPECT_EQ(page.find("<b>other"), std::string::npos);
  EXPECT_NE(markdown.find("\\<b\\>other\\|"), std::string::npos);
  const nlohmann::json json = ToJson(sides);
  const nlohmann::json& other = json.at("cells").at(0).at("runs").at(1);
  EXPECT_EQ(other.at("pairs"), nlohmann::json({{"both", 3}, {"lost", 3}, {"won", 0}, {"neither", 4}}));
  EXPECT_DOUBLE_EQ(other.at("difference").get<double>(), -0.3);
  EXPECT_DOUBLE_EQ(other.at("mcnemar_p").get<double>(), 0.25);  // 2 (1/2)^3
  for (const std::string& text : {page, markdown}) {
    EXPECT_NE(text.find("−30.0"), std::string::npos);
    EXPECT_NE(text.find("+40.0"), std::string::npos);
    EXPECT_NE(text.find(PointsInterval(sides.all.runs[1].difference->interval)), std::string::npos);
  }
}

TEST(LoadRunTest, CountsAnewInTheOrderOfTheSummary) {
  const TempFolder folder;
  const std::vector<EpisodeRecord> records{SampleRecord("b", 0, true), SampleRecord("a", 0, false)};
  const std::filesystem::path path = CreateRunFolder(folder / "run");
  RunFolder run(path, SampleInfo());
  RunSummary summary =
      Summarize(SampleInfo(), records, std::vector<CellName>{{"b", "none", 0}, {"a", "none", 0}}, true);
  summary.cells[0].k = 0;  // a wrong number, which must not survive
  run.Finish(records, summary);
  const LoadedRun loaded = LoadRun(path);
  ASSERT_EQ(loaded.summary.cells.size(), 2U);
  EXPECT_EQ(loaded.summary.cells[0].task, "b");
  EXPECT_EQ(loaded.summary.cells[0].k, 1);
  EXPECT_TRUE(loaded.summary.interrupted);
  EXPECT_THROW(LoadRun(folder / "none"), InputError);
}

// A report made from the folder again has the bytes of the first one, in the folder or elsewhere.
TEST(LoadRunTest, ReportsAreMadeAgainByteForByte) {
  const TempFolder folder;
  const std::vector<EpisodeRecord> records{SampleRecord("a", 0, true), SampleRecord("a", 1, false)};
  const std::filesystem::path path = CreateRunFolder(folder / "run");
  RunFolder run(path, SampleInfo());
  const RunSummary summary = Summarize(SampleInfo(), records, {}, false);
  run.Finish(records, summary);
  WriteReports(path, SampleInfo(), records, summary);
  std::map<std::string, std::string> before;
  for (const char* file : {"report.html", "report.md", "summary.json"}) before[file] = ReadTextFile(path / file);
  WriteReports(LoadRun(path), path);
  WriteReports(LoadRun(path), folder / "out/deep");
  for (const auto& [file, text] : before) {
    EXPECT_EQ(ReadTextFile(path / file), text) << file;
    // A page that does not lie in the run folder names it in its commands; nothing else differs.
    std::string elsewhere = ReadTextFile(folder / "out/deep" / file);
    const std::string named = "\"run\":" + nlohmann::json(path.string()).dump();
    if (const auto at = elsewhere.find(named); at != std::string::npos) {
      elsewhere.replace(at, named.size(), "\"run\":\"\"");
    }
    EXPECT_EQ(elsewhere, text) << file;
  }
}

// Made again elsewhere, the controls are counted anew: what is returned is what controls.json says.
TEST(LoadRunTest, ReportsMadeAgainCarryTheControls) {
  const TempFolder folder;
  const std::vector<EpisodeRecord> records{SampleRecord("a", 0, true), SampleRecord("a", 1, true)};
  const auto write = [](const std::filesystem::path& path, const RunInfo& info,
                        const std::vector<EpisodeRecord>& played) {
    RunFolder run(CreateRunFolder(path), info);
    run.Finish(played, Summarize(info, played, {}, false));
  };
  write(folder / "run", SampleInfo(), records);
  EXPECT_TRUE(WriteReports(LoadRun(folder / "run"), folder / "out").empty());
  EXPECT_FALSE(std::filesystem::exists(folder / "out/controls.json"));
  std::vector<EpisodeRecord> played = records;
  for (EpisodeRecord& record : played) {
    record.instruction = "";  // as this control gives it
    record.control.emplace();
    record.control->name = "blank_instruction";
    record.control->applies = true;
  }
  played[1].success = played[1].success_held = false;
  RunInfo info = SampleInfo();
  info.control = "blank_instruction";
  write(ControlFolder(folder / "run", Control::kBlankInstruction), info, played);
  const std::vector<ControlSummary> controls = WriteReports(LoadRun(folder / "run"), folder / "out");
  ASSERT_EQ(controls.size(), 1U);
  EXPECT_EQ(controls[0].all.counts, (PairedCounts{.both = 1, .lost = 1, .won = 0, .neither = 0}));
  EXPECT_EQ(ReadTextFile(folder / "out/controls.json"), ToJson(controls).dump(2) + "\n");
}

}  // namespace
}  // namespace divla
