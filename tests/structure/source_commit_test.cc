// cmake/SourceCommit.cmake: what a build writes down of the sources it was made from.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace divla {
namespace {

namespace fs = std::filesystem;

class SourceCommit : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / fmt::format("source_commit_{}", ::getpid());
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "sources");
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A shell command in the folder of the sources; nobody's settings of git are read.
  void Run(const std::string& command) {
    const std::string whole = fmt::format(
        "cd '{0}/sources' && export GIT_CONFIG_GLOBAL=/dev/null GIT_CEILING_DIRECTORIES='{0}' && ({1}) > ../log 2>&1",
        folder_.string(), command);
    ASSERT_EQ(std::system(whole.c_str()), 0) << command << '\n' << Read("log");
  }
  void Commit(const std::string& message) {
    Run("git add -A && git -c user.name=a -c user.email=a@b commit -q -m " + message);
  }
  // What the build would compile.
  std::string Written() {
    Run(fmt::format("'{}' -D SOURCE=. -D OUT='{}/out.cc' -P '{}/cmake/SourceCommit.cmake'", DIVLA_CMAKE,
                    folder_.string(), DIVLA_SOURCE_DIR));
    return Read("out.cc");
  }
  std::string Head() {
    Run("git rev-parse HEAD > ../head");
    std::string head = Read("head");
    head.pop_back();
    return head;
  }
  std::string Read(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }

  fs::path folder_;
};

TEST_F(SourceCommit, NamesTheCommitAndWhetherItIsAllThereIs) {
  Run("git init -q && echo one > file");
  Commit("first");
  const std::string clean = Written();
  EXPECT_NE(clean.find(fmt::format("kSourceCommit[] = \"{}\"", Head())), std::string::npos) << clean;
  EXPECT_NE(clean.find("kSourceDirty = false"), std::string::npos) << clean;

  Run("echo two > file");
  const std::string changed = Written();
  EXPECT_NE(changed.find(Head()), std::string::npos) << changed;
  EXPECT_NE(changed.find("kSourceDirty = true"), std::string::npos) << changed;

  const std::string before = Head();
  Commit("second");
  ASSERT_NE(Head(), before);
  EXPECT_NE(Written().find(Head()), std::string::npos);
}

TEST_F(SourceCommit, WithoutARepositoryItIsUnknown) {
  Run("echo one > file");
  const std::string text = Written();
  EXPECT_NE(text.find("kSourceCommit[] = \"unknown\""), std::string::npos) << text;
  EXPECT_NE(text.find("kSourceDirty = true"), std::string::npos) << text;
}

TEST_F(SourceCommit, WhatSaysTheSameIsNotWrittenAgain) {
  Run("git init -q && echo one > file");
  Commit("first");
  const std::string text = Written();
  const auto old = fs::last_write_time(folder_ / "out.cc") - std::chrono::hours(1);
  fs::last_write_time(folder_ / "out.cc", old);
  EXPECT_EQ(Written(), text);
  EXPECT_EQ(fs::last_write_time(folder_ / "out.cc"), old);
}

}  // namespace
}  // namespace divla
