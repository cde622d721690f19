// The tables of results/*.md and of the front page say what the published runs say. DIVLA_REGENERATE=1 writes them anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/structure/results_tables.h"

namespace divla::results {
namespace {

namespace fs = std::filesystem;

const fs::path kResults = fs::path(DIVLA_SOURCE_DIR) / "results";

std::string ReadText(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Holds the table NAME of a page against `expected`, or puts it there.
void ExpectTable(const std::string& page, const std::string& name, const std::string& expected) {
  const fs::path path = kResults / page;
  std::string text = ReadText(path);
  const std::string begin = fmt::format("<!-- table {} -->\n", name);
  const std::size_t found = text.find(begin);
  ASSERT_NE(found, std::string::npos) << path << " has no line " << begin;
  const std::size_t from = found + begin.size();
  const std::size_t to = text.find("<!-- end -->", from);
  ASSERT_NE(to, std::string::npos) << path << ": table " << name << " has no end";
  if (std::getenv("DIVLA_REGENERATE") != nullptr) {
    text.replace(from, to - from, expected);
    std::ofstream(path) << text;
    return;
  }
  EXPECT_EQ(text.substr(from, to - from), expected)
      << path << ": DIVLA_REGENERATE=1 ./divla test -R Results writes the table anew";
}

TEST(Results, TablesSayWhatTheRunsSay) {
  const std::vector<PublishedRun> runs = ReadPublishedRuns(kResults);
  ASSERT_FALSE(runs.empty());
  ExpectTable("../README.md", "front", FrontTable(runs, "core"));
  ExpectTable("README.md", "core", SuiteTable(runs, "core"));
  ExpectTable("README.md", "failures", FailureTable(runs, "core", "divla-tiny"));
  ExpectTable("README.md", "quick", SuiteTable(runs, "quick"));
}

TEST(Results, EveryRunIsWholeAndNamed) {
  const std::string readme = ReadText(kResults / "README.md");
  for (const PublishedRun& run : ReadPublishedRuns(kResults)) {
    for (const char* file : {"run.json", "episodes.jsonl", "report.md"})
      EXPECT_TRUE(fs::exists(kResults / run.folder / file)) << run.folder << '/' << file;
    EXPECT_FALSE(run.summary["interrupted"].get<bool>()) << run.folder;
    EXPECT_NE(readme.find(fmt::format("`{}/`", run.folder)), std::string::npos)
        << "results/README.md should say which command made " << run.folder;
  }
}

}  // namespace
}  // namespace divla::results
