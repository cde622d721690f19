// What is kept of a line: the run folder and the video against those that an evaluation makes.
#include "viewer/save.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "harness/compare/compare.h"
#include "harness/episode_video.h"
#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/proof/publish.h"
#include "harness/proof/verify.h"
#include "harness/run.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/short_task.h"
#include "tests/harness/temp_folder.h"
#include "viewer/session.h"

namespace divla {
namespace {

constexpr int kHorizon = 40;
constexpr const char* kKey = "cube_to_coloured_box.none.0.0002";

class SaveTest : public testing::TestWithParam<const char*> {
 protected:
  SaveTest() : task_("cube_to_coloured_box", kHorizon) {
    choice_.key = {"cube_to_coloured_box", "none", 0, 2};
    choice_.seed = 7;
    choice_.policy = "random";
  }
  SourceOptions Options() {
    SourceOptions options;
    options.find_task = [this](const std::string&) -> const Task& { return task_; };
    return options;
  }
  std::shared_ptr<const SessionView> Played(Session& session) {
    session.Open(choice_);
    session.PlayTo(kEpisodeLine, kHorizon);
    session.WaitIdle();
    return session.View();
  }
  Verification Verified(const std::filesystem::path& run) {
    VerifyOptions options;
    options.find_task = Options().find_task;
    options.frames = true;
    return VerifyRun(run, options, nullptr);
  }
  // Episodes 0 to 2 as `divla eval --video all` plays them.
  std::filesystem::path Evaluated() {
    Suite suite{.name = "three", .version = 1, .summary = "", .seed = 7, .group_size = 3, .cells = {}};
    suite.cells = {{"cube_to_coloured_box", "none", 0, 3}};
    RunRequest request{.policy = "random", .shard = {}, .command = {"divla", "eval"}};
    request.videos = RunVideos::kAll;
    RunFolder folder(CreateRunFolder(folder_ / "eval"), DescribeRun(suite, request, *MakeAgent("random", nullptr)));
    EvaluationOptions evaluation{.workers = 1, .stop = {}, .find_task = Options().find_task};
    RunGroups(
        folder, suite, GroupsLeft(folder),
        [](RendererSource renderer) { return MakeAgent("random", std::move(renderer)); }, evaluation, {}, nullptr);
    return folder_ / "eval";
  }

  ShortTask task_;
  EpisodeChoice choice_;
  TempFolder folder_;
};

TEST_F(SaveTest, AnUnchangedEpisodeIsWhatAnEvaluationKeepsByteForByte) {
  const std::filesystem::path eval = Evaluated();
  Session session(Options());
  ASSERT_EQ(Played(session)->error, "");
  session.Seek(kEpisodeLine, 11);  // also when the person looks at something else
  session.Export(kEpisodeLine, folder_ / "export");
  session.WaitIdle();
  ASSERT_EQ(session.View()->error, "");
  EXPECT_EQ(session.View()->saved, (folder_ / "export").string());
  EXPECT_EQ(session.View()->lines[0].live, 11) << "it stands where it stood";
  session.SaveVideo(kEpisodeLine, folder_ / "videos" / "line.mp4");
  session.WaitIdle();
  ASSERT_EQ(session.View()->error, "");

  const EpisodeKey& key = choice_.key;
  const std::string line = ReadTextFile(folder_ / "export" / "episodes.jsonl");
  EXPECT_NE(ReadTextFile(eval / "episodes.jsonl").find(line), std::string::npos);
  for (const auto& path : {LogPath("", key), FirstFramePath("", key), LastFramePath("", key)}) {
    EXPECT_EQ(ReadTextFile(folder_ / "export" / path), ReadTextFile(eval / path)) << path;
  }
  EXPECT_EQ(ReadTextFile(folder_ / "videos" / "line.mp4"), ReadTextFile(VideoPath(eval, key)));

  const Verification verified = Verified(folder_ / "export");
  EXPECT_TRUE(verified.Agrees()) << FormatVerification(verified, "export");
  EXPECT_TRUE(verified.frames);
  EXPECT_EQ(verified.info.suite, "viewer") << "of no suite";
  EXPECT_TRUE(std::filesystem::exists(folder_ / "export" / "report.html"));
  ExpectError<InputError>([&] { CompareRuns(eval, folder_ / "export", {}); }, {"suite.name", "viewer"});

  session.Export(kEpisodeLine, folder_ / "export");
  session.WaitIdle();
  EXPECT_NE(session.View()->error.find("new or empty"), std::string::npos) << session.View()->error;
}

TEST_F(SaveTest, AnEpisodeThatIsNotOverHasAVideoAndNoRunFolder) {
  Session session(Options());
  session.Open(choice_);
  session.PlayTo(kEpisodeLine, 12);
  session.WaitIdle();
  session.Export(kEpisodeLine, folder_ / "export");
  session.WaitIdle();
  EXPECT_NE(session.View()->error.find("played to step 12"), std::string::npos) << session.View()->error;
  EXPECT_EQ(session.View()->lines.at(0).live, 12);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "export"));
  session.SaveVideo(kEpisodeLine, folder_ / "open.mp4");
  session.WaitIdle();
  EXPECT_EQ(session.View()->error, "");
  EXPECT_GT(std::filesystem::file_size(folder_ / "open.mp4"), 1000U);
  session.SaveVideo(kEpisodeLine, folder_ / "open.mp4" / "no.mp4");  // below a file
  session.WaitIdle();
  EXPECT_NE(session.View()->error.find("no.mp4"), std::string::npos) << session.View()->error;
}

