#include "sim/looks/menagerie_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/check.h"
#include "sim/looks/menagerie.h"
#include "tests/support/fake_menagerie.h"

namespace divla {
namespace {

std::string Message(const FakeMenagerie& folder) {
  try {
    LoadMenagerie(folder.Folder());
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// A download or a copy that stopped half-way is named. (Cut exactly between two faces, a box keeps a face for each corner:
// that much only the hash tells.)
TEST(MenagerieFilesTest, AMeshCutShortIsNamed) {
  const FakeMenagerie folder;
  const std::filesystem::path mesh = folder.Mesh("link5");
  std::ifstream stream(mesh);
  const std::string whole((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  ASSERT_EQ(Message(folder), "");
  const std::size_t faces = whole.find("f ");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size > faces && whole[size - 1] == '\n') continue;
    std::ofstream(mesh) << whole.substr(0, size);
    const std::string message = Message(folder);
    EXPECT_NE(message.find(mesh.string()), std::string::npos) << size << ": " << message;
    EXPECT_NE(message.find("DIVLA_MENAGERIE"), std::string::npos) << message;
    EXPECT_NE(message.find("found " + std::to_string(size) + " bytes"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  std::ofstream(mesh) << "version https://git-lfs.github.com/spec/v1\n";  // a pointer instead of the file
  EXPECT_NE(Message(folder).find("0 vertices"), std::string::npos);
  std::ofstream(mesh) << whole;
  EXPECT_EQ(Message(folder), "");
}

TEST(MenagerieFilesTest, ARefusalIsOneLine) {
  try {
    RefuseLooks("a/b.obj", "this", "that\nand more");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "file a/b.obj (looks of panda, DIVLA_MENAGERIE): expected this, found that and more");
  }
}

}  // namespace
}  // namespace divla
