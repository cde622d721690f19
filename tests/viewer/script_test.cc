// The real program on a display without a screen, driven by scripts.
#include "viewer/script.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "harness/episode_video.h"
#include "tests/support/read_video.h"
#include "tests/viewer/view_program.h"
#include "tests/viewer/virtual_display.h"

namespace divla {
namespace {

using ScriptTest = ViewProgram;

// Start, pause at step 40, scrub back to 20, change the instruction, branch, run both, open the failure panel, save video.
TEST_F(ScriptTest, APersonsSession) {
  const VirtualDisplay display;
  ASSERT_NE(display.Name(), "") << "Xvfb is needed (./divla test installs it)";
  const Outcome outcome = Run(R"([
      {"do": "open", "task": "cube_to_coloured_box", "policy": "divla-tiny", "seed": 1, "episode": 3},
      {"do": "record", "name": "session"},
      {"do": "play_until", "step": 40},
      {"do": "pause"},
      {"do": "screenshot", "name": "paused"},
      {"do": "seek", "step": 20},
      {"do": "set_instruction", "text": "Pick purple cube to yellow box."},
      {"do": "branch"},
      {"do": "play_both", "step": 52},
      {"do": "panel", "name": "why"},
      {"do": "screenshot", "name": "branched"},
      {"do": "stop_recording"},
      {"do": "save_video", "line": 1, "name": "branch"},
      {"do": "measure_latency", "query_seconds": 1},
      {"do": "quit"}])",
                              display.Name());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  ASSERT_EQ(outcome.results.size(), 15U);
  const auto line = [&](std::size_t action, std::size_t which) { return outcome.results[action]["lines"][which]; };
  EXPECT_EQ(line(2, 0)["live"], 40);
  EXPECT_EQ(outcome.results[5]["cursor"], 20);
  EXPECT_EQ(line(7, 1)["origin"], 20);
  EXPECT_EQ(line(8, 0)["live"], 52);  // where the branch asks: what the latency is measured during
  EXPECT_EQ(line(8, 1)["live"], 52);
  EXPECT_EQ(line(8, 0)["replay_differs_at"], -1) << "from step 20 to 40 the episode was played a second time";
  EXPECT_GT(outcome.results[8]["parted_at"].get<int>(), 20);
  EXPECT_NE(line(8, 1)["changed"].get<std::string>().find("yellow box"), std::string::npos);
  const nlohmann::json& latency = outcome.results[13]["result"];
  EXPECT_GT(latency["frames"].get<int>(), 1) << "the window went on while the policy was asked";
  EXPECT_EQ(latency["keys_served"], latency["frames"]);
  for (const char* name : {"paused", "branched"}) {
    const Image image = Picture(name);
    EXPECT_EQ(image.width, 1280);
    EXPECT_EQ(image.height, 800);
    EXPECT_GT(Colours(image), 2000U) << name;
  }
  EXPECT_NE(Picture("paused"), Picture("branched"));
  // Steps 0 to 40, the place scrubbed to, the same with the branch beside it, both lines from 21 to 52, and the end.
  EXPECT_EQ(outcome.results[11]["result"]["pictures"], 41 + 1 + 1 + 32);
  const ReadVideo film = DecodeVideo(folder_ / "frames" / "session.mp4");
  ASSERT_EQ(film.pictures.size(), 75U + kVideoEndPictures) << "however fast this machine is";
  EXPECT_EQ(film.pictures[0].width, 1280);
  for (const std::size_t picture : {std::size_t{0}, std::size_t{41}, film.pictures.size() - 1}) {
    EXPECT_GT(Colours(film.pictures[picture]), 2000U) << picture;
  }
  EXPECT_EQ(DecodeVideo(folder_ / "frames" / "branch.mp4").pictures.size(), 52U + kVideoEndPictures);
}

// The text as it is written, where it looked, and how the plan came to be: each is seen.
TEST_F(ScriptTest, InsideAQuery) {
  const VirtualDisplay display;
  ASSERT_NE(display.Name(), "");
  const Outcome outcome = Run(R"([
      {"do": "open", "task": "cube_to_coloured_box", "policy": "divla-tiny", "seed": 1, "episode": 3},
      {"do": "query"},
      {"do": "query"},
      {"do": "panel", "name": "thought"},
      {"do": "thought", "moment": 3},
      {"do": "screenshot", "name": "third_token"},
      {"do": "thought", "moment": 3, "attention": "token"},
      {"do": "screenshot", "name": "looked"},
      {"do": "thought", "attention": "action", "denoising": true},
      {"do": "screenshot", "name": "over"},
      {"do": "quit"}])",
                              display.Name());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_GT(outcome.results[1]["result"]["moments_shown"].get<int>() +
                outcome.results[2]["result"]["moments_shown"].get<int>(),
            0)
      << "the window went on while the policy was asked";
  EXPECT_EQ(outcome.results[4]["result"]["moment"].get<std::string>().rfind("token 3 of ", 0), 0U);
  EXPECT_NE(Picture("third_token"), Picture("looked"));
  EXPECT_NE(Picture("looked"), Picture("over"));
}

