// Runs the built program as a person would: exit codes, one-line errors, and the folders it leaves.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/film_strip.h"
#include "harness/json_fields.h"
#include "harness/provenance.h"
#include "harness/records/records.h"
#include "tests/harness/divla_program.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

TEST(CommandLineTest, BadInputIsTwoAndOneLine) {
  const TempFolder folder;
  const std::string out = " --out " + (folder / "run").string();
  ExpectRefused("eval --policy hold --task fly" + out, 2, "fly");
  ExpectRefused("eval --policy hold --task cube_to_coloured_box,fly" + out, 2, "found 'fly'");  // commas part tasks
  ExpectRefused("eval --policy hold --suite quack" + out, 2, "quack");
  ExpectRefused("eval --policy nobody" + out, 2, "nobody");
  ExpectRefused("eval --policy hold --episodes 0x" + out, 2, "--episodes");
  ExpectRefused("eval --policy hold --seed 1000000" + out, 2, "--seed");
  ExpectRefused("eval --policy hold --workers 0" + out, 2, "--workers");
  ExpectRefused("eval --policy hold --frames some" + out, 2, "--frames");
  ExpectRefused("eval --policy hold --video some" + out, 2, "--video");
  ExpectRefused("eval --policy hold --renderer vulkan" + out, 2, "--renderer");
  ExpectRefused("eval --policy hold --latency-ms -1" + out, 2, "--latency-ms");
  ExpectRefused("eval --policy hold --latency wait" + out, 2, "--latency");
  ExpectRefused("eval --policy expert --latency-ms 50" + out, 2, "--latency-ms");
  ExpectRefused("eval --policy ws://" + out, 2, "ws://HOST:PORT");
  ExpectRefused("eval --policy wss://localhost" + out, 2, "ws://HOST:PORT");
  ExpectRefused("eval --policy ws://localhost:1 --profile pusht" + out, 2, "--profile");
  ExpectRefused("eval --policy ws://localhost:1 --strict" + out, 2, "strict");
  // Port 1 (tcpmux) is used by nobody.
  ExpectRefused("eval --policy ws://127.0.0.1:1 --connect-tries 1" + out, 3, "no policy server answers");
  ExpectRefused("list tasks --sheet x.png --renderer vulkan", 2, "--renderer");
  ExpectRefused("list suites --crosscheck x.png", 2, "--crosscheck");
  ExpectRefused("compare " + (folder / "a").string() + " " + (folder / "b").string(), 2, "run.json");
  ExpectRefused("compare one", 2, "run");
  ExpectRefused("report", 2, "runs");
  ExpectRefused("report " + (folder / "a").string(), 2, "run.json");
  ExpectRefused("compare one two --alpha 2", 2, "--alpha");
  ExpectRefused("compare one two --alpha 0.00001", 2, "--alpha");
  ExpectRefused("compare one two --margin -1", 2, "--margin");
  ExpectRefused("compare one two --budget 5", 2, "--sequential");
  ExpectRefused("compare one two --sequential --budget 0", 2, "--budget");
  ExpectRefused("compare one two --sequential --unpaired", 2, "--unpaired");
  ExpectRefused("compare one two --sequential --junit x.xml", 2, "--junit");
  ExpectRefused("compare one two --junit", 2, "--junit");
  ExpectRefused("compare one two --unpaired", 2, "run.json");
  ExpectRefused("compare one two --alpha nan", 2, "--alpha");
  ExpectRefused("compare one two --margin nan", 2, "--margin");
  for (const char* option : {"--points", "--discordance", "--power", "--alpha", "--base-rate"}) {
    for (const char* value : {"nan", "inf", "1e300", "-1", "x", "''"}) {
      ExpectRefused(std::string("power ") + option + " " + value, 2, option);
    }
  }
  ExpectRefused("power --points 0", 2, "--points");
  ExpectRefused("power --points five", 2, "--points");
  ExpectRefused("power --discordance 2", 2, "--discordance");
  ExpectRefused("power --power 1", 2, "--power");
  ExpectRefused("power --base-rate -0.1", 2, "--base-rate");
  ExpectRefused("power --suite quack", 2, "quack");
  ExpectRefused("power 5", 2, "5");
  ExpectRefused("eval --colour red", 2, "--colour");
  ExpectRefused("dance", 2, "dance");
  ExpectRefused("list stars", 2, "stars");
  ExpectRefused("demo --task fly" + out, 2, "fly");
  ExpectRefused("demo --task cube_to_coloured_box --seed 3" + out, 2, "--seed");
  ExpectRefused("demo --task cube_to_coloured_box --render 96" + out, 2, "--render");
  ExpectRefused("demo --task cube_to_coloured_box", 2, "--out");
  ExpectRefused("demo --check " + folder.Path().string(), 2, "demo.json");
  ExpectRefused("demo --check x --task cube_to_coloured_box", 2, "--check");
  ExpectRefused("vqa --policy expert" + out, 2, "expert");
  ExpectRefused("vqa --policy nobody" + out, 2, "nobody");
  ExpectRefused("vqa --policy hold --per-kind 0" + out, 2, "--per-kind");
  ExpectRefused("vqa --policy hold --task fly" + out, 2, "fly");
  ExpectRefused("train /nowhere.json --data /nowhere" + out, 2, "nowhere");
  std::ofstream(folder / "train.json") << R"({"tasks": {}})";
  ExpectRefused("train " + (folder / "train.json").string() + out, 2, "--data");
  std::ofstream(folder / "suite.json") << R"({"format":"divla-suite","name":3})";
  ExpectRefused("eval --policy hold --suite " + (folder / "suite.json").string() + out, 2, "'name'");
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));  // nothing was written for a wrong command
}

