#include "harness/run_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/json_fields.h"
#include "harness/summary.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/sample_records.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

EpisodeLog EmptyLog(const EpisodeRecord& record) {
  EpisodeLog log;
  log.key = record.key;
  log.state_size = 1;
  log.states = {0.0};
  return log;
}

TEST(CreateRunFolderTest, NeverUsesAFolderThatHoldsSomething) {
  const TempFolder folder;
  std::ofstream(folder / "mine.txt") << "precious";
  ExpectError<InputError>([&] { CreateRunFolder(folder.Path()); }, {folder.Path().string(), "empty", "1 entries"});
  std::ofstream(folder / "run.json") << "{}";
  ExpectError<InputError>([&] { CreateRunFolder(folder.Path()); }, {"2 entries", "--resume goes on with it"});
  ExpectError<InputError>([&] { CreateRunFolder(folder / "mine.txt"); }, {"mine.txt", "found a file"});
  EXPECT_NO_THROW(CreateRunFolder(folder / "a/b/c"));
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
}

TEST(CreateRunFolderTest, AnUnwritablePlaceIsAFailingMachine) {
  ExpectError<MachineError>([] { CreateRunFolder("/proc/divla-run"); }, {"/proc/divla-run", "cannot be made"});
}

TEST(CreateRunFolderTest, NumbersNeverRepeat) {
  const TempFolder folder;
  EXPECT_EQ(CreateNumberedRunFolder(folder.Path(), "quick-hold").filename(), "quick-hold-1");
  EXPECT_EQ(CreateNumberedRunFolder(folder.Path(), "quick-hold").filename(), "quick-hold-2");
}

TEST(RunFolderTest, HoldsWhatTheContractSays) {
  const TempFolder folder;
  const auto path = CreateRunFolder(folder / "run");
  RunFolder run(path, SampleInfo());
  const EpisodeRecord late = SampleRecord("b", 0, true), early = SampleRecord("a", 10, false);
  Image picture{2, 2, std::vector<std::uint8_t>(12, 100)};
  run.Append(late, EmptyLog(late), {picture, picture}, 1.5);
  run.Append(early, EmptyLog(early), {}, 0.5);
  EXPECT_TRUE(std::filesystem::exists(FirstFramePath(path, late.key)));
  EXPECT_TRUE(std::filesystem::exists(LastFramePath(path, late.key)));
  EXPECT_FALSE(std::filesystem::exists(FirstFramePath(path, early.key)));
  EXPECT_EQ(ReadLog(LogPath(path, early.key)).key, early.key);

  // The journal is in order of finishing, the episodes in order of keys.
  const auto journal = ReadJournal(path / "journal.jsonl");
  ASSERT_EQ(journal.size(), 2u);
  EXPECT_EQ(journal[0].key, late.key);
  const std::vector<EpisodeRecord> records{late, early};
  run.Finish(records, Summarize(SampleInfo(), records, {}, false));
  const auto episodes = ReadEpisodes(path);
  ASSERT_EQ(episodes.size(), 2u);
  EXPECT_EQ(episodes[0].key, early.key);
  EXPECT_EQ(ReadRunInfo(path).suite, "quick");
  EXPECT_EQ(ReadRunSummary(path).n, 2);
  EXPECT_EQ(EpisodeLines({late, early}), EpisodeLines({early, late}));
  // No clock time where a rerun must be byte-identical.
  EXPECT_EQ(ReadTextFile(path / "episodes.jsonl").find("seconds\":1.5"), std::string::npos);
  EXPECT_NE(ReadTextFile(path / "timing.jsonl").find("\"wall_seconds\":1.5"), std::string::npos);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
}

TEST(JournalTest, ATornLastLineIsDroppedAndABadOneIsNot) {
  const TempFolder folder;
  {
    Journal journal(folder / "journal.jsonl");
    journal.Append(SampleRecord("a", 0, true));
    journal.Append(SampleRecord("a", 1, true));
  }
  std::ofstream(folder / "journal.jsonl", std::ios::app) << "{\"key\":{\"task";
  EXPECT_EQ(ReadJournal(folder / "journal.jsonl").size(), 2u);
  std::ofstream(folder / "journal.jsonl", std::ios::app) << "\n";
  ExpectError<InputError>([&] { ReadJournal(folder / "journal.jsonl"); }, {"line 3", "JSON"});
}

TEST(WriteFileAtomicallyTest, ReplacesAndNamesTheFailure) {
  const TempFolder folder;
  WriteFileAtomically(folder / "x", std::string_view("one"));
  WriteFileAtomically(folder / "x", std::string_view("two"));
  EXPECT_EQ(ReadTextFile(folder / "x"), "two");
  ExpectError<MachineError>([] { WriteFileAtomically("/proc/none/x", std::string_view("y")); },
                            {"/proc/none/x", "cannot"});
}

TEST(WriteFileIfChangedTest, LeavesEqualBytesAlone) {
  const TempFolder folder;
  WriteFileAtomically(folder / "x", std::string_view("one"));
  std::filesystem::create_hard_link(folder / "x", folder / "same");
  WriteFileIfChanged(folder / "x", "one");
  EXPECT_TRUE(std::filesystem::equivalent(folder / "x", folder / "same"));
  WriteFileIfChanged(folder / "x", "two");  // of the same length
  EXPECT_EQ(ReadTextFile(folder / "x"), "two");
  EXPECT_EQ(ReadTextFile(folder / "same"), "one");
  WriteFileIfChanged(folder / "new", "");
  EXPECT_TRUE(std::filesystem::exists(folder / "new"));
}

TEST(LineFileTest, FailsWhenTheDiskIsFull) {
  LineFile full("/dev/full");
  ExpectError<MachineError>([&] { full.Append("x"); }, {"/dev/full", "cannot write", "space"});
  ExpectError<MachineError>([&] { full.Append("x"); }, {"/dev/full", "failed write"});
}

TEST(LineFileTest, CutsOffWhatWasNeverFinished) {
  const TempFolder folder;
  const std::string long_line(100'000, 'y');
  for (const std::string& whole : {std::string(), std::string("a\n"), std::string("a\n\nb\n")}) {
    for (const std::string& torn : {std::string(), std::string("c"), long_line}) {
      std::ofstream(folder / "x", std::ios::trunc) << whole << torn;
      LineFile lines(folder / "x");
      lines.CutTornLine();
      EXPECT_EQ(ReadTextFile(folder / "x"), whole);
      lines.Append("d");
      EXPECT_EQ(ReadTextFile(folder / "x"), whole + "d\n");
    }
  }
}

TEST(LineFileTest, TheLockIsHeldUntilTheFileIsClosed) {
  const TempFolder folder;
  auto first = std::make_unique<LineFile>(folder / "x");
  EXPECT_TRUE(first->TryLock());
  LineFile second(folder / "x");
  EXPECT_FALSE(second.TryLock());
  first.reset();
  EXPECT_TRUE(second.TryLock());
}

}  // namespace
}  // namespace divla