TEST_F(ScriptTest, WrongScriptsAreRefused) {
  const auto refused = [&](const std::string& script, const std::string& part, const std::string& display) {
    const Outcome outcome = Run(script, display);
    EXPECT_EQ(outcome.code, 2) << script;
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  };
  refused("{}", "JSON list", ":99999");  // before a window opens
  refused(R"([{"do": "dance"}])", "'dance'", ":99999");
  const VirtualDisplay display;
  ASSERT_NE(display.Name(), "");
  refused(R"([{"do": "play_until", "step": 3}])", "open episode", display.Name());
  refused(R"([{"do": "open", "task": "dance"}])", "dance", display.Name());
  const std::string held = R"([{"do": "open", "task": "cube_to_coloured_box", "policy": "hold"}, )";
  refused(held + R"({"do": "thought", "moment": 2}])", "inside is known", display.Name());
  refused(held + R"({"do": "thought", "attention": "deep"}])", "'deep'", display.Name());
  refused(R"([{"do": "open", "task": "cube_to_coloured_box", "policy": "nobody"}])", "nobody", display.Name());
}

TEST_F(ScriptTest, WithoutADisplayItSaysSo) {
  const Outcome outcome = View("--task cube_to_coloured_box --policy hold", ":99999");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_NE(outcome.err.find("no display"), std::string::npos) << outcome.err;
  EXPECT_EQ(View("--task dance", ":99999").code, 2);
  EXPECT_EQ(View("--replay nowhere:a.none.0.0000", ":99999").code, 2);
  EXPECT_EQ(View("--help >/dev/null", ":99999").code, 0);
}

// Ctrl and drag: a branch that is pushed, which pushes again while it plays.
TEST_F(ScriptTest, TheMousePushes) {
  const VirtualDisplay display;
  ASSERT_NE(display.Name(), "");
  const Outcome outcome = Run(R"([
      {"do": "open", "task": "cube_to_coloured_box", "policy": "hold", "seed": 1, "episode": 3},
      {"do": "play_until", "step": 12},
      {"do": "screenshot", "name": "before"},
      {"do": "mouse_push", "body": "object_purple_cube", "by": [0, -60], "screenshot": "arrow"},
      {"do": "play_both", "step": 24},
      {"do": "mouse_push", "line": 1, "body": "object_purple_cube", "by": [80, -20], "steps": 7, "screenshot": "held"},
      {"do": "seek", "step": 16},
      {"do": "mouse_push", "line": 1, "body": "object_purple_cube", "by": [0, 1]},
      {"do": "quit"}])",
                              display.Name());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto line = [&](std::size_t action, std::size_t which) { return outcome.results[action]["lines"][which]; };
  ASSERT_EQ(outcome.results[3]["lines"].size(), 2U) << "the drag has made a branch";
  EXPECT_EQ(line(3, 1)["origin"], 12);
  EXPECT_NE(line(3, 1)["changed"].get<std::string>().find("object_purple_cube pushed by"), std::string::npos);
  const auto up = outcome.results[3]["result"]["force"].get<std::array<double, 3>>();
  EXPECT_GT(up[2], 0.2) << "dragged upwards";
  EXPECT_EQ(outcome.results[4]["parted_at"], 13);
  EXPECT_EQ(line(4, 0)["changed"], "") << "the episode stays what it was";
  EXPECT_EQ(line(5, 1)["live"], 31);
  const auto changed = line(5, 1)["changed"].get<std::string>();
  EXPECT_NE(changed.find("in steps 12 to 30"), std::string::npos) << changed;
  EXPECT_EQ(line(7, 1)["changed"], changed) << "a click pushes nothing";
  EXPECT_EQ(line(7, 1)["last"], 31) << "and forgets nothing";
  EXPECT_NE(Picture("before"), Picture("arrow"));
}

TEST_F(ScriptTest, WithoutADisplayAScriptDrawsTheSame) {
  const std::string script = R"([
      {"do": "open", "task": "cube_to_coloured_box", "policy": "hold", "seed": 1, "episode": 3},
      {"do": "play_until", "step": 9},
      {"do": "screenshot", "name": "one"},
      {"do": "size", "width": 900, "height": 700},
      {"do": "screenshot", "name": "two"},
      {"do": "quit"}])";
  const Outcome nowhere = Run(script, ":99999");
  ASSERT_EQ(nowhere.code, 0) << nowhere.err;
  const Image one = Picture("one"), two = Picture("two");
  EXPECT_GT(Colours(one), 2000U);
  EXPECT_EQ(two.width, 900);
  EXPECT_EQ(two.height, 700);
  const VirtualDisplay display;
  ASSERT_NE(display.Name(), "");
  ASSERT_EQ(Run(script, display.Name()).code, 0);
  const Image on_display = Picture("one");
  ASSERT_EQ(on_display.rgb.size(), one.rgb.size());
  std::size_t others = 0;
  for (std::size_t i = 0; i < one.rgb.size(); ++i) others += std::abs(one.rgb[i] - on_display.rgb[i]) > 8 ? 1U : 0U;
  EXPECT_LT(others, one.rgb.size() / 200) << "the same driver behind another door";
}

TEST_F(ScriptTest, FramesAreCounted) {
  const VirtualDisplay display;
  ASSERT_NE(display.Name(), "");
  const Outcome outcome = Run(R"([
      {"do": "open", "task": "cube_to_coloured_box", "policy": "expert", "seed": 1, "episode": 3},
      {"do": "measure_frames", "seconds": 2},
      {"do": "quit"}])",
                              display.Name());
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const nlohmann::json& measured = outcome.results[1]["result"];
  EXPECT_GT(measured["frames"].get<int>(), 1);
  EXPECT_GT(measured["scene_pictures"].get<int>(), 1);
  EXPECT_GE(measured["frames"].get<int>(), measured["scene_pictures"].get<int>());
  EXPECT_EQ(measured["width"], 1280);
  EXPECT_EQ(outcome.results[1]["lines"][0]["live"], outcome.results[1]["cursor"]);
}

}  // namespace
}  // namespace divla
