// A video as FFmpeg reads and decodes it, for tests: nothing of media/ takes part.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/image.h"

namespace divla {

struct ReadVideo {
  std::string codec;         // "h264"
  std::string pixel_format;  // "yuv420p"
  double seconds{};          // as the file says
  double fps{};
  std::vector<Image> pictures;
};

// Throws std::runtime_error naming the file when it is no video or ends too early.
ReadVideo DecodeVideo(const std::filesystem::path& path);

}  // namespace divla
