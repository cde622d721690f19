// The pictures of a video file, forward in time, for data sets that keep them so: whatever codec this machine's FFmpeg
// decodes (H.264, AV1, ...). The first video stream; sound is passed over.
//
// One object belongs to one thread at a time; different objects do not disturb each other.
#pragma once

#include <filesystem>
#include <memory>

#include "sim/image.h"

namespace divla {

class VideoReader {
 public:
  // Throws InputError naming the path for a file that is missing, damaged, without video, or larger than 16384 pixels.
  explicit VideoReader(std::filesystem::path path);
  ~VideoReader();
  VideoReader(const VideoReader&) = delete;
  VideoReader& operator=(const VideoReader&) = delete;

  // The picture shown at `seconds`: the first one whose time is less than `tolerance` seconds away. Times may go back,
  // but only by decoding from the beginning. Throws InputError naming path and time when there is none.
  Image At(double seconds, double tolerance);

 private:
  class Decoder;
  std::filesystem::path path_;
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace divla
