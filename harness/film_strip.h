// Pictures from within an episode, for a report: a few, evenly spread, although nobody knows beforehand how long the
// episode will be.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "harness/records/records.h"
#include "sim/image.h"

namespace divla {

struct StripFrame {
  int step{};  // control steps that were executed before it was drawn
  Image image;
};

class FilmStrip {
 public:
  static constexpr int kEvery = 16;  // control steps between two pictures: the length of a chunk of actions
  static constexpr int kMost = 8;    // once there are more, every second one goes and the distance doubles

  // Whether a picture is wanted now; steps must come in order. The first and last state have pictures of their own.
  bool Wants(int step) const { return step > 0 && step % every_ == 0; }
  void Add(int step, Image image);
  std::vector<StripFrame> Take() && { return std::move(frames_); }

 private:
  int every_{kEvery};
  std::vector<StripFrame> frames_;
};

// The steps of the pictures that a strip of an episode of so many control steps has.
std::vector<int> StripSteps(int steps);

// RUN/frames/KEY.step-0032.png, written at half the report's height and width: there are many.
std::filesystem::path StripFramePath(const std::filesystem::path& run, const EpisodeKey& key, int step);

}  // namespace divla
