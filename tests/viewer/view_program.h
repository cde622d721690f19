// The program divla-view as a test runs it: by a script, on a display without a screen or on none.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "harness/json_fields.h"
#include "harness/report/png.h"
#include "tests/harness/temp_folder.h"

namespace divla {

struct Outcome {
  int code{};
  std::string err;
  nlohmann::json results;
};

class ViewProgram : public testing::Test {
 protected:
  Outcome Run(const std::string& script, const std::string& display) {
    std::filesystem::remove_all(folder_ / "frames");
    std::ofstream(folder_ / "script") << script;
    return View("--script " + (folder_ / "script").string() + " --frames " + (folder_ / "frames").string(), display);
  }
  // `variables`: "A=b ". A program that hangs is ended after minutes, with 124.
  Outcome View(const std::string& arguments, const std::string& display, const std::string& variables = "") {
    const std::string command = "env -u WAYLAND_DISPLAY DISPLAY=" + display + " LIBGL_ALWAYS_SOFTWARE=1 " + variables +
                                " timeout 300 " DIVLA_VIEW_PROGRAM " " + arguments + " 2>" + (folder_ / "err").string();
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

}  // namespace divla
