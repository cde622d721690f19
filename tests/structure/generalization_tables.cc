// The tables in which a column is a policy: what an axis costs, seen and unseen, the paper's presets.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tests/structure/results_format.h"
#include "tests/structure/results_tables.h"

namespace divla::results {
namespace {

using nlohmann::json;

std::string Rate(int k, int n, const json& wilson) {
  return fmt::format("{}/{}, {} {}", k, n, Percent(static_cast<double>(k) / n), Bounds(wilson));
}

// The columns: those who played a suite, random left out, which nothing can be taken from.
std::vector<std::string> Players(const std::vector<const PublishedRun*>& runs) {
  std::vector<std::string> players;
  for (const char* policy : {"divla-tiny", "divla-tiny-no-reasoning", "diffusion-policy-tiny", "expert"}) {
    if (std::any_of(runs.begin(), runs.end(), [&](const PublishedRun* run) { return run->policy == policy; }))
      players.emplace_back(policy);
  }
  return players;
}

// Those of a suite, or of all whose names begin so.
std::vector<const PublishedRun*> Of(const std::vector<PublishedRun>& runs, const std::string& suite) {
  std::vector<const PublishedRun*> of;
  for (const PublishedRun& run : runs) {
    if (run.suite.starts_with(suite)) of.push_back(&run);
  }
  return of;
}

// Pairs of a clean episode (or a plain one) and its twin.
struct Pairs {
  explicit Pairs(const json& pairs)
      : before(pairs["both"].get<int>() + pairs["lost"].get<int>()),
        after(pairs["both"].get<int>() + pairs["won"].get<int>()),
        n(before + pairs["won"].get<int>() + pairs["neither"].get<int>()) {}
  int before, after, n;
};

std::string Difference(const Pairs& pairs, const json& newcombe) {
  return fmt::format("{} [{}, {}]", Points(static_cast<double>(pairs.after - pairs.before) / pairs.n),
                     Points(newcombe[0].get<double>()), Points(newcombe[1].get<double>()));
}

// Of all tasks together: right texts of the cells of this axis and level, empty for a policy that writes none.
std::string RightTexts(const json& cells, const json& axis) {
  int correct = 0, queries = 0;
  for (const json& cell : cells) {
    if (cell["axis"] != axis["axis"] || cell["level"] != axis["level"]) continue;
    correct += cell["reasoning"]["correct"].get<int>();
    queries += cell["reasoning"]["queries"].get<int>();
  }
  return queries == 0 ? "" : fmt::format("; texts {} %", Percent(static_cast<double>(correct) / queries));
}

// Of a task of several objects: how many were put where they belong, as the paper counts.
std::string Objects(const json& cell) {
  const int placed = cell["objects"]["placed"], total = cell["objects"]["total"];
  if (total <= cell["n"].get<int>()) return {};
  return fmt::format("; objects {}/{}, {}", placed, total, Percent(static_cast<double>(placed) / total));
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

std::string GapTable(const std::vector<PublishedRun>& published) {
  const auto runs = Of(published, "generalization");
  Grid grid;
  for (const PublishedRun* run : runs) {
    for (const json& axis : run->summary["gaps"]["axes"]) {
      const Pairs pairs(axis["gap"]["pairs"]);
      grid.Set(fmt::format("| {} | {} | {} |", axis["axis"].get<std::string>(), axis["level"].get<int>(),
                           axis["gap"]["tasks"].get<int>()),
               run->policy,
               fmt::format("{} → {} of {}: {}{}", pairs.before, pairs.after, pairs.n,
                           Difference(pairs, axis["newcombe"]), RightTexts(run->summary["cells"], axis)));
    }
  }
  return grid.Table("| axis | level | tasks |", Players(runs));
}

std::string SeenTable(const std::vector<PublishedRun>& published) {
  const auto runs = Of(published, "generalization");
  Grid grid;
  for (const PublishedRun* run : runs) {
    for (const json& row : run->summary["gaps"]["factorial"]) {
      std::string unseen;
      for (const char* family : {"instruction", "object", "environment"}) {
        if (row[family] == "unseen") unseen += (unseen.empty() ? "" : ", ") + std::string(family);
      }
      std::string text = Rate(row["k"].get<int>(), row["n"].get<int>(), row["interval"]);
      if (!row["gap"].is_null()) {
        const Pairs pairs(row["gap"]["pairs"]);
        text += fmt::format("; {:.0f} for 100 clean", 100.0 * pairs.after / pairs.before);
      }
      grid.Set(fmt::format("| {} |", unseen.empty() ? "nothing" : unseen), run->policy, text);
    }
  }
  return grid.Table("| unseen |", Players(runs));
}

std::string WordsTable(const std::vector<PublishedRun>& published) {
  std::map<std::string, std::map<std::string, int>> families;
  for (const PublishedRun* run : Of(published, "generalization")) {
    if (run->policy != "divla-tiny") continue;
    for (const json& cell : run->summary["cells"]) {
      const auto axis = cell["axis"].get<std::string>();
      auto& sums = families[axis == "none" ? "as trained" : axis.substr(0, axis.find('_'))];
      sums["failed"] += cell["n"].get<int>() - cell["k"].get<int>();
      sums["wrong"] += cell["failed_reasoning_wrong"].get<int>();
      sums["correct"] += cell["reasoning"]["correct"].get<int>();
      sums["queries"] += cell["reasoning"]["queries"].get<int>();
    }
  }
  std::string table = Header("|", {"unseen", "failed", "of these most texts wrong", "right texts, %"});
  for (auto& [family, sums] : families) {
    table += fmt::format("| {} | {} | {} | {} |\n", family, sums["failed"], sums["wrong"],
                         Percent(static_cast<double>(sums["correct"]) / sums["queries"]));
  }
  return table;
}

std::string PaperTable(const std::vector<PublishedRun>& published) {
  const auto runs = Of(published, "paper/");
  Grid grid;
  for (const PublishedRun* run : runs) {
    const std::string preset = run->suite.substr(6);
    for (const json& cell : run->summary["cells"]) {
      const auto axis = cell["axis"].get<std::string>();
      const std::string shift = axis == "none" ? "–" : fmt::format("{} {}", axis, cell["level"].get<int>());
      grid.Set(fmt::format("| {} | {} | {} |", preset, cell["task"].get<std::string>(), shift), run->policy,
               Rate(cell["k"].get<int>(), cell["n"].get<int>(), cell["wilson"]) + Objects(cell));
    }
    if (run->controls.is_null()) continue;
    for (const json& control : run->controls["controls"]) {
      for (const auto& [task, gap] : control["tasks"].items()) {
        const Pairs pairs(gap["pairs"]);
        grid.Set(fmt::format("| {} | {} | control {} |", preset, task, control["control"].get<std::string>()),
                 run->policy,
                 fmt::format("{}/{}, {} to plain", pairs.after, pairs.n, Difference(pairs, gap["newcombe"])));
      }
    }
  }
  return grid.Table("| preset | task | shift |", Players(runs));
}

// Sums over cells, by what a row is called and by policy.
class Sums {
 public:
  void Add(const std::string& row, const std::string& policy, const json& cell) {
    if (std::find(rows_.begin(), rows_.end(), row) == rows_.end()) rows_.push_back(row);
    Sum& sum = sums_[{row, policy}];
    sum.k += cell["k"].get<int>();
    sum.n += cell["n"].get<int>();
    sum.placed += cell["objects"]["placed"].get<int>();
    sum.total += cell["objects"]["total"].get<int>();
  }
  Grid AsGrid() const {
    Grid grid;
    for (const std::string& row : rows_) {
      for (const auto& [key, sum] : sums_) {
        if (key.first != row) continue;
        std::string text = fmt::format("{}/{}", sum.k, sum.n);
        if (sum.total > sum.n) {
          text += fmt::format("; objects {}/{}, {}", sum.placed, sum.total,
                              Percent(static_cast<double>(sum.placed) / sum.total));
        }
        grid.Set(row, key.second, text);
      }
    }
    return grid;
  }

 private:
  struct Sum {
    int k{}, n{}, placed{}, total{};
  };
  std::vector<std::string> rows_;  // in the order in which they were first named
  std::map<std::pair<std::string, std::string>, Sum> sums_;
};

std::string PresetTable(const std::vector<PublishedRun>& published) {
  const auto runs = Of(published, "paper/");
  Sums sums;
  for (const PublishedRun* run : runs) {
    for (const json& cell : run->summary["cells"]) {
      const auto axis = cell["axis"].get<std::string>();
      const std::string shift = axis == "none" ? "–" : axis;
      sums.Add(fmt::format("| {} | {} |", run->suite.substr(6), shift), run->policy, cell);
    }
  }
  for (const PublishedRun* run : runs) {
    // What every policy played.
    if (run->suite == "paper/injection_ablation") continue;
    for (const json& cell : run->summary["cells"]) sums.Add("| all but injection_ablation | |", run->policy, cell);
  }
  return sums.AsGrid().Table("| preset | shift |", Players(runs));
}

std::string SentencesTable(const std::vector<PublishedRun>& published) {
  const auto runs = Of(published, "generalization");
  Sums clean, told;
  for (const PublishedRun* run : runs) {
    for (const json& cell : run->summary["cells"]) {
      const auto axis = cell["axis"].get<std::string>(), task = cell["task"].get<std::string>();
      if (axis == "none") clean.Add(fmt::format("| {} | as trained |", task), run->policy, cell);
      if (axis.starts_with("instruction_")) told.Add(fmt::format("| {} | unseen |", task), run->policy, cell);
    }
  }
  const std::string head = "| task | sentences |";
  const std::string rows = told.AsGrid().Table(head, Players(runs));
  // One head for both.
  return clean.AsGrid().Table(head, Players(runs)) + rows.substr(rows.find('\n', rows.find('\n') + 1) + 1);
}

}  // namespace divla::results
