// Tests for harness/report/html.cc and its parts, and for harness/report/report.cc, which writes the page.
#include "harness/report/html.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "harness/report/png.h"
#include "harness/report/report.h"
#include "harness/report/text.h"
#include "sim/check.h"
#include "tests/harness/report/sample_run.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

std::string ReadText(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class HtmlTest : public ::testing::Test {
 protected:
  void SetUp() override { testing::WriteSampleFolder(folder_, run_); }
  std::string Page() { return FormatHtml(LoadReportData(folder_, run_.info, run_.records, run_.summary)); }

  testing::SampleRun run_ = testing::MakeSampleRun(3);
  const TempFolder own_;  // CTest runs these tests side by side
  const std::filesystem::path folder_ = own_ / "run";
};

TEST_F(HtmlTest, ShowsEveryEpisodeWithItsPicturesAndWords) {
  const std::string page = Page();
  EXPECT_EQ(Count(page, "<article "), run_.records.size());
  for (std::size_t i = 0; i < run_.records.size(); ++i) {
    const EpisodeRecord& record = run_.records[i];
    EXPECT_EQ(Count(page, "<article id=\"" + ToString(record.key) + "\""), 1U);
    EXPECT_NE(page.find(EscapeHtml(record.instruction)), std::string::npos) << record.instruction;
    for (const ReasoningEntry& entry : run_.logs[i].reasoning) {
      EXPECT_NE(page.find(EscapeHtml(entry.said)), std::string::npos) << entry.said;
    }
    for (const bool moved : {false, true}) {
      const std::vector<std::byte> png = EncodePng(testing::SamplePicture(static_cast<int>(i), moved));
      EXPECT_NE(page.find("data:image/png;base64," + Base64(png) + "\""), std::string::npos);
    }
  }
}

TEST_F(HtmlTest, ShowsTheNumbersOfTheSummary) {
  const std::string page = Page();
  for (const CellSummary& cell : run_.summary.cells) {
    EXPECT_NE(page.find(PercentInterval(cell.wilson)), std::string::npos);
    EXPECT_NE(page.find(PercentInterval(cell.clopper_pearson)), std::string::npos);
  }
  EXPECT_NE(page.find(Percent(run_.summary.macro_rate)), std::string::npos);
  EXPECT_NE(page.find(run_.info.weights_sha256), std::string::npos);
  EXPECT_NE(page.find(run_.info.versions.git_commit), std::string::npos);
}

TEST_F(HtmlTest, EscapesHostileTextEverywhere) {
  run_.info.policy = run_.summary.policy = "\"><img src=x onerror=alert(1)>";
  run_.info.command = {"divla", "<b onclick=alert(1)>"};
  const std::string page = Page();
  EXPECT_EQ(Count(page, "<script"), 1U);  // our own
  EXPECT_EQ(Count(page, "</script"), 1U);
  EXPECT_EQ(Count(page, "<img src"), 0U);
  EXPECT_EQ(Count(page, "<b onclick"), 0U);
  EXPECT_EQ(CleanUtf8(page), page) << "bytes that are not UTF-8, or control characters";
}

TEST_F(HtmlTest, AsksForNothingFromOutside) {
  const std::string page = Page();
  EXPECT_EQ(Count(page, "http://") + Count(page, "https://") + Count(page, "url(") + Count(page, "@import"), 0U);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(Count(page, " onclick=") + Count(page, " onload="), 0U);
}

TEST_F(HtmlTest, TagsAreBalanced) {
  const std::string page = Page();
  for (const std::string tag :
       {"div", "section", "article", "table", "tr",     "td",      "th",   "ul",   "ol",     "li", "dl",
        "dd",  "p",       "button",  "span",  "figure", "details", "form", "main", "header", "h3", "small"}) {
    const std::regex open("<" + tag + "[ >]");
    const auto opened = std::distance(std::sregex_iterator(page.begin(), page.end(), open), std::sregex_iterator());
    EXPECT_EQ(static_cast<std::size_t>(opened), Count(page, "</" + tag + ">")) << tag;
    EXPECT_GT(opened, 0) << tag;
  }
}

TEST_F(HtmlTest, IsWholeWithoutPicturesOrReasoning) {
  std::filesystem::remove_all(folder_ / "frames");
  std::filesystem::remove_all(folder_ / "logs");
  for (EpisodeRecord& record : run_.records) record.reasoning = {};
  for (CellSummary& cell : run_.summary.cells) cell.reasoning = {};
  const std::string page = Page();
  EXPECT_EQ(Count(page, "<article "), run_.records.size());
  EXPECT_EQ(Count(page, "no picture kept"), 2 * run_.records.size());
  EXPECT_EQ(Count(page, "<h2>Reasoning</h2>"), 0U);
}

TEST_F(HtmlTest, WriteReportsGivesTheSameBytesAgain) {
  WriteReports(folder_, run_.info, run_.records, run_.summary);
  const std::string page = ReadText(folder_ / "report.html");
  const std::string markdown = ReadText(folder_ / "report.md");
  EXPECT_EQ(page, Page());
  EXPECT_FALSE(markdown.empty());
  WriteReports(folder_, run_.info, run_.records, run_.summary);
  EXPECT_EQ(ReadText(folder_ / "report.html"), page);
  EXPECT_EQ(ReadText(folder_ / "report.md"), markdown);
}

TEST_F(HtmlTest, WriteReportsSaysWhenItCannotWrite) {
  EXPECT_THROW(WriteReports(folder_ / "absent", run_.info, run_.records, run_.summary), MachineError);
}

}  // namespace
}  // namespace divla
