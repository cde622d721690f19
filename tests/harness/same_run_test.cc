#include "harness/same_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/harness/expect_error.h"
#include "tests/harness/sample_records.h"

namespace divla {
namespace {

RunInfo Info() {
  RunInfo info = SampleInfo();
  info.cells = {{"a", "none", 0, 4}};
  info.pictures = RunPictures{"software", ReportFrames::kAll, {{"panda", {"left"}, 96, 96}}};
  return info;
}

TEST(RequireSameRunTest, NamesTheFirstKeyThatDiffers) {
  EXPECT_NO_THROW(RequireSameRun("r/run.json", Info(), Info(), "as before"));
  const auto refuse = [](const char* key, const std::function<void(RunInfo&)>& change) {
    RunInfo other = Info();
    change(other);
    ExpectError<InputError>([&] { RequireSameRun("r/run.json", Info(), other, "as before"); },
                            {fmt::format("file r/run.json: key '{}': expected ", key), " as before, found "});
  };
  refuse("suite.name", [](RunInfo& info) { info.suite = "core"; });
  refuse("suite.version", [](RunInfo& info) { info.suite_version = 2; });
  refuse("policy.name", [](RunInfo& info) { info.policy = "random"; });
  refuse("policy.weights_sha256", [](RunInfo& info) { info.weights_sha256 = "ab"; });
  refuse("strict", [](RunInfo& info) { info.strict = true; });
  refuse("latency", [](RunInfo& info) { info.latency.milliseconds = 50; });
  refuse("latency", [](RunInfo& info) { info.latency.play = LatencyPlay::kChunk; });
  refuse("remote", [](RunInfo& info) { info.remote = "{}"; });
  refuse("seed", [](RunInfo& info) { info.seed = 2; });
  refuse("group_size", [](RunInfo& info) { info.group_size = 8; });
  refuse("cells", [](RunInfo& info) { info.cells[0].episodes = 5; });
  refuse("cells", [](RunInfo& info) { info.cells.push_back({"b", "none", 0, 1}); });
  refuse("versions.renderer", [](RunInfo& info) { info.versions.renderer = "gl (EGL, x)"; });
  refuse("pictures", [](RunInfo& info) { info.pictures->report = ReportFrames::kStrip; });
  refuse("pictures", [](RunInfo& info) { info.pictures->videos = RunVideos::kAll; });
  refuse("pictures", [](RunInfo& info) { info.pictures->policy[0].height = 64; });
  refuse("pictures", [](RunInfo& info) { info.pictures->looks = "panda of mujoco_menagerie 01"; });
  refuse("pictures", [](RunInfo& info) { info.pictures.reset(); });
  refuse("versions.divla", [](RunInfo& info) { info.versions.divla = "9.9.9"; });
  refuse("versions.git_commit", [](RunInfo& info) { info.versions.git_commit = "abc"; });
  refuse("versions.mujoco", [](RunInfo& info) { info.versions.mujoco = "3.2.1"; });
  refuse("versions.rules", [](RunInfo& info) { info.versions.rules["a"] = 2; });
  refuse("versions.libtorch", [](RunInfo& info) { info.versions.libtorch = "1.0.0"; });
  refuse("versions.compiler", [](RunInfo& info) { info.versions.compiler = "clang"; });
}

TEST(RequireSameRunTest, WhatDoesNotDecideMayDiffer) {
  RunInfo other = Info();
  other.command = {"divla", "eval", "--resume"};
  other.workers = 7;
  other.versions.git_dirty = !other.versions.git_dirty;
  other.machine = {"another", "x86-64-v2", 1, "none"};
  EXPECT_NO_THROW(RequireSameRun("r/run.json", Info(), other, "as before"));
}

TEST(RequireSameMachineTest, OnlyForAPolicyThatDependsOnIt) {
  RunInfo other = Info();
  other.machine.isa = "x86-64-v4";
  EXPECT_NO_THROW(RequireSameMachine("r/run.json", Info(), other, "as before"));  // no weights
  RunInfo weights = Info();
  weights.weights_sha256 = "ab";
  ExpectError<InputError>([&] { RequireSameMachine("r/run.json", weights, other, "as before"); },
                          {"machine.isa", "x86-64-v3", "x86-64-v4", "--strict"});
  weights.strict = true;
  EXPECT_NO_THROW(RequireSameMachine("r/run.json", weights, other, "as before"));
}

}  // namespace
}  // namespace divla