Edits EditsNamed(const std::string& name, const EpisodeFacts& facts) {
  Edits edits;
  if (name == "instruction") edits.instruction = facts.instructions.at(1);
  if (name == "moved") edits.moved = MovedObject{facts.plan.target, {0.03, 0, 0.02}};
  if (name == "push") edits.push = Push{facts.hands.at(0), {0, 60, 0}, 5};
  if (name == "swapped") edits.swapped = SwappedObject{facts.plan.target, "green_ball"};
  if (name == "light") edits.light = ChangedLight{0.3, 1.0};
  if (name == "camera") edits.camera = ChangedCamera{0.3, 0.1, 0.9};
  if (name == "asked anew") edits.ask_anew = true;
  return edits;
}

// A person's change goes into run.json; with it the log is played again to the bit, by verify and by the viewer.
TEST_P(SaveTest, AChangedBranchSaysSoAndPlaysAgain) {
  Session session(Options());
  const auto facts = Played(session)->facts;
  ASSERT_NE(facts, nullptr);
  session.Branch(13, EditsNamed(GetParam(), *facts));
  session.PlayTo(kBranchLine, kHorizon);
  session.WaitIdle();
  session.Export(kBranchLine, folder_ / "export");
  session.WaitIdle();
  const auto view = session.View();
  ASSERT_EQ(view->error, "");
  ASSERT_TRUE(view->lines.at(1).record);

  const std::vector<EditsAt> edits = ReadEdits(folder_ / "export");
  ASSERT_EQ(edits.size(), 1U);
  EXPECT_EQ(edits[0].step, 13);
  EXPECT_EQ(Describe(edits[0].edits), view->lines[1].changed);
  const Verification verified = Verified(folder_ / "export");
  EXPECT_TRUE(verified.Agrees()) << FormatVerification(verified, "export");
  ASSERT_FALSE(verified.notes.empty());
  EXPECT_NE(verified.notes[0].find("a person changed this episode at step 13"), std::string::npos);
  EXPECT_NE(ReadTextFile(folder_ / "export" / "report.md").find("A person changed this episode"), std::string::npos);
  ExpectError<InputError>([&] { CompareRuns(folder_ / "export", folder_ / "export", {.unpaired = true}); },
                          {"'edited'", "step 13"});
  ExpectError<InputError>([&] { PublishRun(folder_ / "export", folder_ / "published"); }, {"'edited'", "step 13"});

  Session replay(Options());
  replay.Open(ChoiceOfRun((folder_ / "export").string() + ":" + kKey));
  replay.PlayTo(kEpisodeLine, kHorizon);
  replay.WaitIdle();
  const auto again = replay.View();
  ASSERT_EQ(again->error, "");
  EXPECT_EQ(again->lines.at(0).log_differs_at, -1);
  ASSERT_TRUE(again->lines[0].record);
  EXPECT_EQ(ToJson(*again->lines[0].record), ToJson(*view->lines[1].record));
  EXPECT_NE(again->lines[0].changed.find("at step 13"), std::string::npos);
  // Across the change and back, and exported once more.
  for (const int step : {4, 30, 13, 12}) {
    replay.Seek(kEpisodeLine, step);
    replay.WaitIdle();
  }
  replay.PlayTo(kEpisodeLine, kHorizon);
  replay.WaitIdle();
  replay.Export(kEpisodeLine, folder_ / "again");
  replay.WaitIdle();
  ASSERT_EQ(replay.View()->error, "");
  EXPECT_EQ(replay.View()->lines[0].replay_differs_at, -1);
  EXPECT_EQ(ReadTextFile(folder_ / "again" / "episodes.jsonl"), ReadTextFile(folder_ / "export" / "episodes.jsonl"));
  EXPECT_EQ(ReadTextFile(folder_ / "again" / LogPath("", choice_.key)),
            ReadTextFile(folder_ / "export" / LogPath("", choice_.key)));
}

