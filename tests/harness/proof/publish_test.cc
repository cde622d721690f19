#include "harness/proof/publish.h"

#include <gtest/gtest.h>

#include <fstream>

#include "harness/log.h"
#include "harness/proof/verify.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

TEST(PublishTest, APublishedRunIsSmallerAndStillPlaysAgain) {
  const TempFolder folder;
  const SmallRun run;
  run.Go(folder / "run");
  PublishRun(folder / "run", folder / "published");
  EXPECT_FALSE(std::filesystem::exists(folder / "published/frames"));
  EXPECT_FALSE(std::filesystem::exists(folder / "published/journal.jsonl"));

  VerifyOptions options;
  options.find_task = run.Tasks();
  const Verification verification = VerifyRun(folder / "published", options, nullptr);
  EXPECT_TRUE(verification.Agrees()) << FormatVerification(verification, folder / "published");
  for (const EpisodeCheck& check : verification.episodes) {
    EXPECT_TRUE(check.has_log);
    EXPECT_GT(check.steps, 0);
    const EpisodeLog full = ReadLog(LogPath(folder / "run", check.key));
    const EpisodeLog compact = ReadLog(LogPath(folder / "published", check.key));
    EXPECT_EQ(compact.actions, full.actions);
    EXPECT_TRUE(compact.states.empty());
    EXPECT_EQ(compact.state_hashes.size(), static_cast<std::size_t>(full.Steps() + 1));
    EXPECT_EQ(compact.reasoning.size(), full.reasoning.size());
    EXPECT_LT(5 * std::filesystem::file_size(LogPath(folder / "published", check.key)),
              std::filesystem::file_size(LogPath(folder / "run", check.key)));
  }

  // Publishing what is published changes nothing.
  PublishRun(folder / "published", folder / "again");
  const auto key = verification.episodes[0].key;
  EXPECT_EQ(EncodeLog(ReadLog(LogPath(folder / "again", key))), EncodeLog(ReadLog(LogPath(folder / "published", key))));
}

TEST(PublishTest, AChangedActionIsFoundWithItsStep) {
  const TempFolder folder;
  const SmallRun run;
  run.Go(folder / "run");
  PublishRun(folder / "run", folder / "published");
  VerifyOptions options;
  options.find_task = run.Tasks();
  const auto key = VerifyRun(folder / "published", options, nullptr).episodes[0].key;
  EpisodeLog log = ReadLog(LogPath(folder / "published", key));
  const int step = log.Steps() / 2;
  log.actions[static_cast<std::size_t>(step * log.action_dim)] += 0.25F;
  const auto bytes = EncodeLog(log);
  std::ofstream(LogPath(folder / "published", key), std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const Verification verification = VerifyRun(folder / "published", options, nullptr);
  EXPECT_EQ(verification.Different(), 1);
  const Difference& first = verification.episodes[0].differences.at(0);
  EXPECT_EQ(first.step, step);
  EXPECT_EQ(first.field, "state (hash)");
}

TEST(PublishTest, ControlsGoWithTheirRunOrNothingDoes) {
  const TempFolder folder;
  SmallRun run;
  run.Go(folder / "run");
  SmallRun blank;
  blank.control = Control::kBlankInstruction;
  const auto part = ControlFolder(folder / "run", blank.control);
  blank.Go(part);
  run.Go(folder / "run", RunStart::kResume);  // pairs them
  PublishRun(folder / "run", folder / "published");
  VerifyOptions options;
  options.find_task = run.Tasks();
  for (const auto& published : {folder / "published", ControlFolder(folder / "published", blank.control)}) {
    const Verification verification = VerifyRun(published, options, nullptr);
    EXPECT_TRUE(verification.Agrees()) << FormatVerification(verification, published);
    EXPECT_GT(verification.episodes.at(0).steps, 0);
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "published/controls.json"));

  std::filesystem::remove(part / "summary.json");
  ExpectError<InputError>([&] { PublishRun(folder / "run", folder / "again"); }, {"blank_instruction", "complete run"});
  EXPECT_FALSE(std::filesystem::exists(folder / "again"));
}

TEST(PublishTest, AStoppedRunIsRefused) {
  const TempFolder folder;
  const SmallRun run;
  run.Go(folder / "run");
  std::filesystem::remove(folder / "run" / "summary.json");
  ExpectError<InputError>([&] { PublishRun(folder / "run", folder / "published"); }, {"complete run", "--resume"});
  EXPECT_FALSE(std::filesystem::exists(folder / "published"));
}

}  // namespace
}  // namespace divla
