#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/report/cells.h"
#include "harness/report/html_parts.h"
#include "harness/report/text.h"

namespace divla::html {

namespace {

// A click on a segment asks the gallery for these episodes.
std::string Segment(std::string_view colour, const std::string& name, int count, int total, const std::string& filter) {
  const double share = 100.0 * count / std::max(1, total);
  return fmt::format(
      "<button type=\"button\" class=\"{}\" style=\"width:{:.3f}%\" title=\"{}: {} of {}\"{}>{}</button>", colour,
      share, name, count, total, filter, share >= 5 ? std::to_string(count) : "");
}

std::string BarRow(const std::string& label, int n, const std::string& segments) {
  return fmt::format(
      "<div class=\"bar\"><span class=\"name\">{} <small>{}</small></span><div class=\"stack\">{}</div></div>\n", label,
      n, segments);
}

struct Group {
  std::string label;   // escaped
  std::string filter;  // data attributes of the gallery's filter
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
    groups.push_back({label, filter, Total(task.perturbed)});
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
  const auto add = [&](const char* colour, const char* name, int count, const char* outcome) {
    if (count > 0) {
      segments += Segment(colour, name, count, total.n, group.filter + fmt::format(" data-outcome=\"{}\"", outcome));
    }
  };
  add("ok", "success", total.k, "success");
  add("f2", "failed, reasoning right", total.failed_reasoning_right, "failure");
  add("f3", "failed, reasoning wrong", total.failed_reasoning_wrong, "failure");
  return BarRow(group.label, total.n, segments);
}

std::string LegendItem(std::string_view colour, const std::string& name, int count) {
  return fmt::format("<li><i class=\"{}\"></i>{} {}</li>", colour, name, count);
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
  std::string legend = LegendItem("ok", "success", summary.k);
  for (const auto& [failure, count] : failures) {
    legend += LegendItem(FailureClass(failure), EscapeHtml(Spaced(failure)), count);
  }
  std::string ended;
  for (const auto& [termination, count] : terminations) {
    ended += fmt::format("{}{} {}", ended.empty() ? "" : " · ", EscapeHtml(Spaced(termination)), count);
  }
  std::string text = "<div class=\"pair\" id=\"failures\">\n<section>\n<h2>How episodes end</h2>\n" + failed +
                     "<ul class=\"legend\">" + legend + "</ul>\n<p class=\"note\">Ended by: " + ended +
                     ". A click on a bar shows these episodes.</p>\n</section>\n";
  if (!attributed.empty()) {
    text += "<section>\n<h2>Words or arm?</h2>\n" + attributed + "<ul class=\"legend\">" +
            LegendItem("ok", "success", summary.k) + LegendItem("f2", "reasoning right, action failed", right) +
            LegendItem("f3", "reasoning wrong", wrong) +
            "</ul>\n<p class=\"note\">A failure has wrong reasoning when at most half of its texts were "
            "correct.</p>\n</section>\n";
  }
  return text + "</div>\n";
}

}  // namespace divla::html