TEST_F(SaveTest, PushesOfTheMouseStandInTheExportAndPlayAgain) {
  Session session(Options());
  const auto facts = Played(session)->facts;
  session.Branch(13, {});
  int step = 13;
  for (const double force : {20.0, 35.0, -10.0}) {
    session.HoldPush(Push{facts->hands.at(0), {0, force, 0}, 1});
    session.PlayTo(kBranchLine, step += 2);
    session.WaitIdle();
  }
  session.HoldPush(std::nullopt);
  session.PlayTo(kBranchLine, kHorizon);
  session.WaitIdle();
  session.Export(kBranchLine, folder_ / "export");
  session.WaitIdle();
  ASSERT_EQ(session.View()->error, "");
  const std::vector<EditsAt> edits = ReadEdits(folder_ / "export");
  ASSERT_EQ(edits.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(edits[i].step, 13 + 2 * static_cast<int>(i));
    EXPECT_EQ(edits[i].edits.push->steps, 2);
  }
  const Verification verified = Verified(folder_ / "export");
  EXPECT_TRUE(verified.Agrees()) << FormatVerification(verified, "export");
}

// Without the change that run.json names the states are others: verify finds a change that was left out.
TEST_F(SaveTest, AChangeThatIsLeftOutIsFound) {
  Session session(Options());
  const auto facts = Played(session)->facts;
  session.Branch(13, EditsNamed("push", *facts));
  session.PlayTo(kBranchLine, kHorizon);
  session.WaitIdle();
  session.Export(kBranchLine, folder_ / "export");
  session.WaitIdle();
  ASSERT_EQ(session.View()->error, "");
  nlohmann::json run = nlohmann::json::parse(ReadTextFile(folder_ / "export" / "run.json"));
  run.erase("edited");
  WriteFileAtomically(folder_ / "export" / "run.json", run.dump(2));
  const Verification verified = Verified(folder_ / "export");
  ASSERT_EQ(verified.Different(), 1);
  EXPECT_EQ(verified.episodes[0].differences.at(0).step, 13) << "the step that it pushed in";
}

TEST(FreeNameTest, NothingIsOverwritten) {
  const TempFolder folder;
  EXPECT_EQ(FreeName(folder.Path(), "a.none.0.0001", ".mp4"), folder / "a.none.0.0001.mp4");
  WriteFileAtomically(folder / "a.mp4", std::string("x"));
  WriteFileAtomically(folder / "a-2.mp4", std::string("x"));
  EXPECT_EQ(FreeName(folder.Path(), "a", ".mp4"), folder / "a-3.mp4");
  EXPECT_EQ(FreeName(folder.Path(), "a", ""), folder / "a");
}

INSTANTIATE_TEST_SUITE_P(Changes, SaveTest,
                         testing::Values("instruction", "moved", "push", "swapped", "light", "camera", "asked anew"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::erase(name, ' ');
                           return name;
                         });

}  // namespace
}  // namespace divla
