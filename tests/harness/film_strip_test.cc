// Tests for harness/film_strip.cc.
#include "harness/film_strip.h"

#include <gtest/gtest.h>

namespace divla {
namespace {

std::vector<int> StepsOf(int length) {
  FilmStrip strip;
  for (int step = 1; step < length; ++step) {
    if (strip.Wants(step)) strip.Add(step, {});
  }
  std::vector<int> steps;
  for (const StripFrame& frame : std::move(strip).Take()) steps.push_back(frame.step);
  return steps;
}

TEST(FilmStripTest, SpreadsAFewPicturesEvenlyOverAnyLength) {
  EXPECT_EQ(StepsOf(16), (std::vector<int>{}));
  EXPECT_EQ(StepsOf(50), (std::vector<int>{16, 32, 48}));
  EXPECT_EQ(StepsOf(129), (std::vector<int>{16, 32, 48, 64, 80, 96, 112, 128}));
  EXPECT_EQ(StepsOf(145), (std::vector<int>{32, 64, 96, 128}));
  for (int length = 1; length < 3000; ++length) {
    const std::vector<int> steps = StepsOf(length);
    ASSERT_LE(steps.size(), 8U);
    for (std::size_t i = 1; i < steps.size(); ++i) ASSERT_EQ(steps[i] - steps[i - 1], steps[0]);
    if (length > 16) {
      ASSERT_FALSE(steps.empty());
      ASSERT_GE(steps.back() + steps[0], length - 1);  // the whole episode, not its beginning
    }
  }
}

TEST(FilmStripTest, NamesCannotBeTakenForAnother) {
  EXPECT_EQ(StripFramePath("run", {"a", "none", 0, 3}, 32), "run/frames/a.none.0.0003.step-0032.png");
}

}  // namespace
}  // namespace divla
