// Tests for harness/report/paper_numbers.cc and paper_rows.cc: the table against what the paper says elsewhere.
#include "harness/report/paper_numbers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/report/html_parts.h"
#include "harness/report/paper_rows.h"
#include "harness/suite.h"
#include "harness/summary.h"
#include "tests/harness/report/sample_run.h"
#include "tests/harness/sample_records.h"

namespace divla {
namespace {

double PaperAverage(const std::string& suite, const std::string& model, const std::string& control = "") {
  double sum = 0;
  int rows = 0;
  for (const PaperRow& row : FindPaperTable(suite)->rows) {
    if (row.control != control) continue;
    for (const PaperNumber& number : row.numbers) {
      if (number.model != model) continue;
      sum += number.percent;
      ++rows;
    }
  }
  return sum / rows;
}

// The paper prints the averages of its tables beside them: Tables 1 and 8, Figure 3.
TEST(PaperNumbersTest, RowsGiveTheAveragesThatThePaperPrints) {
  EXPECT_NEAR(PaperAverage("paper/multitask", "DiVLA-2B"), 83.6, 0.06);
  EXPECT_NEAR(PaperAverage("paper/multitask", "Diffusion Policy"), 27.9, 0.06);
  EXPECT_NEAR(PaperAverage("paper/visual_generalization", "DiVLA-2B"), 57.8, 0.06);
  EXPECT_NEAR(PaperAverage("paper/visual_generalization", "Diffusion Policy"), 8.9, 0.06);
  EXPECT_NEAR(PaperAverage("paper/injection_ablation", "DiVLA-2B"), 83.6, 0.06);
  EXPECT_NEAR(PaperAverage("paper/injection_ablation", "DiVLA-2B", "no_injection"), 50.3, 0.06);
  EXPECT_NEAR(PaperAverage("paper/sorting", "DiVLA-2B"), 66.2, 0.06);
  EXPECT_NEAR(PaperAverage("paper/sorting", "OpenVLA-7B"), 45.3, 0.06);
  EXPECT_NEAR(PaperAverage("paper/sorting", "TinyVLA"), 33.4, 0.11);
  EXPECT_NEAR(PaperAverage("paper/sorting", "Octo"), 31.1, 0.06);
  EXPECT_NEAR(PaperAverage("paper/sorting", "Diffusion Policy"), 20.4, 0.06);
}

TEST(PaperNumbersTest, EveryRowNamesCellsOfItsSuite) {
  std::vector<std::string> with_table;
  for (const std::string& name : SuiteNames()) {
    const PaperTable* table = FindPaperTable(name);
    if (table == nullptr) continue;
    with_table.push_back(name);
    const Suite suite = LoadSuite(name);
    for (const PaperRow& row : table->rows) {
      for (const std::string& task : row.tasks) {
        const bool found = std::any_of(suite.cells.begin(), suite.cells.end(), [&](const SuiteCell& cell) {
          return cell.task == task && (cell.axis == "none") == row.clean && (row.axis.empty() || cell.axis == row.axis);
        });
        EXPECT_TRUE(found) << name << ": " << row.condition << ", " << task;
      }
      EXPECT_FALSE(row.numbers.empty());
    }
  }
  // All but paper/vqa, whose answers divla vqa scores. A suite under another name would lose its table in silence.
  EXPECT_EQ(with_table, (std::vector<std::string>{"paper/bin_picking", "paper/bussing", "paper/injection_ablation",
                                                  "paper/intervention", "paper/multitask", "paper/novel_instructions",
                                                  "paper/sorting", "paper/view_shift", "paper/visual_generalization"}));
}

TEST(PaperRowsTest, CountsOursByEpisodesAndByObjects) {
  ReportData data{SampleInfo(), {}, {}};
  data.summary.suite = "paper/bussing";
  for (int i = 0; i < 4; ++i) {
    EpisodeRecord record = SampleRecord("table_bussing", i, i == 0);
    record.objects = {i, 4};
    data.episodes.push_back({record, {}, {}});
  }
  const std::vector<PaperComparison> rows = ComparePaper(data);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].k, 6);  // 0 + 1 + 2 + 3 of 16
  EXPECT_EQ(rows[0].n, 16);
  EXPECT_EQ(rows[1].n, 0);
  data.summary.suite = "paper/multitask";
  data.episodes[0].record.key.task = data.episodes[1].record.key.task = "flip_pot";
  data.episodes[1].record.key.axis = "environment_lighting";  // a twin is not the row's
  const std::vector<PaperComparison> episodes = ComparePaper(data);
  EXPECT_EQ(episodes[1].k, 1);
  EXPECT_EQ(episodes[1].n, 1);
  const std::string html = html::Paper(data);
  EXPECT_NE(html.find("33/33"), std::string::npos);
  EXPECT_NE(html.find("not in this run"), std::string::npos);
  data.summary.suite = "quick";
  EXPECT_EQ(html::Paper(data), "");
}

}  // namespace
}  // namespace divla
