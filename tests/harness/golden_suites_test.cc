// What is published stays: a hash of every episode of every suite (compiled scene, instruction, initial state), in
// tests/golden/suites/NAME@VERSION.txt, one line for each cell. A change of an episode needs a new version of the
// suite. By default every kStride-th episode of a suite's cells is built; DIVLA_ALL_EPISODES=1 builds all.
// DIVLA_REGENERATE=1 writes the files that are missing, and only those: delete a file to write it anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "harness/suite.h"
#include "sim/check.h"
#include "sim/hash.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"

namespace divla {
namespace {

constexpr int kMostByDefault = 60;  // episodes of a suite

using Lines = std::map<std::string, std::vector<std::string>>;  // cell -> hash of each episode

std::string CellText(const SuiteCell& cell) { return fmt::format("{} {} {}", cell.task, cell.axis, cell.level); }

// 8 digits: with 10,000 episodes a chance change stays unseen once in 400,000 suites.
std::string EpisodeHash(const Suite& suite, const SuiteCell& cell, int index) {
  const Task& task = FindTask(cell.task);
  const EpisodePlan plan = DrawEpisode(task, suite.seed, {cell.task, cell.axis, cell.level, index});
  const Scene scene = task.Build(plan);
  const std::string whole = HashModel(scene.Model()) + plan.instruction + HashState(scene);
  return HashHex(whole.data(), whole.size()).substr(0, 8);
}

struct Job {
  const SuiteCell* cell;
  int index;
};

// Hashes of the jobs, in their order; on all cores.
std::vector<std::string> HashAll(const Suite& suite, const std::vector<Job>& jobs) {
  std::vector<std::string> hashes(jobs.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      try {
        hashes[i] = EpisodeHash(suite, *jobs[i].cell, jobs[i].index);
      } catch (const InputError& error) {
        hashes[i] = error.what();
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  return hashes;
}

std::filesystem::path GoldenFile(const Suite& suite) {
  std::string name = suite.name;
  std::replace(name.begin(), name.end(), '/', '-');
  return std::filesystem::path(DIVLA_SOURCE_DIR) / "tests" / "golden" / "suites" /
         fmt::format("{}@{}.txt", name, suite.version);
}

Lines ReadGolden(const std::filesystem::path& file) {
  Lines lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t colon = line.find(':');
    std::istringstream hashes(line.substr(colon + 1));
    std::vector<std::string>& list = lines[line.substr(0, colon)];
    for (std::string hash; hashes >> hash;) list.push_back(hash);
  }
  return lines;
}

void WriteGolden(const Suite& suite, const std::filesystem::path& file) {
  std::vector<Job> jobs;
  for (const SuiteCell& cell : suite.cells) {
    for (int index = 0; index < cell.episodes; ++index) jobs.push_back({&cell, index});
  }
  const std::vector<std::string> hashes = HashAll(suite, jobs);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream stream(file);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(hashes[i].size(), 8U) << hashes[i];  // else it is what went wrong
    if (jobs[i].index == 0) stream << (i == 0 ? "" : "\n") << CellText(*jobs[i].cell) << ":";
    stream << ' ' << hashes[i];
  }
  stream << '\n';
}

class GoldenSuite : public testing::TestWithParam<std::string> {};

TEST_P(GoldenSuite, EveryEpisodeIsWhatWasPublished) {
  const Suite suite = LoadSuite(GetParam());
  const std::filesystem::path file = GoldenFile(suite);
  if (std::getenv("DIVLA_REGENERATE") != nullptr && !std::filesystem::exists(file)) WriteGolden(suite, file);
  ASSERT_TRUE(std::filesystem::exists(file))
      << file << " is missing: a new suite or version needs its episodes; write them with DIVLA_REGENERATE=1";
  const Lines golden = ReadGolden(file);
  EXPECT_EQ(golden.size(), suite.cells.size());
  const int stride = std::getenv("DIVLA_ALL_EPISODES") != nullptr ? 1 : 1 + suite.Episodes() / kMostByDefault;
  std::vector<Job> jobs;
  int count = 0;
  for (const SuiteCell& cell : suite.cells) {
    const auto found = golden.find(CellText(cell));
    ASSERT_NE(found, golden.end()) << CellText(cell) << " is not in " << file;
    ASSERT_EQ(static_cast<int>(found->second.size()), cell.episodes) << CellText(cell);
    for (int index = 0; index < cell.episodes; ++index) {
      if (count++ % stride == 0) jobs.push_back({&cell, index});
    }
  }
  const std::vector<std::string> hashes = HashAll(suite, jobs);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(hashes[i], golden.at(CellText(*jobs[i].cell))[static_cast<std::size_t>(jobs[i].index)])
        << "suite " << GetParam() << ", " << CellText(*jobs[i].cell) << " episode " << jobs[i].index
        << " is not the published one: a change needs a new version of the suite";
  }
}

std::vector<std::string> AllSuites() {
  std::vector<std::string> names = SuiteNames();
  for (const std::string& name : OldSuiteNames()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Suites, GoldenSuite, testing::ValuesIn(AllSuites()), [](const auto& parameter) {
  std::string name = parameter.param;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
});

}  // namespace
}  // namespace divla
