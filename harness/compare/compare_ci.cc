// What `divla compare` leaves for a CI system: a page of Markdown, and JUnit XML.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/command_words.h"
#include "harness/compare/compare.h"
#include "harness/report/text.h"

namespace divla {
namespace {

constexpr std::size_t kShownFlips = 100;  // of each kind: GitHub cuts a page off at 1 MiB

std::string Share(SuccessCount count) { return fmt::format("{}/{} ({})", count.k, count.n, Percent(count.k, count.n)); }

std::string Difference(const CompareResult& result) {
  return fmt::format("{:+.1f} [{:+.1f}, {:+.1f}]", 100 * result.difference, 100 * result.interval.low,
                     100 * result.interval.high);
}

double PWorse(const Comparison& comparison, const CompareResult& result) {
  return result.task.empty() ? std::min(result.p_worse, comparison.p_weighted) : result.p_worse;
}

std::string MarkdownRow(const Comparison& comparison, const CompareResult& result) {
  const std::string name = result.task.empty() ? "**all episodes**" : EscapeMarkdown(result.task);
  const std::string flips =
      comparison.Paired() ? fmt::format("{} | {}", result.counts.lost, result.counts.won) : "– | –";
  return fmt::format("| {} {} | {} | {} | {} | {} | {:.4f} |\n", result.worse.empty() ? "✅" : "❌", name,
                     Share(result.base), Share(result.run), Difference(result), flips, PWorse(comparison, result));
}

// Longer than any run of backquotes inside, so that no folder's name ends the block.
std::string Fence(const std::string& text) {
  std::size_t longest = 2, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(longest + 1, '`');
}

std::string MarkdownFlips(const std::string& head, const std::vector<EpisodeKey>& keys,
                          const std::filesystem::path& folder) {
  if (keys.empty()) return "";
  std::string commands;
  for (std::size_t i = 0; i < std::min(keys.size(), kShownFlips); ++i) {
    commands += ShellCommand({"divla", "verify", CleanUtf8(folder.string()), "--episode", ToString(keys[i])}) + "\n";
  }
  if (keys.size() > kShownFlips) commands += fmt::format("# and {} more\n", keys.size() - kShownFlips);
  const std::string fence = Fence(commands);
  return fmt::format(
      "\n<details><summary>{} ({}), with the command that replays each</summary>\n\n{}\n{}{}\n\n</details>\n", head,
      keys.size(), fence, commands, fence);
}

// Text for XML 1.0, between tags and inside quoted attributes. CleanUtf8 left no control character but tab and line
// feed; of the rest XML lacks U+FFFE and U+FFFF only.
std::string EscapeXml(std::string_view bytes) {
  std::string text = EscapeHtml(bytes);
  for (const char* hole : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (std::size_t at = text.find(hole); at != std::string::npos; at = text.find(hole)) {
      text.replace(at, 3, "\xEF\xBF\xBD");
    }
  }
  return text;
}

std::string JunitCase(const Comparison& comparison, const CompareResult& result, const std::string& suite) {
  const std::string name = result.task.empty() ? "all episodes" : result.task;
  std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", EscapeXml(suite), EscapeXml(name));
  const std::string numbers =
      fmt::format("base {}\nrun {}\ndifference in points {}\np worse {:.4f}", Share(result.base), Share(result.run),
                  Difference(result), PWorse(comparison, result));
  if (result.worse.empty()) {
    return text + fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", EscapeXml(numbers));
  }
  std::string body = numbers + "\n";
  std::size_t shown = 0;
  for (const EpisodeKey& key : comparison.lost) {
    if (!result.task.empty() && key.task != result.task) continue;
    if (++shown <= kShownFlips) body += "lost " + ToString(key) + "\n";
  }
  if (shown > kShownFlips) body += fmt::format("and {} more\n", shown - kShownFlips);
  return text + fmt::format(">\n      <failure message=\"{}\" type=\"worse\">{}</failure>\n    </testcase>\n",
                            EscapeXml(result.worse), EscapeXml(body));
}

std::string SuiteName(const Comparison& comparison) {
  return fmt::format("{}@{}", comparison.base.suite, comparison.base.suite_version);
}

}  // namespace

std::string ComparisonMarkdown(const Comparison& comparison) {
  std::string text = fmt::format("### {} {}: {} against {}\n\n", comparison.Worse() ? "❌ worse" : "✅ not worse",
                                 EscapeMarkdown("on " + SuiteName(comparison)), EscapeMarkdown(comparison.run.policy),
                                 EscapeMarkdown(comparison.base.policy));
  if (!comparison.Paired()) {
    text += "**Not paired**, so this sees far less: " + EscapeMarkdown(comparison.unpaired_because) + "\n\n";
  }
  text += "| task | base | run | difference, points | lost | won | p worse |\n|---|---|---|---|---|---|---|\n";
  for (const CompareResult& result : comparison.tasks) text += MarkdownRow(comparison, result);
  text += MarkdownRow(comparison, comparison.all) + "\n";
  if (comparison.twins) text += "- " + TwinsNote(comparison) + "\n";
  for (const std::string& reason : comparison.WorseBecause()) text += "- worse: " + EscapeMarkdown(reason) + "\n";
  for (const std::string& cell : comparison.left_out) {
    text += "- left out, only one run has it: " + EscapeMarkdown(cell) + "\n";
  }
  text +=
      fmt::format("\nIntervals have {:g} % confidence; `p worse` is one-sided and adjusted for all rows, alpha {}.\n",
                  100 * (1 - comparison.options.alpha), comparison.options.alpha);
  text += MarkdownFlips("Lost episodes", comparison.lost, comparison.run_folder);
  text += MarkdownFlips("Won episodes", comparison.won, comparison.run_folder);
  return text;
}

std::string ComparisonJunit(const Comparison& comparison) {
  const std::string suite = SuiteName(comparison);
  std::size_t failures = comparison.all.worse.empty() ? 0 : 1;
  std::string cases;
  for (const CompareResult& result : comparison.tasks) {
    failures += result.worse.empty() ? 0 : 1;
    cases += JunitCase(comparison, result, suite);
  }
  cases += JunitCase(comparison, comparison.all, suite);
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\"", comparison.tasks.size() + 1, failures);
  const std::string note =
      comparison.Paired() ? ""
                          : "    <system-out>not paired: " + EscapeXml(comparison.unpaired_because) + "</system-out>\n";
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"divla compare\" {0}>\n  <testsuite name=\"{1}\" "
      "{0} skipped=\"0\">\n{2}{3}  </testsuite>\n</testsuites>\n",
      counts, EscapeXml(suite), cases, note);
}

}  // namespace divla