TEST(CommandLineTest, AnUnwritableFolderIsThreeAndAFullOneTwo) {
  const TempFolder folder;
  ExpectRefused("eval --policy hold --episodes 1 --out /proc/run", 3, "/proc/run");
  std::ofstream(folder / "mine") << "x";
  ExpectRefused("eval --policy hold --episodes 1 --out " + folder.Path().string(), 2, "empty");
}

TEST(CommandLineTest, HelpIsZero) {
  for (const char* command : {"--help", "eval --help", "list --help", "demo --help", "train --help", "bench --help",
                              "compare --help", "vqa --help", "power --help", "report --help"}) {
    EXPECT_EQ(Divla(command).code, 0) << command;
  }
  EXPECT_NE(Divla("--help").out.find("eval"), std::string::npos);
}

// ./divla has commands that this program has not.
TEST(CommandLineTest, TheLaunchersCommandsAreNamed) {
  ExpectRefused("nonsense", 2, "report, serve, found 'nonsense'");
  setenv("DIVLA_LAUNCHER", "view=look at an episode\ntest=run the tests", 1);
  ExpectRefused("nonsense", 2, "report, serve, view, test, found 'nonsense'");
  const Answer help = Divla("--help");
  unsetenv("DIVLA_LAUNCHER");
  EXPECT_EQ(help.code, 0);
  EXPECT_NE(help.out.find("look at an episode"), std::string::npos);
}

TEST(CommandLineTest, ListsEverything) {
  EXPECT_NE(Divla("list suites").out.find("quick"), std::string::npos);
  EXPECT_NE(Divla("list tasks").out.find("cube_to_coloured_box"), std::string::npos);
  EXPECT_NE(Divla("list robots").out.find("agilex"), std::string::npos);
  EXPECT_NE(Divla("list policies").out.find("expert"), std::string::npos);
  const auto objects = nlohmann::json::parse(Divla("list objects --json").out);
  EXPECT_FALSE(objects.empty());
  for (const char* key : {"phrases_seen", "attributes", "grasps", "size_m", "lists", "split", "family"}) {
    EXPECT_TRUE(objects[0].contains(key)) << key;
  }
  EXPECT_NE(Divla("list objects").out.find(std::to_string(objects.size()) + " objects in "), std::string::npos);
}

