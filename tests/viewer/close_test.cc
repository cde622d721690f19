// The window may be closed at any moment, and machine and files may fail: a message, no hang, no crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "harness/file_write.h"
#include "harness/records/records.h"
#include "tests/harness/small_run.h"
#include "tests/support/read_video.h"
#include "tests/viewer/view_program.h"
#include "tests/viewer/virtual_display.h"

namespace divla {
namespace {

constexpr const char* kOpen = R"({"do": "open", "task": "cube_to_coloured_box", "policy": "divla-tiny", "seed": 1)";

class CloseTest : public ViewProgram {
 protected:
  // What is going on when the window closes.
  void Closes(const std::string& actions) {
    const Outcome outcome = Run("[" + actions + R"(, {"do": "quit"}])", display_.Name());
    EXPECT_EQ(outcome.code, 0) << actions << "\n" << outcome.err;
    EXPECT_EQ(outcome.err, "") << actions;
  }
  std::string Opened() const { return std::string(kOpen) + "}"; }

  VirtualDisplay display_;
};

TEST_F(CloseTest, WithNothingOpen) { Closes(R"({"do": "panel", "name": "open"})"); }

TEST_F(CloseTest, WhileItLoads) { Closes(std::string(kOpen) + R"(, "wait": false})"); }

TEST_F(CloseTest, WhileAnotherEpisodeLoads) {
  Closes(Opened() + R"(, {"do": "open", "task": "transfer_cube", "policy": "hold", "wait": false})");
}

TEST_F(CloseTest, WhileAQueryRuns) {
  Closes(Opened() + R"(, {"do": "delay_queries", "seconds": 100000}, {"do": "query", "wait": false})");
}

TEST_F(CloseTest, WhileABranchRuns) {
  Closes(Opened() + R"(, {"do": "play_until", "step": 5}, {"do": "push", "force": [0, 20, 0], "wait": false},
                       {"do": "branch"}, {"do": "play_both", "step": 900, "wait": false})");
}

TEST_F(CloseTest, WhileABranchIsMade) {
  Closes(Opened() + R"(, {"do": "play_until", "step": 5}, {"do": "light", "intensity": 0.3, "wait": false},
                       {"do": "branch", "wait": false})");
}

TEST_F(CloseTest, WhileItScrubs) {
  Closes(Opened() + R"(, {"do": "play_until", "step": 30}, {"do": "seek", "step": 3},
                       {"do": "play", "seconds": 100, "wait": false})");
}

// What was seen until then is kept.
TEST_F(CloseTest, WhileItRecords) {
  Closes(Opened() + R"(, {"do": "record", "name": "film"}, {"do": "play_until", "step": 6},
                       {"do": "play_until", "step": 300, "wait": false})");
  EXPECT_GE(DecodeVideo(folder_ / "frames" / "film.mp4").pictures.size(), 7U);
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "frames")) {
    EXPECT_NE(file.path().extension(), ".tmp") << file.path();
  }
}

TEST_F(CloseTest, WhileAVideoIsWritten) {
  Closes(Opened() + R"(, {"do": "play_until", "step": 20},
                       {"do": "save_video", "name": "line", "wait": false})");
}

TEST_F(CloseTest, WithoutOpenGlItSaysSo) {
  const VirtualDisplay plain(/*opengl=*/false);
  ASSERT_NE(plain.Name(), "");
  const Outcome outcome = View("--task cube_to_coloured_box --policy hold", plain.Name());
  EXPECT_EQ(outcome.code, 3);
  EXPECT_NE(outcome.err.find("no OpenGL"), std::string::npos) << outcome.err;
  const Outcome old =
      View("--task cube_to_coloured_box --policy hold", display_.Name(), "MESA_GL_VERSION_OVERRIDE=2.1");
  EXPECT_EQ(old.code, 3);
  EXPECT_NE(old.err.find("expected version 3.0 or later, found 2.1"), std::string::npos) << old.err;
}

TEST_F(CloseTest, WhenTheDisplayGoesAway) {
  auto doomed = std::make_unique<VirtualDisplay>();
  ASSERT_NE(doomed->Name(), "");
  auto outcome = std::async(std::launch::async, [&, name = doomed->Name()] {
    return Run("[" + Opened() + R"(, {"do": "play_until", "step": 3}, {"do": "screenshot", "name": "alive"},
               {"do": "play", "seconds": 100000}])",
               name);
  });
  const auto alive = folder_ / "frames" / "alive.png";
  while (!std::filesystem::exists(alive) &&
         outcome.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
  }
  doomed.reset();
  const Outcome gone = outcome.get();
  EXPECT_EQ(gone.code, 3) << gone.err;
  EXPECT_NE(gone.err.find("the display has gone away"), std::string::npos) << gone.err;
}

// Every one of these is one line that names the file, and no window.
TEST_F(CloseTest, ADamagedReplayIsRefused) {
  const std::filesystem::path run = folder_ / "run";
  SmallRun().Go(run);
  const EpisodeKey key{"cube_to_coloured_box", "none", 0, 0};
  const std::filesystem::path log = LogPath(run, key);
  const auto refused = [&](const std::string& episode, const std::string& part) {
    const Outcome outcome = View("--replay " + run.string() + ":" + episode, ":99999");
    EXPECT_EQ(outcome.code, 2) << part;
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  };
  refused("cube_to_coloured_box.none.0.0077", "cube_to_coloured_box.none.0.0077");
  const std::string whole = ReadTextFile(log);
  for (const std::size_t kept : {std::size_t{0}, std::size_t{7}, whole.size() / 2, whole.size() - 1}) {
    WriteFileAtomically(log, whole.substr(0, kept));
    refused(ToString(key), log.filename().string());
  }
  std::string flipped = whole;
  flipped[flipped.size() / 3] = static_cast<char>(flipped[flipped.size() / 3] ^ 0x10);
  WriteFileAtomically(log, flipped);
  refused(ToString(key), log.filename().string());
  std::filesystem::remove(log);
  refused(ToString(key), log.filename().string());
  WriteFileAtomically(log, whole);
  WriteFileAtomically(run / "run.json", std::string("{\"seed\": 1"));
  refused(ToString(key), "run.json");
  std::filesystem::remove(run / "run.json");
  refused(ToString(key), "run.json");
}

}  // namespace
}  // namespace divla
