#include "harness/run.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>

#include "harness/file_write.h"
#include "harness/provenance.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/fake_menagerie.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// Two episodes in one group and one in another, with pictures.
SmallRun Tiny() {
  SmallRun run;
  run.suite.cells = {{"cube_to_coloured_box", "none", 0, 3}};
  run.horizon = 2;
  return run;
}

std::atomic<int> steps_left{0};

void KillAtStep(const char*, const fs::path&) {
  if (--steps_left == 0) ::kill(::getpid(), SIGKILL);
}

// Runs in another process, which ends itself before its `step`-th change of the disk; true when it came to its end
// before that.
bool FinishesBefore(int step, const SmallRun& run, const fs::path& path, RunStart start) {
  const pid_t child = ::fork();
  if (child == 0) {
    steps_left = step;
    SetDiskStepHook(KillAtStep);
    try {
      run.Go(path, start);
      ::_exit(0);
    } catch (const std::exception&) {
      ::_exit(1);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE((WIFEXITED(status) && WEXITSTATUS(status) == 0) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
      << "status " << status << " at step " << step;
  return WIFEXITED(status);
}

// Every moment between two changes of the disk, and in the middle of every write: killed there, killed again while it
// goes on, then gone on with to the end.
TEST(ResumeTest, AKillAtAnyStepOfTheDiskLeavesTheSameBytes) {
  const TempFolder folder;
  SmallRun run = Tiny();
  run.suite.cells[0].episodes = 2;  // one group: between its two lines it is finished in part
  run.info = run.Info();
  run.Go(folder / "whole");
  const auto expected = Results(folder / "whole");
  int killed = 0;
  for (int step = 1;; ++step) {
    const fs::path path = folder / "run";
    const bool finished = FinishesBefore(step, run, path, RunStart::kNew);
    FinishesBefore(1 + step * 7 % 40, run, path, RunStart::kResume);
    run.Go(path, RunStart::kResume);
    ASSERT_EQ(Results(path), expected) << "killed before step " << step;
    fs::remove_all(path);
    if (finished) break;
    ++killed;
  }
  EXPECT_GT(killed, 60);
}

TEST(ResumeTest, ACompleteRunIsLeftAlone) {
  const TempFolder folder;
  const SmallRun run = Tiny();
  run.Go(folder / "run");
  const auto before = Files(folder / "run");
  std::map<std::string, fs::file_time_type> times;
  for (const auto& [name, bytes] : before) times[name] = fs::last_write_time(folder / "run" / name);
  const RunOutcome outcome = run.Go(folder / "run", RunStart::kResume);
  EXPECT_EQ(outcome.kept, 3);
  EXPECT_EQ(outcome.ran, 0);
  EXPECT_EQ(Files(folder / "run"), before);
  for (const auto& [name, time] : times) EXPECT_EQ(fs::last_write_time(folder / "run" / name), time) << name;
}

TEST(ResumeTest, AMissingLogOrPictureIsMadeAgain) {
  const TempFolder folder;
  const SmallRun run = Tiny();
  run.Go(folder / "run");
  const auto before = Results(folder / "run");
  for (const char* name :
       {"logs/cube_to_coloured_box.none.0.0001.bin", "frames/cube_to_coloured_box.none.0.0002.last.png", "summary.json",
        "report.html", "episodes.jsonl"}) {
    ASSERT_TRUE(fs::remove(folder / "run" / name)) << name;
    run.Go(folder / "run", RunStart::kResume);
    EXPECT_EQ(Results(folder / "run"), before) << name;
  }
}

TEST(ResumeTest, AStoppedRunGoesOn) {
  const TempFolder folder;
  SmallRun run = Tiny();
  run.Go(folder / "whole");
  int asked = 0;
  run.stop = [&] { return ++asked > 5; };
  EXPECT_TRUE(run.Go(folder / "run").summary.interrupted);
  run.stop = {};
  EXPECT_FALSE(run.Go(folder / "run", RunStart::kResume).summary.interrupted);
  EXPECT_EQ(Results(folder / "run"), Results(folder / "whole"));
}

// A group that was finished in part is run again: its episodes must come out as they stand in the journal.
TEST(ResumeTest, APolicyThatDoesNotRepeatItselfIsAnError) {
  const TempFolder folder;
  SmallRun run = Tiny();
  run.Go(folder / "run");
  const auto journal = folder / "run/journal.jsonl";
  const std::string lines = ReadTextFile(journal);
  std::ofstream(journal, std::ios::trunc) << lines.substr(0, lines.find('\n') + 1);
  run.wave = 0.03F;
  ExpectError<InputError>(
      [&] { run.Go(folder / "run", RunStart::kResume); },
      {"journal.jsonl", "cube_to_coloured_box.none.0.0000", "hash.actions", "does not repeat itself"});
}

TEST(ResumeTest, ADamagedJournalIsRefused) {
  const TempFolder folder;
  const SmallRun run = Tiny();
  run.Go(folder / "run");
  const auto journal = folder / "run/journal.jsonl";
  const std::string lines = ReadTextFile(journal);
  const auto with = [&](const std::string& text, std::initializer_list<std::string> parts) {
    std::ofstream(journal, std::ios::trunc) << text;
    ExpectError<InputError>([&] { run.Go(folder / "run", RunStart::kResume); }, parts);
  };
  with(lines.substr(0, 40) + "\n" + lines, {"journal.jsonl line 1", "JSON"});
  std::string other = lines;
  other.replace(other.find("\"index\":0"), 9, "\"index\":7");
  with(other, {"line 1", "an episode of this run", "cube_to_coloured_box.none.0.0007"});
  std::string twice = lines.substr(0, lines.find('\n') + 1);
  twice.replace(twice.find("\"steps\":2"), 9, "\"steps\":1");
  with(lines + twice, {"line 4", "twice", "steps"});
  std::ofstream(journal, std::ios::trunc) << lines << lines;  // equal lines say nothing else
  EXPECT_NO_THROW(run.Go(folder / "run", RunStart::kResume));
}

TEST(ResumeTest, OnlyOneProcessWorksInAFolder) {
  const TempFolder folder;
  const SmallRun run = Tiny();
  const RunFolder open(CreateRunFolder(folder / "run"), run.Info());
  ExpectError<InputError>([&] { run.Go(folder / "run", RunStart::kResume); }, {"no other process", "journal.jsonl"});
}

// Runs in another process after `prepare`; 0, or 3 for a MachineError, or 2 for an InputError.
int CodeOf(const SmallRun& run, const fs::path& path, RunStart start, const std::function<void()>& prepare) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      prepare();
      run.Go(path, start);
      ::_exit(0);
    } catch (const MachineError&) {
      ::_exit(3);
    } catch (const InputError&) {
      ::_exit(2);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A limit on the size of a file fails a write in the middle, as a full disk does.
TEST(ResumeTest, AFullDiskLosesNothing) {
  const TempFolder folder;
  SmallRun run = Tiny();
  run.frames = ReportFrames::kNone;
  run.Go(folder / "whole");
  const auto expected = Results(folder / "whole");
  const auto log = fs::file_size(folder / "whole/logs/cube_to_coloured_box.none.0.0000.bin");
  const auto journal = ReadTextFile(folder / "whole/journal.jsonl");
  int failed = 0;
  for (const std::size_t limit : {std::size_t{0}, std::size_t{100}, journal.find('\n') + 100, log - 1, log + 1}) {
    const fs::path path = folder / "run";
    const int code = CodeOf(run, path, RunStart::kNew, [&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit few{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &few);
    });
    EXPECT_EQ(code, 3) << limit;
    failed += code == 3;
    run.Go(path, RunStart::kResume);
    EXPECT_EQ(Results(path), expected) << limit;
    fs::remove_all(path);
  }
  EXPECT_EQ(failed, 5);
}

TEST(ResumeTest, AFolderThatCannotBeWrittenIsAFailingMachine) {
  const TempFolder folder;
  const SmallRun run = Tiny();
  run.Go(folder / "run");
  const auto expected = Results(folder / "run");
  fs::remove(folder / "run/summary.json");
  const auto nobody = [] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) throw InputError("cannot become another user");
  };
  fs::permissions(folder.Path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  for (const char* name : {"run", "run/logs", "run/frames"}) {
    fs::permissions(folder / name,
                    fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  }
  EXPECT_EQ(CodeOf(run, folder / "run", RunStart::kResume, nobody), 3);
  EXPECT_EQ(CodeOf(run, folder / "run/new", RunStart::kNew, nobody), 3);
  for (const char* name : {"run", "run/logs", "run/frames"}) fs::permissions(folder / name, fs::perms::owner_all);
  run.Go(folder / "run", RunStart::kResume);
  EXPECT_EQ(Results(folder / "run"), expected);
}

TEST(ResumeTest, AnotherFolderIsNotTakenForARun) {
  const TempFolder folder;
  std::ofstream(folder / "mine.txt") << "precious";
  ExpectError<InputError>([&] { ReopenRunFolder(folder.Path()); }, {"run.json", "mine.txt"});
  ExpectError<InputError>([&] { ReopenRunFolder(folder / "mine.txt"); }, {"found a file"});
  fs::create_directory(folder / "old");
  std::ofstream(folder / "old/journal.jsonl") << "{}\n";
  ExpectError<InputError>([&] { ReopenRunFolder(folder / "old"); }, {"run.json", "journal.jsonl"});
}

TEST(DescribeRunTest, SaysWhatIsRunAndSeen) {
  SmallRun run;
  run.options = {"--out", "x", "--resume"};
  run.shard = Shard{2, 3};
  const RunInfo info = run.Info();
  EXPECT_EQ(info.command, (std::vector<std::string>{"divla", "eval", "--out", "x"}));
  EXPECT_EQ(info.episodes, 1);  // groups of 2, 1 and 2
  EXPECT_EQ(info.cells, run.suite.cells);
  ASSERT_EQ(info.pictures->policy.size(), 1U);
  EXPECT_EQ(info.pictures->policy[0], (PolicyPictures{"panda", {"left", "wrist"}, 24, 32}));
  EXPECT_TRUE(info.versions.renderer.starts_with("software ")) << info.versions.renderer;
  EXPECT_EQ(info.pictures->looks, "");
  EXPECT_TRUE(info.versions.rules.empty());
  run.shard = Shard{4, 4};
  ExpectError<InputError>([&] { run.Info(); }, {"--shard", "groups (3)", "found 4"});
  run.shard.reset();
  run.suite.cells.push_back({"tray_lift", "none", 0, 1});
  EXPECT_EQ(run.Info().versions.rules, RulesInUse(run.suite.cells));
  EXPECT_EQ(run.Info().versions.rules.count("tray_lift"), 1U);
}

TEST(DescribeRunTest, SaysWhoseLooksThePicturesHave) {
  const FakeMenagerie folder;
  const SmallRun run;
  const RunInfo own = run.Info();
  const ScopedVariable on("DIVLA_MENAGERIE", folder.Root().string());
  const RunInfo info = run.Info();
  EXPECT_TRUE(info.pictures->looks.starts_with("panda of mujoco_menagerie ")) << info.pictures->looks;
  EXPECT_EQ(info.versions.renderer, own.versions.renderer + ", " + info.pictures->looks);
}

}  // namespace
}  // namespace divla