TEST(CommandLineTest, EvalLeavesARunFolderThatDoesNotDependOnWorkers) {
  const TempFolder folder;
  for (const char* workers : {"1", "2"}) {
    const Answer answer =
        Divla("eval --suite quick --task cube_to_coloured_box --episodes 3 --policy expert --quiet --workers " +
              std::string(workers) + " --out " + (folder / workers).string());
    ASSERT_EQ(answer.code, 0) << answer.err;
    EXPECT_NE(answer.out.find("cube_to_coloured_box"), std::string::npos) << answer.out;
  }
  EXPECT_EQ(ReadTextFile(folder / "1/episodes.jsonl"), ReadTextFile(folder / "2/episodes.jsonl"));
  const auto run = folder / "1";
  EXPECT_EQ(ReadRunInfo(run).policy, "expert");
  EXPECT_EQ(ReadRunInfo(run).versions.renderer,
            "none");  // the expert looks at nothing; the report's pictures do not count
  EXPECT_EQ(ReadRunSummary(run).n, 3);
  for (const EpisodeRecord& record : ReadEpisodes(run)) {
    EXPECT_TRUE(std::filesystem::exists(LogPath(run, record.key)));
    EXPECT_TRUE(std::filesystem::exists(FirstFramePath(run, record.key)));
    EXPECT_TRUE(std::filesystem::exists(LastFramePath(run, record.key)));
  }
  for (const char* file : {"journal.jsonl", "timing.jsonl", "report.md", "report.html"}) {
    EXPECT_TRUE(std::filesystem::exists(run / file)) << file;
  }
}

TEST(CommandLineTest, ReportMakesTheSameBytesAgainAndPutsRunsSideBySide) {
  const TempFolder folder;
  const std::string eval =
      "eval --suite quick --task cube_to_coloured_box --episodes 3 --quiet --frames strip --policy ";
  ASSERT_EQ(Divla(eval + "expert --control random --out " + (folder / "expert").string()).code, 0);
  ASSERT_EQ(Divla(eval + "hold --out " + (folder / "hold").string()).code, 0);
  const std::filesystem::path run = folder / "expert";
  EXPECT_TRUE(std::filesystem::exists(StripFramePath(run, ReadEpisodes(run)[0].key, FilmStrip::kEvery)));
  std::map<std::string, std::string> before;
  for (const char* file : {"report.html", "report.md", "summary.json", "controls.json"}) {
    before[file] = ReadTextFile(run / file);
    std::filesystem::remove(run / file);
  }
  const Answer again = Divla("report " + run.string());
  ASSERT_EQ(again.code, 0) << again.err;
  for (const auto& [file, text] : before) EXPECT_EQ(ReadTextFile(run / file), text) << file;
  const std::string runs = "report " + run.string() + " " + (folder / "hold").string() + " --out ";
  const Answer sides = Divla(runs + (folder / "sides").string() + " --json");
  ASSERT_EQ(sides.code, 0) << sides.err;
  EXPECT_EQ(nlohmann::json::parse(sides.out)["all"]["runs"][1]["pairs"]["lost"], 3);
  for (const char* file : {"report.html", "report.md", "report.json"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / "sides" / file)) << file;
  }
  ExpectRefused(runs + run.string(), 2, "--out");
}

