// The layout of the repository is tested: first the rules on texts that break them, then every file against the rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/structure/source_rules.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

struct IncludeCase {
  const char* file;
  const char* line;
  bool allowed;
};

const IncludeCase kIncludeCases[] = {
    // sim
    {"sim/scene.h", "#include \"sim/rng.h\"", true},
    {"sim/scene.h", "#include <mujoco/mujoco.h>", true},
    {"sim/scene.h", "#include <vector>", true},
    {"sim/scene.h", "#include \"tasks/task.h\"", false},
    {"sim/scene.h", "#include \"policy/policy.h\"", false},
    {"sim/scene.h", "#include <torch/torch.h>", false},
    {"sim/render/gl.cc", "  #  include <GLFW/glfw3.h>", false},
    {"sim/scene.cc", "#include \"scene.h\"", false},
    // The plain types of sim are clean themselves.
    {"sim/observation.h", "#include \"sim/image.h\"", true},
    {"sim/observation.h", "#include \"sim/scene.h\"", false},
    {"sim/hash.cc", "#include <mujoco/mujoco.h>", false},
    {"sim/render/image.h", "#include <mujoco/mujoco.h>", true},
    // tasks
    {"tasks/lift/lift.cc", "#include \"sim/scene.h\"", true},
    {"tasks/lift/lift.cc", "#include <mujoco/mujoco.h>", true},
    {"tasks/lift/lift.cc", "#include \"harness/suite.h\"", false},
    {"tasks/lift/lift.cc", "#include <policy/policy.h>", false},
    {"tasks/lift/lift.cc", "#include <c10/core/Device.h>", false},
    // policy
    {"policy/hold.cc", "#include \"sim/check.h\"", true},
    {"policy/hold.cc", "#include \"policy/divla/model.h\"", true},
    {"policy/divla/model.cc", "#include <ATen/ATen.h>", true},
    {"policy/hold.cc", "#include <ATen/ATen.h>", false},
    {"policy/divla/model.cc", "#include \"sim/scene.h\"", false},
    {"policy/divla/model.cc", "#include \"sim/render/rng.h\"", false},
    {"policy/divla/model.cc", "#include \"sim/check.cc\"", false},
    {"policy/divla/model.cc", "#include <mujoco/mjmodel.h>", false},
    {"policy/hold.cc", "#include \"tasks/task.h\"", false},
    {"policy/policy.h", "#include \"policy/divla/model.h\"", false},
    {"policy/remote/client/connection.cc", "#include <boost/beast/core.hpp>", true},
    {"policy/remote/wire/pack.cc", "#include <msgpack.hpp>", true},
    {"policy/remote/client/profile.cc", "#include \"policy/policy.h\"", true},
    {"policy/registry.cc", "#include \"policy/remote/client/remote_policy.h\"", true},
    {"policy/registry.cc", "#include <boost/asio/io_context.hpp>", false},
    {"policy/registry.h", "#include \"policy/remote/wire/value.h\"", false},
    {"policy/remote/client/profile.cc", "#include <torch/torch.h>", false},
    // media
    {"media/video_writer.cc", "#include <libavcodec/avcodec.h>", true},
    {"media/video_writer.cc", "#include \"sim/image.h\"", true},
    {"media/text.cc", "#include <ft2build.h>", true},
    {"media/video_writer.cc", "#include \"sim/scene.h\"", false},
    {"media/video_writer.cc", "#include <mujoco/mujoco.h>", false},
    {"media/video_writer.cc", "#include \"harness/records/records.h\"", false},
    {"policy/hold.cc", "#include \"media/text.h\"", false},
    {"harness/runner.cc", "#include <libswscale/swscale.h>", false},
    // harness
    {"harness/runner.cc", "#include \"tasks/task.h\"", true},
    {"harness/runner.cc", "#include \"media/video_writer.h\"", true},
    {"harness/cli/train.cc", "#include \"policy/trainer.h\"", true},
    {"harness/cli/serve.cc", "#include \"policy/serve.h\"", true},
    {"harness/cli/serve.cc", "#include \"policy/remote/serve/desk.h\"", false},
    {"harness/runner.cc", "#include \"policy/divla/model.h\"", false},
    {"harness/runner.cc", "#include \"policy/hold.h\"", false},
    {"harness/runner.cc", "#include \"policy/remote/wire/value.h\"", false},
    {"harness/runner.cc", "#include <boost/beast/websocket.hpp>", false},
    {"harness/statistics.cc", "#include <boost/math/distributions/beta.hpp>", true},
    {"harness/runner.cc", "#include <torch/torch.h>", false},
    {"harness/lerobot/dataset_writer.cc", "#include <arrow/api.h>", true},
    {"harness/training/training_data.cc", "#include <parquet/arrow/reader.h>", false},
    {"harness/runner.cc", "#include \"viewer/app.h\"", false},
    {"harness/runner.cc", "#include \"tests/support/scene.h\"", false},
    // viewer
    {"viewer/app.cc", "#include <imgui.h>", true},
    {"viewer/app.cc", "#include \"harness/episode.h\"", true},
    {"viewer/app.cc", "#include <torch/torch.h>", false},
    {"viewer/app.cc", "#include \"policy/divla/model.h\"", false},
    {"harness/cli/view.cc", "#include \"imgui_impl_glfw.h\"", false},
    {"viewer/app.cc", "#include \"python/module.h\"", false},
    // python
    {"python/core.cc", "#include <pybind11/pybind11.h>", true},
    {"python/core.cc", "#include \"harness/episode.h\"", true},
    {"python/core.cc", "#include \"policy/policy.h\"", false},
    {"python/core.cc", "#include <torch/torch.h>", false},
    {"python/core.cc", "#include \"viewer/app.h\"", false},
    {"harness/runner.cc", "#include <pybind11/numpy.h>", false},
    {"harness/runner.cc", "#include \"python/module.h\"", false},
    // Tests may include anything; a comment is not an include.
    {"tests/policy/model_test.cc", "#include <torch/torch.h>", true},
    {"sim/scene.h", "// #include \"tasks/task.h\"", true}};

