// Pictures to a video that every browser plays: H.264 (libx264 by FFmpeg), 4:2:0, in an MP4 file whose index stands in
// front. The same pictures give the same bytes with one FFmpeg and libx264 on one processor: one thread encodes, and the
// file says neither when nor with what it was made.
//
// One object belongs to one thread at a time; different objects do not disturb each other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "sim/image.h"

namespace divla {

class VideoWriter {
 public:
  // `path` ends in any way that the caller likes (".mp4"); its folder exists. `width`, `height`: pixels, even, 16 to
  // 4096, because a colour is stored for each two by two pixels. `fps`: pictures a second, 1 to 120. `key_pictures`: of so many
  // pictures one can be decoded without the others, so a reader jumps fast to any of them; 0: of two seconds, for a
  // player. The pictures go to PATH.tmp, so that PATH is the old file, or none, until Close.
  // All functions throw MachineError naming the path when the file cannot be written, or when FFmpeg lacks the encoder.
  VideoWriter(std::filesystem::path path, int width, int height, int fps, int key_pictures = 0);
  // A video that was not closed is given up: PATH.tmp is removed.
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  // The next picture, of exactly that size; shown for 1 / fps seconds.
  void Add(const Image& picture);
  int Pictures() const;        // added so far
  std::int64_t Bytes() const;  // written so far, of an open video

  // Ends the file, makes it durable and gives it its name. At least one picture was added; none can be afterwards.
  void Close();

 private:
  class Encoder;
  std::filesystem::path path_, temporary_;
  std::unique_ptr<Encoder> encoder_;  // null once closed
  int width_{}, height_{};
  int pictures_{};
};

}  // namespace divla
