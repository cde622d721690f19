#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/report/cells.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"

namespace divla::html {

namespace {

std::string BarRow(const std::string& label, int n, const std::string& segments) {
  return fmt::format("<div class=\"bar\"><span class=\"name\">{} <small>{}</small></span>{}</div>\n", label, n,
                     Stack(segments));
}

struct Group {
  std::string label;   // escaped
  std::string filter;  // data attributes: a click on a segment asks the gallery for its episodes
  CellTotal total;
};

// Each task as trained and, in a row of its own, perturbed.
std::vector<Group> Groups(const RunSummary& summary) {
  std::vector<Group> groups;
  for (const TaskCells& task : CellsByTask(summary)) {
    const std::string filter = fmt::format(" data-task=\"{}\"", EscapeHtml(task.task));
    if (!task.clean.empty()) {
      groups.push_back({Breakable(task.task), filter + " data-axis=\"none\"", Total(task.clean)});
    }
    if (task.perturbed.empty()) continue;
    const std::string label = task.clean.empty() ? Breakable(task.task) + ", perturbed" : "perturbed";
    groups.push_back({label, filter + " data-axis=\"perturbed\"", Total(task.perturbed)});
  }
  return groups;
}

std::string FailureRow(const Group& group) {
  std::string segments;
  if (group.total.k > 0) {
    segments += Segment("ok", "success", group.total.k, group.total.n, group.filter + " data-outcome=\"success\"");
  }
  for (const auto& [failure, count] : group.total.failures) {
    segments += Segment(FailureClass(failure), EscapeHtml(Spaced(failure)), count, group.total.n,
                        group.filter + fmt::format(" data-failure=\"{}\"", EscapeHtml(failure)));
  }
  return BarRow(group.label, group.total.n, segments);
}

std::string AttributionRow(const Group& group) {
  const CellTotal& total = group.total;
  std::string segments;
  const auto add = [&](const char* colour, const char* name, int count, const char* filter) {
    if (count > 0) segments += Segment(colour, name, count, total.n, group.filter + filter);
  };
  add("ok", "success", total.k, " data-outcome=\"success\"");
  add("f2", "failed, reasoning right", total.failed_reasoning_right, " data-outcome=\"failure\" data-words=\"right\"");
  add("f3", "failed, reasoning wrong", total.failed_reasoning_wrong, " data-outcome=\"failure\" data-words=\"wrong\"");
  return BarRow(group.label, total.n, segments);
}

std::string Counted(std::string_view colour, const std::string& name, int count) {
  return LegendItem(colour, fmt::format("{} {}", name, count));
}

}  // namespace

std::string_view FailureClass(std::string_view failure) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kClasses{{{"wrong_object", "f1"},
                                                                                   {"missed_grasp", "f2"},
                                                                                   {"dropped", "f3"},
                                                                                   {"wrong_place", "f4"},
                                                                                   {"not_reached", "f5"},
                                                                                   {"unstable", "f6"},
                                                                                   {"policy_error", "f7"}}};
  const auto found = std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& c) { return c.first == failure; });
  return found == kClasses.end() ? "f0" : found->second;
}

std::string FailureBars(const RunSummary& summary) {
  if (summary.n == 0) return {};
  const std::vector<Group> groups = Groups(summary);
  std::map<std::string, int> failures, terminations;
  int right = 0, wrong = 0;
  std::string failed, attributed;
  for (const Group& group : groups) {
    failed += FailureRow(group);
    for (const auto& [failure, count] : group.total.failures) failures[failure] += count;
    right += group.total.failed_reasoning_right;
    wrong += group.total.failed_reasoning_wrong;
    if (group.total.queries > 0) attributed += AttributionRow(group);
  }
  for (const CellSummary& cell : summary.cells) {
    for (const auto& [termination, count] : cell.terminations) terminations[termination] += count;
  }
  std::string legend = Counted("ok", "success", summary.k);
  for (const auto& [failure, count] : failures) {
    legend += Counted(FailureClass(failure), EscapeHtml(Spaced(failure)), count);
  }
  std::string ended;
  for (const auto& [termination, count] : terminations) {
    ended += fmt::format("{}{} {}", ended.empty() ? "" : " · ", EscapeHtml(Spaced(termination)), count);
  }
  std::string text = "<div class=\"pair\" id=\"failures\">\n<section>\n<h2>How episodes end</h2>\n" + failed +
                     Legend(legend) + "<p class=\"note\">Ended by: " + ended +
                     ". A click on a bar shows these episodes.</p>\n</section>\n";
  if (!attributed.empty()) {
    text += "<section>\n<h2>Words or arm?</h2>\n" + attributed +
            Legend(Counted("ok", "success", summary.k) + Counted("f2", "reasoning right, action failed", right) +
                   Counted("f3", "reasoning wrong", wrong)) +
            "<p class=\"note\">A failure has wrong reasoning when at most half of its texts were "
            "correct.</p>\n</section>\n";
  }
  return text + "</div>\n";
}

}  // namespace divla::html
