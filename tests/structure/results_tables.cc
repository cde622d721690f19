#include "tests/structure/results_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "tests/structure/results_format.h"

namespace divla::results {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string Words(const json& reasoning) {
  const int queries = reasoning["queries"].get<int>();
  if (queries == 0) return "–";
  const int correct = reasoning["correct"].get<int>();
  return fmt::format("{} ({}/{})", Percent(static_cast<double>(correct) / queries), correct, queries);
}

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

}  // namespace divla::results
