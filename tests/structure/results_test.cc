// The tables of results/README.md are made of the run folders beside it, those of baselines/ too: every cell of every published summary must
// stand there as the row below, and every such row must come from a summary. On a mismatch the test prints the rows to
// put in.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;

std::string Percent(double share) { return fmt::format("{:.1f}", 100 * share); }

std::string Interval(const nlohmann::json& bounds) {
  return fmt::format("[{}, {}]", Percent(bounds[0].get<double>()), Percent(bounds[1].get<double>()));
}

std::string Row(const nlohmann::json& summary, const nlohmann::json& cell) {
  const auto& reasoning = cell["reasoning"];
  const int queries = reasoning["queries"].get<int>();
  const std::string words = queries == 0
                                ? "–"
                                : fmt::format("{} ({}/{})", Percent(reasoning["correct"].get<double>() / queries),
                                              reasoning["correct"].get<int>(), queries);
  return fmt::format("| {} | {} | {}/{} | {} | {} | {} | {} |", cell["task"].get<std::string>(),
                     summary["policy"].get<std::string>(), cell["k"].get<int>(), cell["n"].get<int>(),
                     Percent(cell["rate"].get<double>()), Interval(cell["wilson"]), Interval(cell["clopper_pearson"]),
                     words);
}

TEST(Results, TablesSayWhatTheRunsSay) {
  const fs::path folder = fs::path(DIVLA_SOURCE_DIR) / "results";
  std::set<std::string> expected;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    // The runs of controls belong to the run around them.
    if (!fs::exists(entry.path() / "summary.json") || entry.path().parent_path().filename() == "controls") continue;
    for (const char* file : {"run.json", "episodes.jsonl", "report.md"})
      EXPECT_TRUE(fs::exists(entry.path() / file)) << entry.path() / file;
    const auto summary = nlohmann::json::parse(std::ifstream(entry.path() / "summary.json"));
    EXPECT_FALSE(summary["interrupted"].get<bool>()) << entry.path();
    for (const auto& cell : summary["cells"]) expected.insert(Row(summary, cell));
  }
  EXPECT_FALSE(expected.empty());
  std::set<std::string> found;
  std::ifstream readme(folder / "README.md");
  for (std::string line; std::getline(readme, line);) {
    if (line.find("_") != std::string::npos && line.starts_with("| ") && line.find('/') != std::string::npos)
      found.insert(line);
  }
  std::string rows;
  for (const std::string& row : expected) rows += row + "\n";
  EXPECT_EQ(found, expected) << "results/README.md should hold these rows:\n" << rows;
}

}  // namespace
