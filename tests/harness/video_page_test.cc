#include "harness/video_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace divla {
namespace {

Image Plain(int height, int width, std::uint8_t value) {
  Image image{height, width, {}};
  image.rgb.assign(image.ByteCount(), value);
  return image;
}

std::array<std::uint8_t, 3> At(const Image& image, int x, int y) {
  const std::size_t at =
      (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3;
  return {image.rgb[at], image.rgb[at + 1], image.rgb[at + 2]};
}

Image Plain(int height, int width, std::array<std::uint8_t, 3> colour) {
  Image image{height, width, {}};
  while (image.rgb.size() < image.ByteCount()) image.rgb.insert(image.rgb.end(), colour.begin(), colour.end());
  return image;
}

// Rows in which a page differs from another.
std::vector<int> RowsThatDiffer(const Image& a, const Image& b) {
  std::vector<int> rows;
  for (int y = 0; y < a.height; ++y) {
    bool same = true;
    for (int x = 0; x < a.width; ++x) same = same && At(a, x, y) == At(b, x, y);
    if (!same) rows.push_back(y);
  }
  return rows;
}

TEST(VideoPage, HasAnEvenSizeAndRoomForAnyNumberOfCameras) {
  for (const int width : {1, 239, 240, 320}) {
    for (const auto& cameras : {std::vector<std::string>{"a"}, {"a", "b"}, {"a", "b", "c"}}) {
      const VideoPage page(cameras, 240, width);
      EXPECT_EQ(page.Width() % 2, 0);
      EXPECT_EQ(page.Height() % 2, 0);
      EXPECT_GE(page.Width(), static_cast<int>(cameras.size()) * width);
      const std::vector<Image> pictures(cameras.size(), Plain(240, width, 200));
      const Image image = page.Draw({"Pick it up.", 0.0, pictures, "I do.", {}});
      EXPECT_EQ(image.width, page.Width());
      EXPECT_EQ(image.height, page.Height());
      EXPECT_EQ(image.rgb.size(), image.ByteCount());
    }
  }
}

TEST(VideoPage, PicturesStandSideBySideInTheirOrder) {
  const VideoPage page({"left", "wrist"}, 100, 300);
  // Two colours that no mixture of the other one with the grey of a name can be.
  constexpr std::array<std::uint8_t, 3> kFirst{111, 0, 111}, kSecond{0, 222, 222};
  const Image image = page.Draw({"", 0.0, {Plain(100, 300, kFirst), Plain(100, 300, kSecond)}, "", {}});
  int first = 0, second = 0, first_end = 0, second_begin = image.width;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const auto pixel = At(image, x, y);
      if (pixel == kFirst) ++first, first_end = std::max(first_end, x);
      if (pixel == kSecond) ++second, second_begin = std::min(second_begin, x);
    }
  }
  EXPECT_LT(first_end, second_begin);
  // All of them but the few pixels of the cameras' names.
  EXPECT_GT(first, 100 * 300 * 97 / 100);
  EXPECT_GT(second, 100 * 300 * 97 / 100);
}

TEST(VideoPage, EveryTextHasItsPlace) {
  const VideoPage page({"left"}, 100, 300);
  const std::vector<Image> pictures{Plain(100, 300, 128)};
  const Image empty = page.Draw({"", 0.0, pictures, "", {}});
  const auto instruction = RowsThatDiffer(empty, page.Draw({"Pick purple cube.", 0.0, pictures, "", {}}));
  const auto said = RowsThatDiffer(empty, page.Draw({"", 0.0, pictures, "I see the cube.", {}}));
  const auto good = page.Draw({"", 0.0, pictures, "", VideoVerdict{true, "Success"}});
  const auto bad = page.Draw({"", 0.0, pictures, "", VideoVerdict{false, "Success"}});
  const auto verdict = RowsThatDiffer(empty, good);
  ASSERT_FALSE(instruction.empty() || said.empty() || verdict.empty());
  EXPECT_LT(instruction.back() + 100, said.front());  // the pictures are between
  EXPECT_LT(said.back(), verdict.front());
  EXPECT_NE(good, bad);  // a colour says it, too
  EXPECT_FALSE(RowsThatDiffer(empty, page.Draw({"", 3.5, pictures, "", {}})).empty());
}

// A policy may write without end: its text neither reaches the verdict nor leaves the page.
TEST(VideoPage, ALongTextStaysInItsPlace) {
  const VideoPage page({"left"}, 100, 300);
  const std::vector<Image> pictures{Plain(100, 300, 128)};
  std::string endless;
  for (int i = 0; i < 300; ++i) endless += "words and words ";
  const Image empty = page.Draw({"", 0.0, pictures, "", {}});
  const auto said = RowsThatDiffer(empty, page.Draw({"", 0.0, pictures, endless, {}}));
  const auto verdict = RowsThatDiffer(empty, page.Draw({"", 0.0, pictures, "", VideoVerdict{true, "ÄÖg"}}));
  EXPECT_LT(said.back(), verdict.front());
  const auto instruction = RowsThatDiffer(empty, page.Draw({endless, 0.0, pictures, "", {}}));
  EXPECT_LT(instruction.back(), said.front() - 100);
}

}  // namespace
}  // namespace divla
