// Tests for harness/report/markdown.cc: its numbers are the numbers of summary.json.
#include "harness/report/markdown.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/summary.h"
#include "tests/harness/report/sample_run.h"

namespace divla {
namespace {

// Cells of the first table row that starts with `name`.
std::vector<std::string> RowOf(const std::string& markdown, const std::string& name) {
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| " + name + " |", 0) != 0) continue;
    std::vector<std::string> cells;
    std::size_t start = 2;
    for (std::size_t end = line.find(" |", start); end != std::string::npos; end = line.find(" |", start)) {
      cells.push_back(line.substr(start, end - start));
      start = end + 3;
      if (start >= line.size()) break;
    }
    return cells;
  }
  return {};
}

std::string Print(const char* format, double a, double b = 0) {
  char text[64];
  std::snprintf(text, sizeof text, format, a, b);
  return text;
}

std::string Bounds(const nlohmann::json& interval) {
  return Print("[%.1f, %.1f]", 100 * interval.at(0).get<double>(), 100 * interval.at(1).get<double>());
}

TEST(MarkdownTest, HasTheNumbersOfTheJson) {
  const testing::SampleRun run = testing::MakeSampleRun(9);
  const std::string markdown = FormatMarkdown({run.info, run.summary, {}});
  const nlohmann::json json = ToJson(run.summary);
  ASSERT_EQ(json.at("cells").size(), 3U);
  for (const nlohmann::json& cell : json.at("cells")) {
    const std::vector<std::string> row = RowOf(markdown, cell.at("task").get<std::string>());
    ASSERT_EQ(row.size(), 11U) << markdown;
    EXPECT_EQ(row[1], std::to_string(cell.at("k").get<int>()) + "/" + std::to_string(cell.at("n").get<int>()));
    EXPECT_EQ(row[2], Print("%.1f %%", 100 * cell.at("rate").get<double>()));
    EXPECT_EQ(row[3], Bounds(cell.at("wilson")));
    EXPECT_EQ(row[4], Bounds(cell.at("clopper_pearson")));
    EXPECT_EQ(row[5], std::to_string(cell.at("once").get<int>()));
    EXPECT_EQ(row[6], std::to_string(cell.at("held").get<int>()));
    const nlohmann::json& reasoning = cell.at("reasoning");
    EXPECT_EQ(row[7],
              Print("%.1f %%", 100.0 * reasoning.at("correct").get<int>() / reasoning.at("queries").get<int>()));
    EXPECT_EQ(row[8], Print("%.2f", cell.at("mean_progress").get<double>()));
    EXPECT_EQ(row[9], Print("%.1f", cell.at("mean_steps").get<double>()));
    EXPECT_EQ(row[10], Print("%.1f", cell.at("median_success_seconds").get<double>()));
  }
  EXPECT_NE(
      markdown.find("| **mean over tasks** | | " + Print("%.1f %%", 100 * json.at("macro").at("rate").get<double>()) +
                    " | " + Bounds(json.at("macro").at("interval"))),
      std::string::npos);
  const nlohmann::json& all = json.at("all");
  EXPECT_NE(markdown.find("| **all episodes** | " + std::to_string(all.at("k").get<int>()) + "/" +
                          std::to_string(all.at("n").get<int>()) + " | " +
                          Print("%.1f %%", 100.0 * all.at("k").get<int>() / all.at("n").get<int>()) + " | " +
                          Bounds(all.at("wilson")) + " | " + Bounds(all.at("clopper_pearson"))),
            std::string::npos);
}

TEST(MarkdownTest, ListsEveryEpisodeOnceAndEscapesItsText) {
  const testing::SampleRun run = testing::MakeSampleRun(4);
  ReportData data{run.info, run.summary, {}};
  for (const EpisodeRecord& record : run.records) data.episodes.push_back({record, {}, {}});
  const std::string markdown = FormatMarkdown(data);
  for (const EpisodeRecord& record : run.records) {
    EXPECT_EQ(RowOf(markdown, ToString(record.key)).size(), 6U) << ToString(record.key);
  }
  EXPECT_EQ(markdown.find("<script>"), std::string::npos);
  EXPECT_NE(markdown.find("\\<script\\>alert('x')\\</script\\> \\& \"a\\|b\" \uFFFD( \\`c\\` \uFFFD"),
            std::string::npos)
      << markdown;
}

TEST(MarkdownTest, HasGapsControlsAndReasoning) {
  const testing::SampleRun run = testing::MakePerturbedRun(9);
  ReportData data{run.info, run.summary, {}};
  data.controls = testing::SampleControls(run);
  const std::string markdown = FormatMarkdown(data);
  const nlohmann::json gaps = ToJson(run.summary).at("gaps");
  for (const nlohmann::json& axis : gaps.at("axes")) {
    const nlohmann::json& pairs = axis.at("gap").at("pairs");
    const int n = pairs.at("both").get<int>() + pairs.at("lost").get<int>() + pairs.at("won").get<int>() +
                  pairs.at("neither").get<int>();
    const double points = 100.0 * (pairs.at("won").get<int>() - pairs.at("lost").get<int>()) / n;
    const std::string row = "| " + axis.at("axis").get<std::string>() + " | " +
                            std::to_string(axis.at("level").get<int>()) + " | 3 | " + std::to_string(n) + " | " +
                            (points < 0 ? Print("−%.1f", -points) : Print("+%.1f", points)) + " |";
    EXPECT_NE(markdown.find(row), std::string::npos) << row;
  }
  for (const ControlSummary& control : data.controls) {
    const PairedCounts& counts = control.all.counts;
    EXPECT_NE(markdown.find("| **all** | " + std::to_string(counts.Base()) + "/" + std::to_string(counts.Pairs()) +
                            " | " + std::to_string(counts.Run()) + "/"),
              std::string::npos);
  }
  EXPECT_NE(markdown.find("## Interventions"), std::string::npos);
  EXPECT_NE(markdown.find("## Reasoning"), std::string::npos);
}

TEST(MarkdownTest, SaysUnderWhichControlTheRunWasPlayed) {
  testing::SampleRun run = testing::MakeSampleRun(2);
  EXPECT_EQ(FormatMarkdown({run.info, run.summary, {}}).find("played under"), std::string::npos);
  run.info.control = "blank_instruction";
  const std::string markdown = FormatMarkdown({run.info, run.summary, {}});
  EXPECT_NE(markdown.find("; played under the control blank instruction."), std::string::npos);
  EXPECT_EQ(RowOf(markdown, "control"), (std::vector<std::string>{"control", "blank_instruction"}));
}

TEST(MarkdownTest, SaysByWhichRulesItWasJudged) {
  testing::SampleRun run = testing::MakeSampleRun(2);
  EXPECT_TRUE(RowOf(FormatMarkdown({run.info, run.summary, {}}), "rules").empty());
  run.info.versions.rules = {{"tray_lift", 2}, {"flip_pot", 3}};
  EXPECT_EQ(RowOf(FormatMarkdown({run.info, run.summary, {}}), "rules"),
            (std::vector<std::string>{"rules", "flip_pot v3, tray_lift v2; any other task v1"}));
}

TEST(MarkdownTest, ARunWithoutAnEpisodeHasNoRates) {
  const RunInfo info = testing::MakeSampleRun(1).info;
  const std::string markdown = FormatMarkdown({info, Summarize(info, {}, {}, true), {}});
  EXPECT_NE(markdown.find("| **mean over tasks** | | – | – |"), std::string::npos) << markdown;
  EXPECT_EQ(markdown.find("nan"), std::string::npos);
}

TEST(MarkdownTest, SaysWhenTheRunIsUnfinished) {
  testing::SampleRun run = testing::MakeSampleRun(2);
  EXPECT_EQ(FormatMarkdown({run.info, run.summary, {}}).find("planned episodes"), std::string::npos);
  run.summary.planned = 60;
  run.summary.interrupted = true;
  EXPECT_NE(FormatMarkdown({run.info, run.summary, {}}).find("The run was stopped: 6 of 60 planned episodes"),
            std::string::npos);
}

}  // namespace
}  // namespace divla
