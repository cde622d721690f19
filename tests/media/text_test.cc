#include "media/text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace divla {
namespace {

constexpr TextColour kWhite{255, 255, 255};

Image Black(int width, int height) {
  Image image{height, width, {}};
  image.rgb.resize(image.ByteCount());
  return image;
}

int Red(const Image& image, int x, int y) {
  return image
      .rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3];
}

struct Box {
  int left{1 << 20}, right{-1}, top{1 << 20}, bottom{-1};
};

// The pixels that a text touches.
Box InkOf(const Image& image) {
  Box box;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (Red(image, x, y) == 0) continue;
      box = {std::min(box.left, x), std::max(box.right, x), std::min(box.top, y), std::max(box.bottom, y)};
    }
  }
  return box;
}

Image Drawn(const Font& font, std::string_view text) {
  Image image = Black(200, 60);
  font.Draw(text, 20, 10, kWhite, image);
  return image;
}

TEST(Font, InkStaysInTheLineAndIsAntialiased) {
  const Font font(16);
  EXPECT_GE(font.LineHeight(), 16);
  EXPECT_LE(font.LineHeight(), 24);
  const Image image = Drawn(font, "Typing qg ÄÖ");
  const Box ink = InkOf(image);
  EXPECT_GE(ink.left, 19);
  EXPECT_LE(ink.right, 20 + font.Width("Typing qg ÄÖ"));
  EXPECT_GE(ink.right, 20 + font.Width("Typing qg ÄÖ") - 3);
  EXPECT_GE(ink.top, 10);
  EXPECT_LE(ink.bottom, 10 + font.LineHeight());
  int full = 0, partial = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      full += Red(image, x, y) > 240 ? 1 : 0;
      partial += Red(image, x, y) > 16 && Red(image, x, y) <= 240 ? 1 : 0;
    }
  }
  EXPECT_GT(full, 20);
  EXPECT_GT(partial, 50);
}

// A capital H is two stems and a bar: read from the middle column and the rows, not from a stored picture.
TEST(Font, LettersHaveTheirShape) {
  const Font font(40);
  const Image image = Drawn(font, "H");
  const Box ink = InkOf(image);
  const int middle = (ink.left + ink.right) / 2;
  int bar = 0;
  for (int y = ink.top; y <= ink.bottom; ++y) bar += Red(image, middle, y) > 127 ? 1 : 0;
  EXPECT_GE(bar, 2);
  EXPECT_LE(bar, 8);
  const int quarter = ink.top + (ink.bottom - ink.top) / 4;
  EXPECT_GT(Red(image, ink.left + 2, quarter), 200);
  EXPECT_EQ(Red(image, middle, quarter), 0);
  EXPECT_GT(Red(image, ink.right - 2, quarter), 200);
  // DejaVu Sans: capitals are 1493 of 2048 units high.
  EXPECT_NEAR(ink.bottom - ink.top + 1, 40 * 1493.0 / 2048, 1.5);
}

TEST(Font, ReadsUtf8AndSurvivesWhatIsNone) {
  const Font font(16);
  EXPECT_EQ(font.Width(""), 0);
  EXPECT_LT(font.Width("é"), font.Width("ee"));
  EXPECT_EQ(Drawn(font, "a\xFFz"), Drawn(font, "a\xEF\xBF\xBDz"));
  EXPECT_EQ(Drawn(font, "a\nb"), Drawn(font, "a b"));
  EXPECT_NE(Drawn(font, "Ж"), Drawn(font, "я"));
  EXPECT_NE(InkOf(Drawn(font, "杯")).right, -1);  // not in the font: a box, not nothing
}

TEST(Font, WhatLiesOutsideThePictureIsLeftOut) {
  const Font font(16);
  Image image = Black(12, 10);
  font.Draw("Wide words", -15, -4, kWhite, image);
  EXPECT_NE(InkOf(image).right, -1);
  EXPECT_EQ(image.rgb.size(), image.ByteCount());
}

TEST(Font, ColoursAreMixedWithWhatIsBelow) {
  const Font font(40);
  Image image{60, 60, {}};
  image.rgb.assign(image.ByteCount(), 100);
  font.Draw("I", 10, 5, {200, 100, 0}, image);
  bool solid = false;
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
    EXPECT_GE(image.rgb[i], 100);
    EXPECT_EQ(image.rgb[i + 1], 100);
    EXPECT_LE(image.rgb[i + 2], 100);
    solid = solid || (image.rgb[i] == 200 && image.rgb[i + 2] == 0);
  }
  EXPECT_TRUE(solid);
}

TEST(FontWrap, LinesFitAndLoseNoWord) {
  const Font font(16);
  const std::string text = "The cube is purple and the box is blue, so I move the gripper to the cube first.";
  const std::vector<std::string> lines = font.Wrap(text, 150, 20);
  EXPECT_GT(lines.size(), 3U);
  std::string joined;
  for (const std::string& line : lines) {
    EXPECT_LE(font.Width(line), 150) << line;
    joined += (joined.empty() ? "" : " ") + line;
  }
  EXPECT_EQ(joined, text);
  // Nothing is broken too early: the next line's first word would not have fitted.
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    EXPECT_GT(font.Width(lines[i] + " " + lines[i + 1].substr(0, lines[i + 1].find(' '))), 150);
  }
}

TEST(FontWrap, TheLastLineSaysWhenThereIsMore) {
  const Font font(16);
  const std::vector<std::string> lines = font.Wrap("one two three four five six seven eight nine ten", 80, 2);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[1].ends_with("…")) << lines[1];
  EXPECT_LE(font.Width(lines[1]), 80);
  EXPECT_FALSE(lines[0].ends_with("…"));
  EXPECT_TRUE(font.Wrap("", 80, 2).empty());
  EXPECT_TRUE(font.Wrap("  \n ", 80, 2).empty());
}

TEST(FontWrap, AWordLongerThanALineIsBrokenBetweenCharacters) {
  const Font font(16);
  const std::string word = "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ";
  const std::vector<std::string> lines = font.Wrap(word, 60, 20);
  EXPECT_GT(lines.size(), 2U);
  std::string joined;
  for (const std::string& line : lines) {
    EXPECT_LE(font.Width(line), 60);
    EXPECT_EQ(line.size() % 2, 0U) << "half a character";
    joined += line;
  }
  EXPECT_EQ(joined, word);
}

}  // namespace
}  // namespace divla
