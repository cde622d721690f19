#include "media/video_writer.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/render/picture_difference.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/read_video.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kWidth = 160, kHeight = 98, kFps = 20;

// A bright disc moves to the right over a coloured slope: no two pictures are alike, and none is its mirror image.
Image Picture(int index) {
  Image image{kHeight, kWidth, {}};
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const bool disc = std::hypot(x - 20 - 2 * index, y - 30) < 12;
      image.rgb.push_back(static_cast<std::uint8_t>(disc ? 250 : 40 + x));
      image.rgb.push_back(static_cast<std::uint8_t>(disc ? 240 : 200 - y));
      image.rgb.push_back(static_cast<std::uint8_t>(disc ? 30 : 90));
    }
  }
  return image;
}

void Write(const fs::path& path, int pictures) {
  VideoWriter writer(path, kWidth, kHeight, kFps);
  for (int i = 0; i < pictures; ++i) writer.Add(Picture(i));
  EXPECT_EQ(writer.Pictures(), pictures);
  writer.Close();
}

std::string Bytes(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(VideoWriter, AnotherDecoderFindsThePicturesAgain) {
  const TempFolder folder;
  Write(folder / "a.mp4", 50);
  const ReadVideo video = DecodeVideo(folder / "a.mp4");
  EXPECT_EQ(video.codec, "h264");
  EXPECT_EQ(video.pixel_format, "yuv420p");
  EXPECT_NEAR(video.seconds, 2.5, 1e-3);
  EXPECT_DOUBLE_EQ(video.fps, 20.0);
  ASSERT_EQ(video.pictures.size(), 50U);
  for (const int i : {0, 25, 49}) {
    const Image& decoded = video.pictures[static_cast<std::size_t>(i)];
    ASSERT_EQ(decoded.width, kWidth);
    ASSERT_EQ(decoded.height, kHeight);
    EXPECT_GT(ComparePictures(decoded, Picture(i)).psnr, 33.0) << "picture " << i;
    // No other picture is nearer, so that a lost, doubled or swapped one would be seen.
    for (int other = 0; other < 60; ++other) {
      if (other == i) continue;
      EXPECT_LT(ComparePictures(decoded, Picture(other)).psnr, ComparePictures(decoded, Picture(i)).psnr) << i;
    }
  }
}

TEST(VideoWriter, AVideoOfOnePictureIsAVideo) {
  const TempFolder folder;
  Write(folder / "a.mp4", 1);
  const ReadVideo video = DecodeVideo(folder / "a.mp4");
  ASSERT_EQ(video.pictures.size(), 1U);
  EXPECT_NEAR(video.seconds, 0.05, 1e-3);
}

// ISO/IEC 14496-12: the boxes of a file one behind the other, each with its length and name; 8.2.2, the movie header
// says when the file was made, 0 for never.
TEST(VideoWriter, TheIndexStandsInFrontAndNamesNoDate) {
  const TempFolder folder;
  Write(folder / "a.mp4", 10);
  const std::string bytes = Bytes(folder / "a.mp4");
  const std::size_t index = bytes.find("moov"), pictures = bytes.find("mdat"), header = bytes.find("mvhd");
  ASSERT_NE(index, std::string::npos);
  ASSERT_NE(pictures, std::string::npos);
  ASSERT_NE(header, std::string::npos);
  EXPECT_LT(index, pictures);
  EXPECT_EQ(bytes.substr(header + 4, 12), std::string(12, '\0'));  // version 0, flags, made, changed
}

TEST(VideoWriter, TheSamePicturesGiveTheSameBytes) {
  const TempFolder folder;
  Write(folder / "a.mp4", 30);
  for (int again = 0; again < 20; ++again) {  // what depends on left-over memory differs now and then only
    Write(folder / "b.mp4", 30);
    ASSERT_EQ(Bytes(folder / "a.mp4"), Bytes(folder / "b.mp4")) << again;
  }
  // Two at once on one thread, as in a group of episodes.
  VideoWriter c(folder / "c.mp4", kWidth, kHeight, kFps), d(folder / "d.mp4", kWidth, kHeight, kFps);
  for (int i = 0; i < 30; ++i) {
    c.Add(Picture(i));
    d.Add(Picture(30 - i));
  }
  d.Close();
  c.Close();
  EXPECT_EQ(Bytes(folder / "a.mp4"), Bytes(folder / "c.mp4"));
  EXPECT_NE(Bytes(folder / "a.mp4"), Bytes(folder / "d.mp4"));
}

TEST(VideoWriter, OnlyAFinishedVideoHasItsName) {
  const TempFolder folder;
  const fs::path path = folder / "a.mp4";
  std::ofstream(path) << "the old one";
  {
    VideoWriter writer(path, kWidth, kHeight, kFps);
    for (int i = 0; i < 40; ++i) writer.Add(Picture(i));
    EXPECT_TRUE(fs::exists(path.string() + ".tmp"));
    EXPECT_EQ(Bytes(path), "the old one");
  }
  EXPECT_FALSE(fs::exists(path.string() + ".tmp"));
  EXPECT_EQ(Bytes(path), "the old one");
  Write(path, 3);
  EXPECT_FALSE(fs::exists(path.string() + ".tmp"));
  EXPECT_EQ(DecodeVideo(path).pictures.size(), 3U);
}

TEST(VideoWriter, AFolderThatIsNotThereIsTheMachinesError) {
  const TempFolder folder;
  ExpectError<MachineError>([&] { VideoWriter(folder / "none/a.mp4", kWidth, kHeight, kFps); },
                            {"none/a.mp4", "cannot be created", "No such file"});
}

// The file may not grow beyond some bytes, as on a full disk.
TEST(VideoWriter, ADiskThatFillsUpIsTheMachinesError) {
  const TempFolder folder;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{1024, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  ExpectError<MachineError>([&] { Write(folder / "a.mp4", 60); }, {"a.mp4", "cannot be written"});
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_TRUE(fs::is_empty(folder.Path()));
}

TEST(VideoWriterDeathTest, WrongUseStopsTheProgram) {
  const TempFolder folder;
  EXPECT_DEATH(VideoWriter(folder / "a.mp4", 161, 98, 20), "even size");
  EXPECT_DEATH(VideoWriter(folder / "a.mp4", 160, 98, 0), "pictures a second");
  EXPECT_DEATH(
      {
        VideoWriter writer(folder / "a.mp4", 160, 96, 20);
        writer.Add(Picture(0));
      },
      "of the video's size");
  EXPECT_DEATH(
      {
        VideoWriter writer(folder / "a.mp4", 160, 96, 20);
        writer.Close();
      },
      "at least one picture");
}

}  // namespace
}  // namespace divla
