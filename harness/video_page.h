// What a picture of a recorded video looks like: the instruction above, the cameras' pictures side by side, below them
// what the policy said, and at the end how the episode went. Pure; an object belongs to one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "media/text.h"
#include "sim/image.h"

namespace divla {

struct VideoVerdict {
  bool success{};
  std::string text;
};

struct VideoContent {
  std::string instruction;                // UTF-8
  double seconds{};                       // of simulated time
  std::vector<Image> pictures;            // one for each camera of the page, of its size
  std::string said;                       // the reasoning; empty: nothing is shown
  std::optional<VideoVerdict> verdict{};  // from the end of the episode on
};

class VideoPage {
 public:
  // `cameras`: at least one. `height`, `width`: pixels of one picture.
  VideoPage(std::vector<std::string> cameras, int height, int width);

  int Height() const { return height_; }  // pixels, even, the same for every content
  int Width() const { return width_; }
  // Texts that are too long for their place end in an ellipsis.
  Image Draw(const VideoContent& content) const;

 private:
  void PutText(const std::vector<std::string>& lines, int top, TextColour colour, Image& page) const;
  void PutPicture(const Image& picture, const std::string& name, int left, Image& page) const;

  Font font_, small_;
  std::vector<std::string> cameras_;
  int picture_height_, picture_width_;
  int width_{}, height_{};
  int pictures_top_{}, said_top_{}, verdict_top_{};  // y of the parts
};

}  // namespace divla
