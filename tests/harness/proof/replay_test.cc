#include "harness/proof/replay.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/harness/expect_error.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

TEST(ReplayAgentTest, PlaysAndSaysWhatTheRunDid) {
  const TempFolder folder;
  const SmallRun run;
  run.Go(folder / "run");
  const std::string name = "replay:" + (folder / "run").string();
  EvaluationOptions options{.workers = 2, .frames = ReportFrames::kNone, .stop = {}, .find_task = run.Tasks()};
  const auto agents = [&](RendererSource renderer) { return MakeAgent(name, std::move(renderer)); };
  auto again = Evaluate(run.suite, agents, options, {}, nullptr);
  EXPECT_EQ(again.renderer, "none");
  auto first = ReadEpisodes(folder / "run");
  // It looked at nothing; all the rest is the same.
  for (auto* records : {&first, &again.records}) {
    for (EpisodeRecord& record : *records) record.hash.frames = "";
  }
  EXPECT_EQ(EpisodeLines(again.records), EpisodeLines(first));
  EXPECT_EQ(MakeAgent(name, nullptr)->Info().weights_sha256.size(), 64U);

  options.workers = 1;  // with more, which log is refused first is a race
  Suite other = run.suite;
  other.seed = 4;
  ExpectError<InputError>([&] { Evaluate(other, agents, options, {}, nullptr); },
                          {"cube_to_coloured_box.none.0.0000.bin", "'seed'", "expected 4", "found 3"});
  other = run.suite;
  other.cells[0].episodes = 4;
  ExpectError<InputError>([&] { Evaluate(other, agents, options, {}, nullptr); }, {"0003.bin", "found none"});
  ExpectError<InputError>([&] { MakeAgent("replay:" + (folder / "nowhere").string(), nullptr); },
                          {"nowhere", "episodes.jsonl"});
}

}  // namespace
}  // namespace divla