TEST(IncludeRule, ReportsExactlyWhatBreaksIt) {
  for (const IncludeCase& example : kIncludeCases) {
    SCOPED_TRACE(std::string(example.file) + ": " + example.line);
    const std::vector<Violation> violations =
        CheckIncludes(example.file, "#pragma once\n\n" + std::string(example.line) + "\n");
    ASSERT_EQ(violations.size(), example.allowed ? 0U : 1U);
    if (example.allowed) continue;
    EXPECT_EQ(violations[0].file, example.file);
    EXPECT_EQ(violations[0].line, 3);
    EXPECT_FALSE(violations[0].rule.empty());
  }
}

TEST(LengthRule, CountsLines) {
  std::string text;
  for (int i = 0; i < kMaxSourceLines; ++i) text += "x\n";
  EXPECT_TRUE(CheckLength("sim/a.cc", text).empty());
  EXPECT_EQ(CheckLength("sim/a.cc", text + "x").size(), 1U);
}

TEST(MachinePathRule, FindsAbsolutePathsOnly) {
  const std::string work = std::string("/wo") + "rk/";
  EXPECT_EQ(CheckMachinePaths("a.md", "see " + work + "main\n").size(), 1U);
  EXPECT_EQ(CheckMachinePaths("a.cc", "x = \"" + work + "main\";\n").size(), 1U);
  EXPECT_EQ(CheckMachinePaths("a.cc", work).size(), 1U);
  EXPECT_EQ(CheckMachinePaths("a.cc", "a\nb\n " + work + "a " + work + "b").size(), 2U);
  EXPECT_TRUE(CheckMachinePaths("a.md", "docs" + work + " and .." + work + "\n").empty());
}

// --- the repository itself ---

const fs::path kRoot = DIVLA_SOURCE_DIR;
constexpr std::array<const char*, 8> kSourceFolders = {"sim",     "tasks",  "policy", "media",
                                                       "harness", "viewer", "python", "tests"};

std::string ReadFile(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.good()) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool IsSource(const fs::path& path) { return path.extension() == ".h" || path.extension() == ".cc"; }

bool IsText(const fs::path& path) {
  constexpr std::array<const char*, 9> kSuffixes = {".h",    ".cc",  ".cmake", ".txt", ".md",
                                                    ".json", ".xml", ".sh",    ".py"};
  const std::string suffix = path.extension().string();
  return std::find(kSuffixes.begin(), kSuffixes.end(), suffix) != kSuffixes.end() || path.filename() == "divla" ||
         path.filename() == "run";
}

// Every file of the repository, relative to its root and sorted; without the folders that git ignores.
std::vector<std::string> RepositoryFiles() {
  std::vector<std::string> files;
  for (auto entry = fs::recursive_directory_iterator(kRoot); entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string path = fs::relative(entry->path(), kRoot).generic_string();
    if (entry->is_directory() && (path == "build" || path == "runs" || path == ".git")) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool IsInSourceFolder(const std::string& path) {
  const std::string folder = path.substr(0, path.find('/'));
  return std::find(kSourceFolders.begin(), kSourceFolders.end(), folder) != kSourceFolders.end();
}

void ExpectNone(const std::vector<Violation>& violations) {
  for (const Violation& violation : violations) {
    ADD_FAILURE() << violation.file << ":" << violation.line << ": " << violation.rule;
  }
}

TEST(Repository, SourcesFollowTheIncludeAndLengthRules) {
  int checked = 0;
  for (const std::string& path : RepositoryFiles()) {
    if (!IsInSourceFolder(path) || !IsSource(path)) continue;
    const std::string text = ReadFile(kRoot / path);
    ExpectNone(CheckIncludes(path, text));
    ExpectNone(CheckLength(path, text));
    ++checked;
  }
  EXPECT_GT(checked, 20) << "the walk through " << kRoot << " missed the sources";
}

TEST(Repository, NamesNoPathOfOneMachine) {
  int checked = 0;
  for (const std::string& path : RepositoryFiles()) {
    if (!IsText(path)) continue;
    ExpectNone(CheckMachinePaths(path, ReadFile(kRoot / path)));
    ++checked;
  }
  EXPECT_GT(checked, 30) << "the walk through " << kRoot << " missed the files";
}

TEST(Repository, EveryFolderExplainsItself) {
  for (const char* folder : {"sim", "tasks", "policy", "media", "harness", "python", "assets", "results", "tests"}) {
    EXPECT_TRUE(fs::is_regular_file(kRoot / folder / "README.md")) << folder << "/README.md is missing";
  }
}

TEST(Repository, SourceFilesEndInDotHOrDotCc) {
  for (const std::string& path : RepositoryFiles()) {
    const std::string suffix = fs::path(path).extension().string();
    EXPECT_FALSE(suffix == ".cpp" || suffix == ".hpp" || suffix == ".cxx" || suffix == ".c") << path;
  }
}

}  // namespace
}  // namespace divla
