// Tests for harness/report/console.cc.
#include "harness/report/console.h"

#include <gtest/gtest.h>

#include <sstream>

#include "harness/report/text.h"
#include "tests/harness/report/sample_run.h"

namespace divla {
namespace {

TEST(ConsoleTest, HoldsEveryNumberOfTheSummaryInAHundredColumns) {
  const RunSummary summary = testing::MakeSampleRun(9).summary;
  const std::string text = FormatConsole(summary);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(TextColumns(line), 100U) << line;
  ASSERT_EQ(summary.cells.size(), 3U);
  for (const CellSummary& cell : summary.cells) {
    const std::size_t start = text.find("\n" + cell.task + " ");
    ASSERT_NE(start, std::string::npos) << cell.task;
    const std::string row = text.substr(start + 1, text.find('\n', start + 1) - start);
    for (const std::string& part :
         {std::to_string(cell.k) + "/" + std::to_string(cell.n), Percent(cell.rate), PercentInterval(cell.wilson),
          PercentInterval(cell.clopper_pearson), Percent(cell.reasoning.correct, cell.reasoning.queries)}) {
      EXPECT_NE(row.find(part), std::string::npos) << part << " in " << row;
    }
    for (const auto& [failure, count] : cell.failures) {
      EXPECT_NE(text.find(std::to_string(count) + " " + Spaced(failure)), std::string::npos) << failure;
    }
  }
  EXPECT_NE(text.find(Percent(summary.macro_rate)), std::string::npos);
  EXPECT_NE(text.find(PercentInterval(*summary.macro_interval)), std::string::npos);
  EXPECT_EQ(text.find("planned"), std::string::npos);
}

TEST(ConsoleTest, WritesTheTableAsDocumented) {
  RunSummary summary;
  summary.suite = "quick";
  summary.suite_version = 2;
  summary.policy = "random";
  summary.planned = 40;
  summary.finished = summary.n = 30;
  summary.k = 3;
  summary.wilson = {.low = 0.034, .high = 0.256};
  summary.clopper_pearson = {.low = 0.021, .high = 0.265};
  summary.macro_rate = 0.1;
  CellSummary cell;
  cell.task = "cube_to_coloured_box";
  cell.axis = "lighting";
  cell.level = 3;
  cell.n = 30;
  cell.k = 3;
  cell.rate = 0.1;
  cell.wilson = summary.wilson;
  cell.clopper_pearson = summary.clopper_pearson;
  cell.mean_progress = 0.25;
  cell.mean_steps = 198.25;
  cell.failures = {{"missed_grasp", 20}, {"not_reached", 7}};
  summary.cells = {cell};
  EXPECT_EQ(FormatConsole(summary),
            R"(suite quick v2 · policy random · seed 0 · 30 episodes

task                      success     rate    Wilson 95 %     exact 95 %  reasoning  progress  steps
────────────────────────────────────────────────────────────────────────────────────────────────────
cube_to_coloured_box · lighting 3
                             3/30   10.0 %    [3.4, 25.6]    [2.1, 26.5]          –      0.25  198.2
────────────────────────────────────────────────────────────────────────────────────────────────────
mean over tasks                     10.0 %
all episodes                 3/30   10.0 %    [3.4, 25.6]    [2.1, 26.5]

failures
  cube_to_coloured_box · lighting 3: 20 missed grasp, 7 not reached

30 of 40 planned episodes are finished; these numbers cover the finished ones only.
)");
}

}  // namespace
}  // namespace divla
