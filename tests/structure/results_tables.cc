#include "tests/structure/results_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace divla::results {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string Percent(double share) { return fmt::format("{:.1f}", 100 * share); }
std::string Points(double share) { return fmt::format("{:+.1f}", 100 * share); }

std::string Bounds(const json& bounds) {
  return fmt::format("[{}, {}]", Percent(bounds[0].get<double>()), Percent(bounds[1].get<double>()));
}

std::string Words(const json& reasoning) {
  const int queries = reasoning["queries"].get<int>();
  if (queries == 0) return "–";
  const int correct = reasoning["correct"].get<int>();
  return fmt::format("{} ({}/{})", Percent(static_cast<double>(correct) / queries), correct, queries);
}

std::string Rate(int k, int n, const json& wilson) {
  return fmt::format("{}/{}, {} {}", k, n, Percent(static_cast<double>(k) / n), Bounds(wilson));
}

std::string Header(const std::string& first, const std::vector<std::string>& columns) {
  std::string line = first;
  for (const std::string& column : columns) line += fmt::format(" {} |", column);
  const auto count = std::count(line.begin(), line.end(), '|') - 1;
  line += "\n|";
  for (std::ptrdiff_t i = 0; i < count; ++i) line += "---|";
  return line + "\n";
}

// Rows in the order in which they were first named, a column for each policy.
class Grid {
 public:
  void Set(const std::string& row, const std::string& policy, const std::string& text) {
    if (std::find(rows_.begin(), rows_.end(), row) == rows_.end()) rows_.push_back(row);
    texts_[{row, policy}] = text;
  }
  std::string Table(const std::string& first, const std::vector<std::string>& policies) const {
    std::string table = Header(first, policies);
    for (const std::string& row : rows_) {
      table += row;
      for (const std::string& policy : policies) {
        const auto found = texts_.find({row, policy});
        table += fmt::format(" {} |", found == texts_.end() ? "" : found->second);
      }
      table += "\n";
    }
    return table;
  }

 private:
  std::vector<std::string> rows_;
  std::map<std::pair<std::string, std::string>, std::string> texts_;
};

}  // namespace

std::vector<PublishedRun> ReadPublishedRuns(const fs::path& results) {
  std::vector<PublishedRun> runs;
  for (const auto& entry : fs::recursive_directory_iterator(results)) {
    if (!fs::exists(entry.path() / "summary.json") || entry.path().parent_path().filename() == "controls") continue;
    PublishedRun run;
    run.folder = fs::relative(entry.path(), results).string();
    run.summary = json::parse(std::ifstream(entry.path() / "summary.json"));
    run.suite = run.summary["suite"]["name"].get<std::string>();
    run.policy = run.summary["policy"].get<std::string>();
    if (fs::exists(entry.path() / "controls.json"))
      run.controls = json::parse(std::ifstream(entry.path() / "controls.json"));
    runs.push_back(std::move(run));
  }
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.folder < b.folder; });
  return runs;
}

std::string SuiteTable(const std::vector<PublishedRun>& runs, const std::string& suite) {
  std::string table = Header(
      "|", {"task", "policy", "successes", "rate %", "Wilson 95 %", "Clopper-Pearson 95 %", "reasoning correct %"});
  std::vector<std::string> tasks;
  for (const PublishedRun& run : runs) {
    if (run.suite != suite) continue;
    for (const json& cell : run.summary["cells"]) {
      const auto task = cell["task"].get<std::string>();
      if (std::find(tasks.begin(), tasks.end(), task) == tasks.end()) tasks.push_back(task);
    }
  }
  for (const std::string& task : tasks) {
    for (const PublishedRun& run : runs) {
      if (run.suite != suite) continue;
      for (const json& cell : run.summary["cells"]) {
        if (cell["task"] != task) continue;
        table += fmt::format("| {} | {} | {}/{} | {} | {} | {} | {} |\n", task, run.policy, cell["k"].get<int>(),
                             cell["n"].get<int>(), Percent(cell["rate"].get<double>()), Bounds(cell["wilson"]),
                             Bounds(cell["clopper_pearson"]), Words(cell["reasoning"]));
      }
    }
  }
  return table;
}

std::string FrontTable(const std::vector<PublishedRun>& runs, const std::string& suite) {
  std::vector<std::string> columns;
  std::vector<std::string> tasks;
  std::map<std::string, std::string> rows;
  for (const PublishedRun& run : runs) {
    if (run.suite != suite) continue;
    const json& cells = run.summary["cells"];
    const bool writes = std::any_of(cells.begin(), cells.end(),
                                    [](const json& cell) { return cell["reasoning"]["queries"].get<int>() > 0; });
    columns.push_back(fmt::format("`{}`", run.policy));
    if (writes) columns.push_back("reasoning right");
    for (const json& cell : cells) {
      const auto task = cell["task"].get<std::string>();
      if (!rows.contains(task)) tasks.push_back(task);
      std::string& row = rows[task];
      const std::string rate = fmt::format("{:.0f}", 100 * cell["rate"].get<double>());
      row +=
          run.policy == "expert" ? fmt::format(" {} |", rate) : fmt::format(" {} {} % |", rate, Bounds(cell["wilson"]));
      if (writes) {
        const json& texts = cell["reasoning"];
        const int queries = std::max(texts["queries"].get<int>(), 1);
        row += fmt::format(" {} % |", Percent(texts["correct"].get<double>() / queries));
      }
    }
  }
  std::string table = Header("| task |", columns);
  for (const std::string& task : tasks) table += fmt::format("| `{}` |{}\n", task, rows[task]);
  return table;
}

