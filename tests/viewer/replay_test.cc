// An episode of a run folder in the viewer: logged against played again.
#include <gtest/gtest.h>

#include <fstream>

#include "harness/file_write.h"
#include "harness/log.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/small_run.h"
#include "tests/harness/temp_folder.h"
#include "viewer/session.h"

namespace divla {
namespace {

class ViewerReplayTest : public testing::Test {
 protected:
  ViewerReplayTest() { run_.Go(folder_ / "run"); }

  std::string Name(const std::string& key) const { return (folder_ / "run").string() + ":" + key; }
  SourceOptions Tasks(bool with_agent) const {
    SourceOptions options;
    options.find_task = run_.Tasks();
    if (with_agent) {
      options.make_agent = [agents = run_.Agents()](const EpisodeChoice&, RendererSource renderer) {
        return agents(std::move(renderer));
      };
    }
    return options;
  }

  TempFolder folder_;
  SmallRun run_;
};

TEST_F(ViewerReplayTest, TheRunsPolicyGivesTheLoggedStates) {
  Session session(Tasks(true));
  session.Open(ChoiceOfRun(Name("cube_to_coloured_box.environment_sensor_noise.2.0001")));
  session.PlayTo(kEpisodeLine, 100);
  session.WaitIdle();
  const auto view = session.View();
  ASSERT_EQ(view->error, "");
  ASSERT_TRUE(view->facts->logged);
  EXPECT_EQ(view->lines.at(0).log_differs_at, -1);
  EXPECT_EQ(view->lines[0].Last(), view->facts->log->Steps());
  ASSERT_TRUE(view->lines[0].record);
  // The run was played in groups of two, the viewer plays alone: the record is the same.
  EXPECT_EQ(ToJson(*view->lines[0].record), ToJson(*view->facts->logged));
}

// The policy "waving" of the run is no policy of this program.
TEST_F(ViewerReplayTest, ARunWhosePolicyIsNotThereIsPlayedFromItsLog) {
  Session session(Tasks(false));
  session.Open(ChoiceOfRun(Name("cube_to_coloured_box.none.0.0000")));
  session.PlayTo(kEpisodeLine, 100);
  session.WaitIdle();
  const auto view = session.View();
  ASSERT_EQ(view->error, "");
  EXPECT_NE(view->facts->note.find("waving"), std::string::npos);
  EXPECT_EQ(view->lines.at(0).log_differs_at, -1);
  EXPECT_EQ(view->lines[0].steps.at(1)->query->reasoning.text, "Pick the purple cube.");
  // What it was shown is drawn again: with it the record is whole, hash of the pictures included.
  ASSERT_TRUE(view->lines[0].steps.at(1)->pictures && view->lines[0].record);
  EXPECT_TRUE(view->lines[0].steps[1]->pictures->given);
  EXPECT_EQ(ToJson(*view->lines[0].record), ToJson(*view->facts->logged));
  session.Seek(kEpisodeLine, 1);
  session.PlayTo(kEpisodeLine, 100);
  session.WaitIdle();
  EXPECT_EQ(session.View()->lines[0].replay_differs_at, -1);
}

// A checkpoint that is not strict answers a little differently in another batch. The log is played, the policy a branch.
TEST_F(ViewerReplayTest, AnEpisodeOfACheckpointIsPlayedFromItsLogAndBranchedByThePolicy) {
  SmallRun run;
  run.suite.cells = {{"cube_to_coloured_box", "none", 0, 3}};
  run.suite.group_size = 3;
  run.horizon = 20;
  RunFolder folder(CreateRunFolder(folder_ / "tiny"),
                   DescribeRun(run.suite, {.policy = "divla-tiny", .shard = {}, .command = {"divla", "eval"}},
                               *MakeAgent("divla-tiny", nullptr)));
  EvaluationOptions evaluation{.workers = 1, .frames = ReportFrames::kNone, .stop = {}, .find_task = run.Tasks()};
  RunGroups(
      folder, run.suite, GroupsLeft(folder),
      [](RendererSource renderer) { return MakeAgent("divla-tiny", std::move(renderer)); }, evaluation, {}, nullptr);
  SourceOptions options;
  options.find_task = run.Tasks();
  Session session(options);
  session.Open(ChoiceOfRun((folder_ / "tiny").string() + ":cube_to_coloured_box.none.0.0001"));
  session.PlayTo(kEpisodeLine, 100);
  session.WaitIdle();
  auto view = session.View();
  ASSERT_EQ(view->error, "");
  EXPECT_EQ(view->lines.at(0).log_differs_at, -1);
  ASSERT_TRUE(view->lines[0].record);
  EXPECT_EQ(ToJson(*view->lines[0].record), ToJson(*view->facts->logged));

  Edits edits;
  edits.reasoning = "The blue box is on the left.";
  session.Branch(12, edits);
  session.PlayTo(kBranchLine, 20);
  session.WaitIdle();
  view = session.View();
  ASSERT_EQ(view->error, "");
  const QueryView& asked = *view->lines.at(1).steps.at(13)->query;
  EXPECT_EQ(asked.step, 12);
  EXPECT_EQ(asked.number, 2) << "after the queries at steps 0 and 8";
  EXPECT_EQ(asked.reasoning.text, "The blue box is on the left.");
  EXPECT_EQ(asked.planned.size, 16);
}

TEST_F(ViewerReplayTest, ADifferenceFromTheLogHasItsStep) {
  const EpisodeKey key{"cube_to_coloured_box", "none", 0, 1};
  const auto file = LogPath(folder_ / "run", key);
  EpisodeLog log = ReadLog(file);
  log.states[static_cast<std::size_t>(3 * log.state_size) + 5] += 1e-12;
  WriteFileAtomically(file, EncodeLog(log));
  Session session(Tasks(true));
  session.Open(ChoiceOfRun(Name(ToString(key))));
  session.PlayTo(kEpisodeLine, 100);
  session.WaitIdle();
  EXPECT_EQ(session.View()->lines.at(0).log_differs_at, 3);
}

TEST_F(ViewerReplayTest, WrongNamesAndDamagedLogsAreRefused) {
  ExpectError<InputError>([&] { ChoiceOfRun("runs"); }, {"--replay", "RUN:KEY", "'runs'"});
  ExpectError<InputError>([&] { ChoiceOfRun(Name("cube.none.0.0000")); },
                          {"--replay", "cube_to_coloured_box.none.0.0000", "'cube.none.0.0000'"});
  ExpectError<InputError>([&] { ChoiceOfRun((folder_ / "nowhere").string() + ":a.none.0.0000"); },
                          {"nowhere", "run.json"});
  const EpisodeKey key{"cube_to_coloured_box", "none", 0, 2};
  std::ofstream(LogPath(folder_ / "run", key), std::ios::app) << "x";
  Session session(Tasks(true));
  session.Open(ChoiceOfRun(Name(ToString(key))));
  session.WaitIdle();
  EXPECT_NE(session.View()->error.find("damaged"), std::string::npos) << session.View()->error;
  EXPECT_EQ(session.View()->state, SessionState::kEmpty);
}

}  // namespace
}  // namespace divla
