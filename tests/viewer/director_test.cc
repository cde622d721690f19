// Pace, cursor and scrubbing, without a window.
#include "viewer/director.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "sim/action.h"
#include "viewer/ui.h"

namespace divla {
namespace {

class DirectorTest : public testing::Test {
 protected:
  DirectorTest() {
    EpisodeChoice choice;
    choice.key.task = "cube_to_coloured_box";
    choice.policy = "random";
    director_.Open(choice);
    Settle();
  }
  void Settle() {
    session_.WaitIdle();
    director_.Update(0);
  }
  // A frame that is worth so many control steps at normal speed.
  void Frame(double steps) {
    director_.Update(steps * kControlPeriod);
    Settle();
  }

  Session session_;
  Director director_{session_};
};

TEST_F(DirectorTest, PlaysAsFastAsItIsTold) {
  director_.Play();
  Frame(1);
  EXPECT_EQ(director_.Cursor(), 1);
  Frame(0.5);
  EXPECT_EQ(director_.Cursor(), 1) << "half a step is not played";
  Frame(0.5);
  EXPECT_EQ(director_.Cursor(), 2) << "but not forgotten";
  director_.SetSpeed(100);
  EXPECT_EQ(director_.Speed(), kFastest);
  Frame(0.5);
  EXPECT_EQ(director_.Cursor(), 6) << "8 x 0.5";
  director_.SetSpeed(0);
  EXPECT_EQ(director_.Speed(), kSlowest);
  director_.Pause();
  Frame(50);
  EXPECT_EQ(director_.Cursor(), 6);
}

TEST_F(DirectorTest, TimeThatAQueryTookIsNotCaughtUpWith) {
  session_.DelayQueries(std::chrono::milliseconds(200));
  director_.Play();
  director_.Update(1 * kControlPeriod);
  for (int frame = 0; frame < 100; ++frame) director_.Update(1 * kControlPeriod);  // the policy thinks
  session_.DelayQueries(std::chrono::milliseconds(0));
  Settle();
  EXPECT_LE(director_.Cursor(), 2);
  EXPECT_GE(director_.Cursor(), 1);
}

TEST_F(DirectorTest, PlaysOnFromWhereThePersonLooks) {
  director_.PlayTo(30);
  Settle();
  director_.ScrubTo(12);
  EXPECT_EQ(director_.Cursor(), 12);
  EXPECT_EQ(director_.At(0).step, 12);
  EXPECT_EQ(director_.View().lines[0].live, 30) << "looking moves nothing";
  director_.ScrubTo(1000);
  EXPECT_EQ(director_.Cursor(), 30);
  director_.ScrubTo(-5);
  EXPECT_EQ(director_.Cursor(), 0);
  director_.ScrubTo(12);
  director_.StepOnce();
  Settle();
  EXPECT_EQ(director_.View().lines[0].live, 13);
  EXPECT_EQ(director_.Cursor(), 13);
  EXPECT_EQ(director_.Last(), 30) << "what was played stays known";
}

TEST_F(DirectorTest, PlaysOnFromWithinAnEpisodeThatIsOver) {
  director_.PlayTo(1000);
  Settle();
  ASSERT_TRUE(director_.View().lines[0].record);
  const int end = director_.Last();
  director_.Play();
  Frame(3);
  EXPECT_FALSE(director_.Playing()) << "there is nothing to play";
  director_.ScrubTo(end - 10);
  director_.Play();
  director_.Update(0);  // the way back may not be done yet
  Frame(1);
  Frame(1);
  EXPECT_TRUE(director_.Playing());
  EXPECT_GT(director_.Cursor(), end - 10);
  EXPECT_LT(director_.Cursor(), end);
}

TEST_F(DirectorTest, AnErrorStopsPlayingAndIsNoObstacleLater) {
  director_.PlayTo(5);
  Settle();
  EpisodeChoice wrong = director_.Choice();
  wrong.policy = "nobody";
  director_.Open(wrong);
  Settle();
  EXPECT_NE(director_.View().error, "");
  director_.Play();
  Frame(1);
  EXPECT_EQ(director_.Cursor(), 6);
}

TEST_F(DirectorTest, BranchesAtTheCursorAndPlaysBoth) {
  director_.PlayTo(20);
  Settle();
  director_.ScrubTo(10);
  director_.Branch({});
  Settle();
  ASSERT_EQ(director_.View().lines.size(), 2U);
  EXPECT_EQ(director_.View().lines[1].origin, 10);
  director_.PlayTo(15);
  Settle();
  EXPECT_EQ(director_.View().lines[0].live, 15);
  EXPECT_EQ(director_.View().lines[1].live, 15);
  // The branch has no past of its own before its beginning: there the episode's is shown.
  director_.ScrubTo(5);
  EXPECT_EQ(director_.At(1).step, 5);
  director_.DropBranch();
  Settle();
  EXPECT_EQ(director_.View().lines.size(), 1U);
}

// For a film: as fast as both lines are played, each of their moments is shown, and none of the way back.
TEST_F(DirectorTest, ShowsEachMomentWhileItIsFilmed) {
  director_.ShowOneByOne(true);
  director_.PlayTo(5);
  Settle();
  EXPECT_EQ(director_.View().lines[0].live, 5);
  for (int step = 0; step <= 5; ++step) {
    EXPECT_EQ(director_.Cursor(), step);
    EXPECT_EQ(director_.CaughtUp(), step == 5);
    director_.ShowNext();
  }
  EXPECT_EQ(director_.Cursor(), 5);
  director_.ScrubTo(2);
  director_.Branch({});
  EXPECT_EQ(director_.Cursor(), 2);
  Settle();
  EXPECT_EQ(director_.Cursor(), 2);
  director_.PlayTo(4);
  EXPECT_EQ(director_.Cursor(), 2);
  Settle();
  EXPECT_EQ(director_.Cursor(), 2);
  director_.ShowNext();
  EXPECT_EQ(director_.Cursor(), 3);
  director_.ShowOneByOne(false);
  director_.Update(0);
  EXPECT_EQ(director_.Cursor(), 4);
}

TEST_F(DirectorTest, TheNextEpisodeIsAnother) {
  director_.NextSeed();
  Settle();
  EXPECT_EQ(director_.View().facts->plan.key.index, 1);
  EXPECT_EQ(director_.Cursor(), 0);
}

TEST(LayoutTest, PartsFillTheWindowAndDoNotOverlap) {
  Theme theme;
  for (const float scale : {1.F, 2.F}) {
    theme.scale = scale;
    for (const int lines : {1, 2}) {
      const Layout layout = MakeLayout(1280 * scale, 800 * scale, lines, theme);
      EXPECT_FLOAT_EQ(layout.top.h + layout.scene.h + layout.timeline.h, 800 * scale);
      EXPECT_FLOAT_EQ(layout.scene.w + layout.side.w, 1280 * scale);
      EXPECT_FLOAT_EQ(layout.side.x, layout.scene.x + layout.scene.w);
      EXPECT_FLOAT_EQ(layout.timeline.y, layout.scene.y + layout.scene.h);
      if (lines == 2) {
        EXPECT_GT(layout.views[1].x, layout.views[0].x + layout.views[0].w);
        EXPECT_FLOAT_EQ(layout.views[1].x + layout.views[1].w, layout.scene.x + layout.scene.w);
      }
    }
  }
}

}  // namespace
}  // namespace divla
