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

// The runs of what is shipped now; those of checkpoints before stand below earlier/.
std::vector<PublishedRun> CurrentRuns() {
  std::vector<PublishedRun> runs = ReadPublishedRuns(kResults);
  std::erase_if(runs, [](const PublishedRun& run) { return run.folder.starts_with("earlier/"); });
  return runs;
}

TEST(Results, TablesSayWhatTheRunsSay) {
  const std::vector<PublishedRun> runs = CurrentRuns();
  ASSERT_FALSE(runs.empty());
  ExpectTable("../README.md", "front", FrontTable(runs, "core"));
  ExpectTable("README.md", "core", SuiteTable(runs, "core"));
  ExpectTable("README.md", "failures", FailureTable(runs, "core", "divla-tiny"));
  ExpectTable("README.md", "quick", SuiteTable(runs, "quick"));
  ExpectTable("README.md", "seen", SeenTable(runs));
  ExpectTable("README.md", "words", WordsTable(runs));
  ExpectTable("README.md", "axes", GapTable(runs));
  ExpectTable("README.md", "sentences", SentencesTable(runs));
  ExpectTable("README.md", "paper", PaperTable(runs));
  ExpectTable("README.md", "presets", PresetTable(runs));
}

struct Side {
  std::string label, folder;
};

// A comparison is of the runs beside it, not of some that were replaced since.
void ExpectComparison(const std::string& name, const Side& base, const Side& run) {
  const auto pairs = nlohmann::json::parse(ReadText(kResults / "comparisons" / (name + ".json")));
  for (const auto& [side, folder] : {std::pair{"base", base.folder}, std::pair{"run", run.folder}}) {
    const auto info = nlohmann::json::parse(ReadText(kResults / folder / "run.json"));
    const auto summary = nlohmann::json::parse(ReadText(kResults / folder / "summary.json"));
    EXPECT_EQ(pairs[side]["weights_sha256"], info["policy"]["weights_sha256"]) << name << ' ' << folder;
    EXPECT_EQ(pairs[side]["git_commit"], info["versions"]["git_commit"]) << name << ' ' << folder;
    EXPECT_EQ(pairs["all"][side]["k"], summary["all"]["k"]) << name << ' ' << folder;
  }
  ExpectTable("README.md", name, PairTable(pairs, base.label, run.label));
}

TEST(Results, ComparisonsSayWhatTheirFilesSay) {
  ExpectComparison("reasoning", {"without", "baselines/core-divla-tiny-no-reasoning"},
                   {"with reasoning", "earlier/core-divla-tiny-three-stages"});
  ExpectComparison("diffusion", {"diffusion policy", "baselines/core-diffusion-policy-tiny"},
                   {"with reasoning", "earlier/core-divla-tiny-three-stages"});
  ExpectComparison("language", {"language, no reasoning", "baselines/core-divla-tiny-no-reasoning"},
                   {"diffusion policy", "baselines/core-diffusion-policy-tiny"});
  ExpectComparison("stages", {"three stages", "earlier/core-divla-tiny-three-stages"},
                   {"four stages", "baselines/core-divla-tiny"});
}

TEST(Results, EveryRunIsWholeAndNamed) {
  const std::string readme = ReadText(kResults / "README.md");
  for (const PublishedRun& run : ReadPublishedRuns(kResults)) {
    for (const char* file : {"run.json", "episodes.jsonl", "report.md"})
      EXPECT_TRUE(fs::exists(kResults / run.folder / file)) << run.folder << '/' << file;
    EXPECT_FALSE(run.summary["interrupted"].get<bool>()) << run.folder;
    // The presets of the paper have one line for all.
    const bool preset = run.folder == fmt::format("baselines/{}/{}", run.suite, run.policy);
    const std::string named = preset ? "baselines/paper/PRESET/POLICY" : run.folder;
    EXPECT_NE(readme.find(fmt::format("`{}/`", named)), std::string::npos)
        << "results/README.md should say which command made " << run.folder;
  }
}

}  // namespace
}  // namespace divla::results
