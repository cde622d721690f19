// The real program on a display without a screen, driven by scripts.
#include "viewer/script.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "harness/episode_video.h"
#include "harness/json_fields.h"
#include "harness/report/png.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/read_video.h"
#include "tests/viewer/virtual_display.h"

namespace divla {
namespace {

struct Outcome {
  int code{};
  std::string err;
  nlohmann::json results;
};

class ScriptTest : public testing::Test {
 protected:
  Outcome Run(const std::string& script, const std::string& display) {
    std::ofstream(folder_ / "script") << script;
    return View("--script " + (folder_ / "script").string() + " --frames " + (folder_ / "frames").string(), display);
  }
  Outcome View(const std::string& arguments, const std::string& display) {
    const std::string command = "env -u WAYLAND_DISPLAY DISPLAY=" + display +
                                " LIBGL_ALWAYS_SOFTWARE=1 " DIVLA_VIEW_PROGRAM " " + arguments + " 2>" +
                                (folder_ / "err").string();
    const int status = std::system(command.c_str());
    Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, ReadTextFile(folder_ / "err"), {}};
    const auto results = folder_ / "frames" / "script.json";
    if (std::filesystem::exists(results)) outcome.results = nlohmann::json::parse(ReadTextFile(results));
    return outcome;
  }
  Image Picture(const std::string& name) {
    const std::string png = ReadTextFile(folder_ / "frames" / (name + ".png"));
    return DecodePng(std::as_bytes(std::span(png)), name);
  }
  // What kind of thing a picture is: a blank or half-drawn window has few colours.
  static std::size_t Colours(const Image& image) {
    std::set<std::uint32_t> colours;
    for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
      colours.insert(image.rgb[i] + 256U * image.rgb[i + 1] + 65536U * image.rgb[i + 2]);
    }
    return colours.size();
  }

  TempFolder folder_;
};

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

}  // namespace
}  // namespace divla
