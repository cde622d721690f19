// Tests for policy/file_io.cc.
#include "policy/file_io.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "sim/check.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

TEST(FileIo, WritesAndReadsBack) {
  const TempFolder folder;
  const std::string large(3'000'001, 'x');  // past the buffer
  AtomicFile file(folder.File("a"));
  file.Write("small");
  file.Write(large);
  file.Write("end");
  file.Commit();
  EXPECT_EQ(GetFile(folder.File("a")), "small" + large + "end");
  EXPECT_EQ(ReadFile(folder.File("a")), "small" + large + "end");
  WriteFile(folder.File("empty"), "");
  EXPECT_EQ(ReadFile(folder.File("empty")), "");
}

TEST(FileIo, WithoutCommitTheOldFileStays) {
  const TempFolder folder;
  PutFile(folder.File("a"), "old");
  {
    AtomicFile file(folder.File("a"));
    file.Write("new");
  }
  EXPECT_EQ(GetFile(folder.File("a")), "old");
  EXPECT_FALSE(std::filesystem::exists(folder.File("a.tmp")));
}

TEST(FileIo, MovedMappingKeepsItsBytes) {
  const TempFolder folder;
  PutFile(folder.File("a"), "bytes");
  MappedFile first(folder.File("a"));
  const std::byte* start = first.Bytes().data();
  const MappedFile second = std::move(first);
  EXPECT_EQ(second.Bytes().data(), start);
  EXPECT_EQ(second.Bytes().size(), 5U);
}

TEST(FileIo, SaysWhatIsWrong) {
  const TempFolder folder;
  ExpectInputError([&] { ReadFile(folder.File("none")); }, {folder.File("none"), "No such file"});
  ExpectInputError([&] { ReadFile(folder.Path()); }, {folder.Path(), "regular file"});
  EXPECT_THROW(WriteFile(folder.File("no/such/folder"), "x"), MachineError);
}

}  // namespace
}  // namespace divla
