// Tests for harness/report/html.cc and its parts, and for harness/report/report.cc, which writes the page.
#include "harness/report/html.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/report/highlights.h"
#include "harness/report/html_parts.h"
#include "harness/report/png.h"
#include "harness/report/report.h"
#include "harness/report/text.h"
#include "harness/summary.h"
#include "sim/check.h"
#include "tests/harness/report/html_check.h"
#include "tests/harness/report/sample_run.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

using testing::CheckHtml;

std::size_t Count(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

std::string ReadText(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// What the script draws the cards from.
nlohmann::json DataOf(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(open) + open.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

std::string Errors(const std::string& page) {
  std::string text;
  for (const std::string& error : CheckHtml(page)) text += error + "\n";
  return text;
}

// A page that carries what its parts can show.
ReportData FullData(const testing::SampleRun& run) {
  ReportData data{run.info, run.summary, {}};
  for (const EpisodeRecord& record : run.records) data.episodes.push_back({record, {}, {}});
  data.controls = testing::SampleControls(run);
  return data;
}

class HtmlTest : public ::testing::Test {
 protected:
  void SetUp() override { testing::WriteSampleFolder(folder_, run_); }
  std::string Page() { return FormatHtml(LoadReportData(folder_, run_.info, run_.records, run_.summary, folder_)); }

  testing::SampleRun run_ = testing::MakeSampleRun(3);
  const TempFolder own_;  // CTest runs these tests side by side
  const std::filesystem::path folder_ = own_ / "run";
};

// The checker itself must be able to say no.
TEST(CheckHtmlTest, FindsWhatIsWrong) {
  const auto page = [](const std::string& body) { return "<!DOCTYPE html>\n<html><body>" + body + "</body></html>\n"; };
  EXPECT_EQ(Errors(page("<p class=\"a\">x &amp; y<br></p><script>if (a < b && c) {}</script>")), "");
  for (const char* bad : {"<p>x", "<p><b>x</p></b>", "<p class=a>x</p>", "<p class=\"a\" class=\"b\">x</p>", "a & b",
                          "a < b", "a > b", "<p id=\"a\">x</p><p id=\"a\">y</p>", "<a href=\"#none\">x</a>",
                          "<p onclick=\"f()\">x</p>", "<table>x</table>", "<p title=\"a<b\">x</p>", "</p>"}) {
    EXPECT_NE(Errors(page(bad)), "") << bad;
  }
}

TEST_F(HtmlTest, CarriesEveryEpisodeWithItsPicturesAndWords) {
  const nlohmann::json data = DataOf(Page());
  ASSERT_EQ(data.at("episodes").size(), run_.records.size());
  const auto text = [&](const nlohmann::json& index) { return data.at("texts").at(index.get<std::size_t>()); };
  for (std::size_t i = 0; i < run_.records.size(); ++i) {
    const EpisodeRecord& record = run_.records[i];
    const nlohmann::json& episode = data.at("episodes").at(i);
    EXPECT_EQ(episode.at("key"), ToString(record.key));
    EXPECT_EQ(text(episode.at("say")), CleanUtf8(record.instruction));
    EXPECT_EQ(episode.at("ok") == 1, record.success);
    EXPECT_EQ(episode.at("failure"), record.failure);
    EXPECT_EQ(episode.at("texts").at(1), record.reasoning.queries);
    int queries = 0, correct = 0;
    std::set<std::string> said;
    for (const nlohmann::json& span : episode.at("spans")) {
      queries += span.at(2).get<int>();
      correct += span.at(3) == 1 ? span.at(2).get<int>() : 0;
      said.insert(text(span.at(4)).get<std::string>());
    }
    EXPECT_EQ(queries, record.reasoning.queries);
    EXPECT_EQ(correct, record.reasoning.correct);
    for (const ReasoningEntry& entry : run_.logs[i].reasoning) EXPECT_TRUE(said.contains(CleanUtf8(entry.said)));
    ASSERT_EQ(episode.at("frames").size(), 2U);
    for (const bool moved : {false, true}) {
      const std::vector<std::byte> png = EncodePng(testing::SamplePicture(static_cast<int>(i), moved));
      EXPECT_EQ(episode.at("frames").at(moved).at(1), "data:image/png;base64," + Base64(png));
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
  EXPECT_EQ(page.find("id=\"heatmap\""), std::string::npos) << "no perturbed episode, no map";
  EXPECT_EQ(page.find("id=\"controls\""), std::string::npos);
}

TEST(HtmlPartsTest, EveryGapAndEveryControlIsWritten) {
  const testing::SampleRun run = testing::MakePerturbedRun(4);
  const ReportData data = FullData(run);
  const std::string page = FormatHtml(data);
  EXPECT_EQ(Errors(page), "");
  ASSERT_TRUE(run.summary.gaps);
  for (const CellGap& gap : run.summary.gaps->cells) {
    EXPECT_NE(page.find("<b>" + Points(gap.difference) + "</b><small>" + PointsInterval(gap.newcombe) + "</small>"),
              std::string::npos);
  }
  EXPECT_EQ(Count(page, "class=\"heat\""), 1U + 3U);  // all tasks, and each
  for (const FactorialRow& row : run.summary.gaps->factorial) {
    EXPECT_NE(page.find(PercentInterval(row.interval)), std::string::npos);
  }
  for (const ControlSummary& control : data.controls) {
    EXPECT_NE(page.find(PointsInterval(control.all.interval)), std::string::npos);
  }
  EXPECT_EQ(Count(page, EscapeHtml(CausalSentence(data.controls))), 1U) << "among the findings, and nowhere else";
  EXPECT_EQ(Count(page, "<figure class=\"curve\">"), 3U);
  EXPECT_NE(page.find("followed the change"), std::string::npos);
  EXPECT_NE(page.find("objects placed"), std::string::npos);
}

// What the script asks for when a segment is clicked, against the records themselves.
TEST(HtmlPartsTest, ABarsFilterFitsExactlyTheEpisodesThatItCounts) {
  testing::SampleRun run = testing::MakePerturbedRun(9);
  for (std::size_t i = 0; i < run.records.size(); i += 4) {
    ReasoningScore& score = run.records[i].reasoning;
    score.correct = score.queries / 2;  // exactly half is wrong
  }
  run.summary = Summarize(run.info, run.records, {}, false);
  const std::string bars = html::FailureBars(run.summary);
  const auto attribute = [](const std::string& tag, const std::string& name) {
    const std::size_t at = tag.find(" data-" + name + "=\"");
    if (at == std::string::npos) return std::string();
    const std::size_t from = at + name.size() + 8;
    return tag.substr(from, tag.find('"', from) - from);
  };
  int segments = 0, perturbed = 0;
  std::set<std::string> judged;
  for (std::size_t at = bars.find("<button"); at != std::string::npos; at = bars.find("<button", at + 1)) {
    const std::string tag = bars.substr(at, bars.find('>', at) - at);
    const std::string task = attribute(tag, "task"), axis = attribute(tag, "axis"), words = attribute(tag, "words");
    const std::string outcome = attribute(tag, "outcome"), failure = attribute(tag, "failure");
    const auto fits = [&](const EpisodeRecord& record) {
      const bool right = 2 * record.reasoning.correct > record.reasoning.queries;
      return record.key.task == task && (record.key.axis == "none") == (axis == "none") &&
             (outcome.empty() || record.success == (outcome == "success")) &&
             (failure.empty() || (!record.success && record.failure == failure)) &&
             (words.empty() || right == (words == "right"));
    };
    const auto count = std::count_if(run.records.begin(), run.records.end(), fits);
    EXPECT_NE(tag.find(": " + std::to_string(count) + " of "), std::string::npos) << tag << " fits " << count;
    ++segments;
    judged.insert(words);
    perturbed += axis == "perturbed" ? 1 : 0;
  }
  EXPECT_GT(segments, 20);
  EXPECT_EQ(judged, (std::set<std::string>{"", "right", "wrong"}));
  EXPECT_GT(perturbed, 9);
}

// The curve is a picture of success_times: its last height is the rate, its first step the first success.
TEST(HtmlPartsTest, ACurveEndsAtTheRate) {
  testing::SampleRun run = testing::MakeSampleRun(8);
  std::erase_if(run.records, [](const EpisodeRecord& record) { return record.key.task != "transfer_cube"; });
  for (std::size_t i = 0; i < run.records.size(); ++i) run.records[i].success = i < 2;
  run.records[0].sim_seconds = 1.0;
  run.records[1].sim_seconds = 2.0;
  run.records[2].sim_seconds = 10.0;
  for (std::size_t i = 3; i < run.records.size(); ++i) run.records[i].sim_seconds = 8.0;
  run.summary = Summarize(run.info, run.records, {}, false);
  const std::string curves = html::Curves(FullData(run));
  // 380x210 px with margins of 44, 96, 12 and 34: x = 44 + 24 s, y = 176 - 164 share.
  EXPECT_NE(curves.find("d=\"M44.0 176.0H56.0V176.0H68.0V155.5H80.0V155.5H92.0V135.0H284.0\""), std::string::npos)
      << curves;
  EXPECT_NE(curves.find(">clean 25 %</text>"), std::string::npos);
}

TEST_F(HtmlTest, EscapesHostileTextEverywhere) {
  run_.info.policy = run_.summary.policy = "\"><img src=x onerror=alert(1)>";
  run_.info.command = {"divla", "--out", "<b onclick=alert(1)></script>"};
  run_.records[1].instruction = "</script><script>alert(1)</script><!-- \xE2\x80\xA8";
  const std::string page = Page();
  EXPECT_EQ(Errors(page), "");
  EXPECT_EQ(Count(page, "<script"), 2U);  // the data block and our own
  EXPECT_EQ(Count(page, "</script"), 2U);
  EXPECT_EQ(Count(page, "<img"), 1U);  // of the dialog
  EXPECT_EQ(Count(page, "<b onclick"), 0U);
  EXPECT_EQ(Count(page, "<!--"), 0U);
  EXPECT_EQ(CleanUtf8(page), page) << "bytes that are not UTF-8, or control characters";
}

TEST_F(HtmlTest, SaysHowToPlayAnEpisodeAgainAndHowToWatchIt) {
  const std::string page = Page();
  EXPECT_EQ(Count(page, "./divla verify ' + folder + ' --episode ' + episode.key"), 1U);
  EXPECT_EQ(Count(page, "./divla view --replay ' + folder + ':' + episode.key"), 1U);
}

TEST_F(HtmlTest, AsksForNothingFromOutside) {
  const std::string page = Page();
  EXPECT_EQ(Count(page, "http://") + Count(page, "https://") + Count(page, "url(") + Count(page, "@import"), 0U);
  for (const char* rule : {"default-src 'none'", "base-uri 'none'", "form-action 'none'"}) {
    EXPECT_NE(page.find(rule), std::string::npos) << rule;
  }
}

TEST_F(HtmlTest, IsWellFormed) { EXPECT_EQ(Errors(Page()), ""); }

TEST_F(HtmlTest, IsWholeWithoutPicturesOrReasoning) {
  std::filesystem::remove_all(folder_ / "frames");
  std::filesystem::remove_all(folder_ / "logs");
  for (EpisodeRecord& record : run_.records) record.reasoning = {};
  for (CellSummary& cell : run_.summary.cells) cell.reasoning = {};
  const std::string page = Page();
  EXPECT_EQ(Errors(page), "");
  EXPECT_EQ(DataOf(page).at("episodes").at(0).at("frames").size(), 0U);
  EXPECT_EQ(Count(page, "<h2>Reasoning</h2>"), 0U);
  EXPECT_EQ(Count(page, "Words or arm?"), 0U);
}

TEST(HtmlEmptyTest, ARunWithoutAnEpisodeIsStillAPage) {
  RunInfo info = testing::MakeSampleRun(1).info;
  const RunSummary summary = Summarize(info, {}, {}, true);
  const std::string page = FormatHtml({info, summary, {}});
  EXPECT_EQ(Errors(page), "");
  EXPECT_NE(page.find("no episode is finished"), std::string::npos);
  for (const char* number : {">nan", ":nan", "nan%", "nan %", "[nan", "inf%"}) {
    EXPECT_EQ(page.find(number), std::string::npos) << number;
  }
}

// Thousands of episodes: texts stand once, and the rest of an episode is small.
TEST(HtmlHugeTest, APageOfThousandsStaysSmall) {
  const testing::SampleRun run = testing::MakePerturbedRun(200);
  ReportData data{run.info, run.summary, {}};
  data.pictures = PictureUse::kLinked;
  for (std::size_t i = 0; i < run.records.size(); ++i) {
    const EpisodeRecord& record = run.records[i];
    data.episodes.push_back({record,
                             JoinReasoning(run.logs[i].reasoning, record.steps),
                             {{.step = 0, .link = "frames/a.png"}, {.step = record.steps, .link = "frames/b.png"}}});
  }
  ASSERT_EQ(data.episodes.size(), 4200U);
  const std::string page = FormatHtml(data);
  EXPECT_EQ(Errors(page), "");
  EXPECT_LT(page.size(), 8'000'000U);
  EXPECT_EQ(DataOf(page).at("episodes").size(), 4200U);
  EXPECT_LT(DataOf(page).at("texts").size(), 100U);
}

TEST_F(HtmlTest, LinksToPicturesBesideALargePage) {
  ReportData data = LoadReportData(folder_, run_.info, run_.records, run_.summary, own_ / "elsewhere");
  EXPECT_TRUE(data.episodes[0].frames[0].link.empty());
  // A sparse file: many bytes for the limit, none on the disk. It is never read.
  const std::filesystem::path huge = FirstFramePath(folder_, run_.records[0].key);
  std::filesystem::resize_file(huge, kHalvedBytes);
  data = LoadReportData(folder_, run_.info, run_.records, run_.summary, own_ / "elsewhere");
  EXPECT_EQ(data.pictures, PictureUse::kLinked);
  EXPECT_EQ(data.episodes[0].frames[0].link, "../run/frames/" + huge.filename().string());
  const std::string page = FormatHtml(data);
  EXPECT_EQ(Errors(page), "");
  EXPECT_EQ(Count(page, "base64"), 0U);
  // A # would end the path, and a % begin a code.
  std::filesystem::rename(folder_, own_ / "run #1, 50%");
  data = LoadReportData(own_ / "run #1, 50%", run_.info, run_.records, run_.summary, own_ / "elsewhere");
  EXPECT_EQ(data.episodes[0].frames[0].link, "../run%20%231%2C%2050%25/frames/" + huge.filename().string());
}

TEST_F(HtmlTest, AFolderThatIsNoTextIsNotMadeUp) {
  ReportData data = LoadReportData(folder_, run_.info, run_.records, run_.summary, own_ / "elsewhere");
  EXPECT_EQ(DataOf(FormatHtml(data)).at("run"), folder_.string());
  data.folder = "runs/\xFF";
  EXPECT_EQ(DataOf(FormatHtml(data)).at("run"), "RUN");
}

TEST_F(HtmlTest, AControlsRunSaysSo) {
  run_.info.control = "blank_instruction";
  const std::string page = Page();
  EXPECT_EQ(Count(page, "; played under the control blank instruction</p>"), 1U);
  EXPECT_EQ(Count(page, "<dt>control</dt><dd>blank_instruction</dd>"), 1U);
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
