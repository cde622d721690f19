#include "harness/video_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kFontSize = 15, kSmallSize = 11;             // pixels
constexpr int kMargin = 8;                                 // around texts
constexpr int kGap = 4;                                    // between pictures
constexpr int kLeastWidth = 480;                           // room for a sentence, also under one small picture
constexpr int kInstructionLines = 2, kReasoningLines = 4;  // the reasoning of the shipped policy takes two
constexpr TextColour kPaper{24, 26, 30}, kInk{240, 240, 240}, kSoft{160, 164, 172}, kShadow{0, 0, 0};
constexpr TextColour kGood{110, 210, 130}, kBad{240, 120, 110};

int Even(int size) { return size + size % 2; }

}  // namespace

VideoPage::VideoPage(std::vector<std::string> cameras, int height, int width)
    : font_(kFontSize),
      small_(kSmallSize),
      cameras_(std::move(cameras)),
      picture_height_(height),
      picture_width_(width) {
  DIVLA_CHECK(!cameras_.empty() && height > 0 && width > 0, "a video shows at least one camera");
  const int count = static_cast<int>(cameras_.size()), line = font_.LineHeight();
  width_ = Even(std::max(kLeastWidth, count * width + (count - 1) * kGap));
  pictures_top_ = kMargin + kInstructionLines * line + kMargin;
  said_top_ = pictures_top_ + height + kMargin;
  verdict_top_ = said_top_ + kReasoningLines * line + kMargin / 2;
  height_ = Even(verdict_top_ + line + kMargin);
}

void VideoPage::PutText(const std::vector<std::string>& lines, int top, TextColour colour, Image& page) const {
  for (const std::string& line : lines) {
    font_.Draw(line, kMargin, top, colour, page);
    top += font_.LineHeight();
  }
}

void VideoPage::PutPicture(const Image& picture, const std::string& name, int left, Image& page) const {
  DIVLA_CHECK(picture.height == picture_height_ && picture.width == picture_width_, "pictures of the page's size");
  const std::size_t bytes = static_cast<std::size_t>(picture.width) * 3;
  for (int row = 0; row < picture.height; ++row) {
    const std::size_t at = static_cast<std::size_t>((pictures_top_ + row) * page.width + left) * 3;
    std::copy_n(picture.rgb.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(row) * bytes), bytes,
                page.rgb.begin() + static_cast<std::ptrdiff_t>(at));
  }
  small_.Draw(name, left + 5, pictures_top_ + 3, kShadow, page);  // readable on any picture
  small_.Draw(name, left + 4, pictures_top_ + 2, kInk, page);
}

Image VideoPage::Draw(const VideoContent& content) const {
  DIVLA_CHECK(content.pictures.size() == cameras_.size(), "one picture for each camera");
  Image page{height_, width_, {}};
  page.rgb.reserve(page.ByteCount());
  while (page.rgb.size() < page.ByteCount()) page.rgb.insert(page.rgb.end(), kPaper.begin(), kPaper.end());

  const std::string clock = fmt::format("{:.1f} s", content.seconds);
  const int clock_width = font_.Width("000.0 s");
  const int room = width_ - 2 * kMargin;
  PutText(font_.Wrap(content.instruction, room - clock_width - kMargin, kInstructionLines), kMargin, kInk, page);
  font_.Draw(clock, width_ - kMargin - font_.Width(clock), kMargin, kSoft, page);

  const int count = static_cast<int>(cameras_.size());
  int left = (width_ - count * picture_width_ - (count - 1) * kGap) / 2;
  for (std::size_t i = 0; i < cameras_.size(); ++i) {
    PutPicture(content.pictures[i], cameras_[i], left, page);
    left += picture_width_ + kGap;
  }
  PutText(font_.Wrap(content.said, room, kReasoningLines), said_top_, kInk, page);
  if (content.verdict) {
    PutText(font_.Wrap(content.verdict->text, room, 1), verdict_top_, content.verdict->success ? kGood : kBad, page);
  }
  return page;
}

}  // namespace divla