std::string FailureTable(const std::vector<PublishedRun>& runs, const std::string& suite, const std::string& policy) {
  std::string table = Header("|", {"task", "a text wrong", "failures"});
  for (const PublishedRun& run : runs) {
    if (run.suite != suite || run.policy != policy) continue;
    for (const json& cell : run.summary["cells"]) {
      std::vector<std::pair<int, std::string>> counts;
      for (const auto& [name, count] : cell["failures"].items()) counts.emplace_back(-count.get<int>(), name);
      if (counts.empty()) continue;
      std::sort(counts.begin(), counts.end());
      std::string text;
      for (const auto& [minus, name] : counts) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", -minus, name);
      }
      std::replace(text.begin(), text.end(), '_', ' ');
      table +=
          fmt::format("| {} | {} in {} | {} |\n", cell["task"].get<std::string>(),
                      cell["failed_reasoning_wrong"].get<int>(), cell["n"].get<int>() - cell["k"].get<int>(), text);
    }
  }
  return table;
}

std::string PairTable(const json& comparison, const std::string& base, const std::string& run) {
  std::string table = Header("|", {"task", base, run, "only " + base, "only " + run, "difference, points", "p"});
  json rows = comparison["tasks"];
  rows.push_back(comparison["all"]);
  for (const json& row : rows) {
    const double p = row["p"];
    table += fmt::format("| {} | {}/{} | {}/{} | {} | {} | {} [{}, {}] | {} |\n",
                         row["task"].is_null() ? "all" : row["task"].get<std::string>(), row["base"]["k"].get<int>(),
                         row["base"]["n"].get<int>(), row["run"]["k"].get<int>(), row["run"]["n"].get<int>(),
                         row["pairs"]["lost"].get<int>(), row["pairs"]["won"].get<int>(),
                         Points(row["difference"].get<double>()), Points(row["interval"][0].get<double>()),
                         Points(row["interval"][1].get<double>()), p < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", p));
  }
  return table;
}

std::string GapTable(const std::vector<PublishedRun>& runs, const std::string& suite,
                     const std::vector<std::string>& policies) {
  Grid grid;
  for (const PublishedRun& run : runs) {
    if (run.suite != suite) continue;
    for (const json& axis : run.summary["gaps"]["axes"]) {
      const json& pairs = axis["gap"]["pairs"];
      const int both = pairs["both"], lost = pairs["lost"], won = pairs["won"], neither = pairs["neither"];
      const int n = both + lost + won + neither;
      grid.Set(fmt::format("| {} | {} | {} |", axis["axis"].get<std::string>(), axis["level"].get<int>(),
                           axis["gap"]["tasks"].get<int>()),
               run.policy,
               fmt::format("{} → {} of {}: {} [{}, {}]", both + lost, both + won, n,
                           Points(static_cast<double>(won - lost) / n), Points(axis["newcombe"][0].get<double>()),
                           Points(axis["newcombe"][1].get<double>())));
    }
  }
  return grid.Table("| axis | level | tasks |", policies);
}

std::string PaperTable(const std::vector<PublishedRun>& runs, const std::vector<std::string>& policies) {
  Grid grid;
  for (const PublishedRun& run : runs) {
    if (!run.suite.starts_with("paper/")) continue;
    const std::string preset = run.suite.substr(6);
    for (const json& cell : run.summary["cells"]) {
      const auto axis = cell["axis"].get<std::string>();
      const std::string shift = axis == "none" ? "–" : fmt::format("{} {}", axis, cell["level"].get<int>());
      grid.Set(fmt::format("| {} | {} | {} |", preset, cell["task"].get<std::string>(), shift), run.policy,
               Rate(cell["k"].get<int>(), cell["n"].get<int>(), cell["wilson"]));
    }
    if (run.controls.is_null()) continue;
    for (const json& control : run.controls["controls"]) {
      for (const auto& [task, gap] : control["tasks"].items()) {
        const json& pairs = gap["pairs"];
        const int both = pairs["both"], lost = pairs["lost"], won = pairs["won"], neither = pairs["neither"];
        grid.Set(fmt::format("| {} | {} | control {} |", preset, task, control["control"].get<std::string>()),
                 run.policy,
                 fmt::format("{}/{}, {} [{}, {}] to plain", both + won, both + lost + won + neither,
                             Points(gap["difference"].get<double>()), Points(gap["newcombe"][0].get<double>()),
                             Points(gap["newcombe"][1].get<double>())));
      }
    }
  }
  return grid.Table("| preset | task | shift |", policies);
}

}  // namespace divla::results
