// Pictures by their time, from videos of our own writer; other files are named.
#include "media/video_reader.h"

#include <gtest/gtest.h>

#include <fstream>

#include "media/video_writer.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/temp_folder.h"

namespace divla {
namespace {

struct VideoReaderTest : testing::Test {
  TempFolder folder;
  std::filesystem::path path = folder / "a.mp4";

  static Image Grey(int level) {
    return {16, 32, std::vector<std::uint8_t>(16 * 32 * 3, static_cast<std::uint8_t>(level))};
  }
  void Write(int pictures, int key_pictures) const {
    VideoWriter writer(path, 32, 16, 20, key_pictures);
    for (int i = 0; i < pictures; ++i) writer.Add(Grey(20 + 4 * i));
    EXPECT_GE(writer.Bytes(), 0);
    writer.Close();
  }
  static int Level(const Image& picture) { return picture.rgb.at(picture.rgb.size() / 2); }
};

TEST_F(VideoReaderTest, FindsEachPictureByItsTime) {
  for (const int key_pictures : {0, 1, 2, 7}) {
    SCOPED_TRACE(key_pictures);
    Write(50, key_pictures);
    VideoReader reader(path);
    for (int i = 0; i < 50; ++i) EXPECT_NEAR(Level(reader.At(i / 20.0, 0.025)), 20 + 4 * i, 3) << i;
    for (const int i : {49, 3, 3, 48, 0}) EXPECT_NEAR(Level(reader.At(i / 20.0, 0.025)), 20 + 4 * i, 3) << i;
    EXPECT_EQ(reader.At(0, 0.025).height, 16);
  }
}

TEST_F(VideoReaderTest, TimesWithoutAPictureAreNamed) {
  Write(10, 2);
  VideoReader reader(path);
  ExpectError<InputError>([&] { reader.At(0.5, 0.025); }, {path.string(), "0.500 s", "its end"});
  ExpectError<InputError>([&] { reader.At(0.225, 0.01); }, {path.string(), "0.225 s", "0.250 s"});
  EXPECT_NEAR(Level(reader.At(0.1, 0.025)), 28, 3) << "still of use";
}

TEST_F(VideoReaderTest, WhatIsNoVideoIsNamed) {
  ExpectError<InputError>([&] { VideoReader reader(path); }, {path.string(), "no file"});
  std::ofstream(path) << "no video at all";
  ExpectError<InputError>([&] { VideoReader reader(path); }, {path.string(), "expected a video"});
}

}  // namespace
}  // namespace divla
