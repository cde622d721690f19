#include "harness/report/console.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/report/text.h"

namespace divla {

namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kLabelColumns = 24;  // the longest level-0 task name; longer labels get a line of their own

struct Column {
  const char* title;
  std::size_t width;
};
constexpr Column kFields[] = {{"success", 9},    {"rate", 9},      {"Wilson 95 %", 15}, {"exact 95 %", 15},
                              {"reasoning", 11}, {"progress", 10}, {"steps", 7}};

std::string PadLeft(const std::string& text, std::size_t width) {
  const std::size_t columns = TextColumns(text);
  return columns >= width ? text : std::string(width - columns, ' ') + text;
}

std::string Line(const std::string& label, const std::vector<std::string>& fields) {
  std::string line;
  const std::size_t columns = TextColumns(label);
  line += label;
  if (columns > kLabelColumns) {
    line += "\n" + std::string(kLabelColumns, ' ');
  } else {
    line += std::string(kLabelColumns - columns, ' ');
  }
  for (std::size_t i = 0; i < fields.size(); ++i) line += PadLeft(fields[i], kFields[i].width);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// "name: 3 wrong object, 2 missed grasp", continued on indented lines.
std::string Wrapped(const std::string& head, const std::vector<std::string>& items) {
  std::string text = "  " + head;
  std::size_t columns = TextColumns(text);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = items[i] + (i + 1 < items.size() ? "," : "");
    if (columns + 1 + TextColumns(item) > kColumns) {
      text += "\n   ";
      columns = 3;
    }
    text += " " + item;
    columns += 1 + TextColumns(item);
  }
  return text + "\n";
}

std::string Row(const CellSummary& cell) {
  return Line(CellLabel(cell.task, cell.axis, cell.level),
              {fmt::format("{}/{}", cell.k, cell.n), Percent(cell.k, cell.n), PercentInterval(cell.wilson),
               PercentInterval(cell.clopper_pearson), Percent(cell.reasoning.correct, cell.reasoning.queries),
               fmt::format("{:.2f}", cell.mean_progress), fmt::format("{:.1f}", cell.mean_steps)});
}

}  // namespace

std::string FormatConsole(const RunSummary& summary) {
  std::string text = fmt::format("suite {} v{} · policy {} · seed {} · {} episodes\n\n", CleanUtf8(summary.suite),
                                 summary.suite_version, CleanUtf8(summary.policy), summary.seed, summary.n);
  std::vector<std::string> titles;
  for (const Column& column : kFields) titles.push_back(column.title);
  const std::string header = Line("task", titles);
  std::string rule;
  for (std::size_t i = 0; i + 1 < TextColumns(header); ++i) rule += "─";
  rule += "\n";

  text += header + rule;
  for (const CellSummary& cell : summary.cells) text += Row(cell);
  text += rule;
  std::vector<std::string> macro{"", Percent(summary.macro_rate)};
  if (summary.macro_interval) macro.push_back(PercentInterval(*summary.macro_interval));
  text += Line("mean over tasks", macro);
  text += Line("all episodes", {fmt::format("{}/{}", summary.k, summary.n), Percent(summary.k, summary.n),
                                PercentInterval(summary.wilson), PercentInterval(summary.clopper_pearson)});

  const bool any_failure = std::any_of(summary.cells.begin(), summary.cells.end(),
                                       [](const CellSummary& cell) { return !cell.failures.empty(); });
  if (any_failure) text += "\nfailures\n";
  for (const CellSummary& cell : summary.cells) {
    if (cell.failures.empty()) continue;
    std::vector<std::string> items;
    for (const auto& [name, count] : cell.failures) items.push_back(fmt::format("{} {}", count, Spaced(name)));
    text += Wrapped(CellLabel(cell.task, cell.axis, cell.level) + ":", items);
  }
  const bool any_change = std::any_of(summary.cells.begin(), summary.cells.end(),
                                      [](const CellSummary& cell) { return cell.interventions.has_value(); });
  if (any_change) text += "\ninterventions\n";
  for (const CellSummary& cell : summary.cells) {
    if (!cell.interventions) continue;
    text += Wrapped(CellLabel(cell.task, cell.axis, cell.level) + ":", {InterventionText(*cell.interventions)});
  }
  if (summary.finished < summary.planned) {
    text += fmt::format("\n{} of {} planned episodes are finished; these numbers cover the finished ones only.\n",
                        summary.finished, summary.planned);
  }
  return text;
}

}  // namespace divla