TEST(CommandLineTest, VqaPrintsATableAndLeavesItsQuestions) {
  const TempFolder folder;
  const std::string out = (folder / "vqa").string();
  const Answer answer = Divla("vqa --policy hold --task object_selection --episodes 4 --quiet --out " + out);
  ASSERT_EQ(answer.code, 0) << answer.err;
  for (const char* word : {"colour", "side", "Wilson", "chance", "all"}) {
    EXPECT_NE(answer.out.find(word), std::string::npos) << answer.out;
  }
  const auto summary = nlohmann::json::parse(ReadTextFile(folder / "vqa/vqa.json"));
  EXPECT_EQ(summary["policy"]["name"], "hold");
  // Enough to ask again: the command, and the sources and libraries it was asked with, as run.json has them.
  EXPECT_EQ(summary["command"].back(), out);
  EXPECT_EQ(summary["versions"]["git_commit"], ReadVersions("none").git_commit);
  EXPECT_EQ(summary["versions"]["renderer"], "none") << "'hold' looks at nothing";
  EXPECT_EQ(summary["machine"]["cores"], ReadMachine().cores);
  const std::string lines = ReadTextFile(folder / "vqa/questions.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), summary["scores"].back()["n"].get<int>());
  ExpectRefused("vqa --policy hold --episodes 1 --out " + out, 2, "empty");  // nothing is overwritten
}

TEST(CommandLineTest, CompareAnswersByItsExitCode) {
  const TempFolder folder;
  const std::string eval = "eval --suite quick --task cube_to_coloured_box --episodes 8 --frames none --quiet";
  for (const auto& [name, policy] : {std::pair{"expert", "expert"}, {"hold", "hold"}}) {
    const Answer answer = Divla(eval + " --policy " + policy + " --out " + (folder / name).string());
    ASSERT_EQ(answer.code, 0) << answer.err;
  }
  const std::string expert = (folder / "expert").string(), hold = (folder / "hold").string();
  EXPECT_EQ(Divla("compare " + expert + " " + expert).code, 0);
  EXPECT_EQ(Divla("compare " + hold + " " + expert).code, 0);
  const Answer worse = Divla("compare " + expert + " " + hold + " --json");
  EXPECT_EQ(worse.code, 1) << worse.out << worse.err;
  const auto json = nlohmann::json::parse(worse.out);
  EXPECT_EQ(json["worse"], true);
  EXPECT_EQ(json["lost"].size(), 8U);
  // What a CI system is given, and the same answer pair by pair.
  const std::string junit = (folder / "junit.xml").string(), markdown = (folder / "summary.md").string();
  EXPECT_EQ(Divla("compare " + expert + " " + hold + " --junit " + junit + " --markdown " + markdown).code, 1);
  EXPECT_NE(ReadTextFile(junit).find("<failure message=\"cube_to_coloured_box: lost 8"), std::string::npos);
  EXPECT_NE(ReadTextFile(markdown).find("❌ worse"), std::string::npos);
  ExpectRefused("compare " + expert + " " + hold + " --junit /proc/junit.xml", 3, "/proc/junit.xml");
  const Answer watched = Divla("compare " + expert + " " + hold + " --sequential --json");
  EXPECT_EQ(watched.code, 1) << watched.err;
  const auto trajectory = nlohmann::json::parse(watched.out);
  EXPECT_EQ(trajectory["verdict"], "worse");
  EXPECT_EQ(trajectory["trajectory"].size(), trajectory["decided_after"].get<std::size_t>());
  EXPECT_EQ(Divla("compare " + expert + " " + hold + " --sequential --budget 2").code, 0);  // too few to say
  ExpectRefused("compare " + expert + " " + hold + " --sequential --budget 9", 2, "at most the 8 pairs");
  ASSERT_EQ(Divla(eval + " --policy hold --seed 9 --out " + (folder / "other").string()).code, 0);
  ExpectRefused("compare " + expert + " " + (folder / "other").string(), 2, "seed");
  const Answer unpaired = Divla("compare --unpaired " + expert + " " + (folder / "other").string());
  EXPECT_EQ(unpaired.code, 1);
  EXPECT_NE(unpaired.err.find("NOT PAIRED"), std::string::npos);
}

TEST(CommandLineTest, PowerSaysHowManyEpisodes) {
  const Answer table = Divla("power --suite quick");
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_NE(table.out.find("96"), std::string::npos);
  EXPECT_NE(table.out.find("each of 3 tasks"), std::string::npos);
  const Answer json = Divla("power --points 5 --discordance 0.1 --base-rate 0.9 --suite quick --json");
  const auto value = nlohmann::json::parse(json.out);
  EXPECT_EQ(value["needed"][0]["unpaired"], 686);
  EXPECT_GT(value["needed"][0]["paired"][0]["pairs"], 312);
  EXPECT_EQ(value["suite"]["sizes"][1]["episodes"], 96);
  EXPECT_FALSE(value["suite"]["sizes"][1].contains("scenes"));
  EXPECT_EQ(table.out.find("twins"), std::string::npos);
  // With twins what is seen lies between that of its pairs and that of its scenes.
  const auto twins = nlohmann::json::parse(Divla("power --discordance 0.2 --suite generalization --json").out);
  const auto& all = twins["suite"]["sizes"].back();
  EXPECT_EQ(all["episodes"], 4320);
  EXPECT_EQ(all["scenes"], 120);
  EXPECT_GT(all["visible_if_twins_alike"][0]["points"], 4 * all["visible"][0]["points"].get<double>());
  EXPECT_NE(Divla("power --suite generalization").out.find("\n120 "), std::string::npos);
  EXPECT_EQ(
      nlohmann::json::parse(Divla("power --points 20 --discordance 0.1 --json").out)["needed"][0]["paired"][0]["pairs"],
      nullptr);
}

TEST(CommandLineTest, StrictIsRecordedAndShown) {
  const TempFolder folder;
  const std::string eval = "eval --suite quick --task transfer_cube --policy hold --episodes 1 --frames none --quiet ";
  ASSERT_EQ(Divla(eval + "--strict --out " + (folder / "strict").string()).code, 0);
  ASSERT_EQ(Divla(eval + "--out " + (folder / "usual").string()).code, 0);
  EXPECT_TRUE(ReadRunInfo(folder / "strict").strict);
  EXPECT_FALSE(ReadRunInfo(folder / "usual").strict);
  for (const char* report : {"report.md", "report.html"}) {
    EXPECT_NE(ReadTextFile(folder / "strict" / report).find("does not depend on the processor"), std::string::npos)
        << report;
    EXPECT_EQ(ReadTextFile(folder / "usual" / report).find("does not depend on the processor"), std::string::npos);
  }
}

// A copy of the shipped checkpoint, to break.
std::filesystem::path CopyCheckpoint(const TempFolder& folder) {
  const auto copy = folder / "checkpoint";
  std::filesystem::copy(std::filesystem::path(DIVLA_SOURCE_DIR) / "assets" / "checkpoints" / "divla-tiny", copy);
  return copy;
}

TEST(CommandLineTest, ADamagedCheckpointIsTwoAndOneLine) {
  {
    const TempFolder folder;
    const auto checkpoint = CopyCheckpoint(folder);
    std::filesystem::resize_file(checkpoint / "model.safetensors",
                                 std::filesystem::file_size(checkpoint / "model.safetensors") / 2);
    ExpectRefused("eval --policy " + checkpoint.string() + " --out " + (folder / "run").string(), 2,
                  "model.safetensors");
  }
  // Each of these asks for tensors of another shape, or for pictures that the weights do not fit.
  for (const char* change : {"image_size", "num_hidden_layers", "vocab_size"}) {
    const TempFolder folder;
    const auto checkpoint = CopyCheckpoint(folder);
    auto config = nlohmann::json::parse(ReadTextFile(checkpoint / "config.json"));
    if (std::string(change) == "image_size") config["vision_config"]["image_size"] = {64, 64};
    if (std::string(change) == "num_hidden_layers") config["num_hidden_layers"] = 4;
    if (std::string(change) == "vocab_size") config["vocab_size"] = 7;
    std::ofstream(checkpoint / "config.json") << config.dump();
    ExpectRefused("eval --policy " + checkpoint.string() + " --out " + (folder / "run").string(), 2, "");
  }
}

TEST(CommandLineTest, TheShippedPolicyDoesNotDependOnWorkers) {
  const TempFolder folder;
  for (const char* workers : {"1", "2", "5"}) {
    const Answer answer = Divla("eval --suite quick --episodes 2 --frames none --quiet --workers " +
                                std::string(workers) + " --out " + (folder / workers).string());
    ASSERT_EQ(answer.code, 0) << answer.err;
  }
  const std::string expected = ReadTextFile(folder / "1/episodes.jsonl");
  EXPECT_EQ(std::count(expected.begin(), expected.end(), '\n'), 6);
  EXPECT_EQ(ReadTextFile(folder / "2/episodes.jsonl"), expected);
  EXPECT_EQ(ReadTextFile(folder / "5/episodes.jsonl"), expected);
  for (const EpisodeRecord& record : ReadEpisodes(folder / "1")) EXPECT_GT(record.reasoning.queries, 0);
}

TEST(CommandLineTest, CtrlCKeepsWhatIsFinished) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::freopen("/dev/null", "w", stdout);
    std::freopen((folder / "err").c_str(), "w", stderr);
    ::execl(DIVLA_PROGRAM, "divla", "eval", "--suite", "core", "--policy", "hold", "--frames", "none", "--quiet",
            "--workers", "1", "--out", run.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  // Wait for the first finished episode, then interrupt.
  const auto journal = std::filesystem::path(run) / "journal.jsonl";
  std::error_code error;
  for (int i = 0; i < 2400 && !(std::filesystem::file_size(journal, error) > 0 && !error); ++i) ::usleep(50'000);
  ::kill(child, SIGINT);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_NE(ReadTextFile(folder / "err").find("stopped by the user"), std::string::npos);
  const std::string go_on = "./divla eval --suite core --policy hold --frames none --quiet --workers 1 --out " + run;
  EXPECT_NE(ReadTextFile(folder / "err").find(go_on + " --resume\n"), std::string::npos);
  const RunSummary summary = ReadRunSummary(run);
  EXPECT_TRUE(summary.interrupted);
  EXPECT_GT(summary.finished, 0);
  EXPECT_LT(summary.finished, summary.planned);
  EXPECT_EQ(static_cast<int>(ReadEpisodes(run).size()), summary.finished);
}

}  // namespace
}  // namespace divla
