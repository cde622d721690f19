#include "viewer/recorder.h"

#include <gtest/gtest.h>

#include "harness/episode_video.h"
#include "tests/harness/expect_error.h"
#include "tests/harness/temp_folder.h"
#include "tests/support/read_video.h"

namespace divla {
namespace {

using Moments = std::vector<std::shared_ptr<const StepView>>;

Image Grey(int width, int height, std::uint8_t value) {
  Image image{height, width, {}};
  image.rgb.assign(image.ByteCount(), value);
  return image;
}
Moments Moment() { return {std::make_shared<const StepView>()}; }

TEST(RecorderTest, HasOnePictureForEachMomentAndOneThatStays) {
  const TempFolder folder;
  Recorder recorder;
  EXPECT_FALSE(recorder.Wants(Moment()));
  recorder.Start(folder / "new" / "window.mp4", 101, 75);  // odd, as a person's window is
  for (const int value : {40, 120, 200}) {
    const Moments moment = Moment();
    EXPECT_TRUE(recorder.Wants(moment));
    recorder.Add(Grey(101, 75, static_cast<std::uint8_t>(value)), moment);
    EXPECT_FALSE(recorder.Wants(moment)) << "shown already";
  }
  EXPECT_EQ(recorder.Pictures(), 3);
  EXPECT_EQ(recorder.Stop(Grey(101, 75, 240)), folder / "new" / "window.mp4");
  EXPECT_FALSE(recorder.Recording());
  const ReadVideo video = DecodeVideo(folder / "new" / "window.mp4");
  EXPECT_EQ(video.codec, "h264");
  EXPECT_EQ(video.fps, kVideoFps);
  ASSERT_EQ(video.pictures.size(), 3U + kVideoEndPictures);
  EXPECT_EQ(video.pictures[0].width, 100);
  EXPECT_EQ(video.pictures[0].height, 74);
  EXPECT_NEAR(video.pictures[1].rgb[3000], 120, 4);
  EXPECT_NEAR(video.pictures.back().rgb[3000], 240, 4);
}

TEST(RecorderTest, SaysWhatCannotBe) {
  const TempFolder folder;
  Recorder recorder;
  ExpectError<InputError>([&] { recorder.Start(folder / "a.mp4", 5000, 800); }, {"5000 x 800", "4096"});
  ExpectError<MachineError>([&] { recorder.Start("/dev/null/a.mp4", 100, 80); }, {"/dev/null/a.mp4"});
  EXPECT_FALSE(recorder.Recording());
  recorder.Start(folder / "a.mp4", 100, 80);
  ExpectError<InputError>([&] { recorder.Add(Grey(120, 80, 0), Moment()); }, {"100 x 80", "120 x 80"});
  recorder.Drop();
  EXPECT_TRUE(std::filesystem::is_empty(folder.Path())) << "nothing half-written stays";
}

}  // namespace
}  // namespace divla
