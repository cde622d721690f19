#include "harness/film_strip.h"

#include <fmt/format.h>

#include <utility>

namespace divla {

void FilmStrip::Add(int step, Image image) {
  frames_.push_back({step, std::move(image)});
  if (frames_.size() <= kMost) return;
  every_ *= 2;
  std::erase_if(frames_, [this](const StripFrame& frame) { return frame.step % every_ != 0; });
}

std::vector<int> StripSteps(int steps) {
  int every = FilmStrip::kEvery;
  while ((steps - 1) / every > FilmStrip::kMost) every *= 2;
  std::vector<int> pictured;
  for (int step = every; step < steps; step += every) pictured.push_back(step);
  return pictured;
}

std::filesystem::path StripFramePath(const std::filesystem::path& run, const EpisodeKey& key, int step) {
  return run / "frames" / fmt::format("{}.step-{:04d}.png", ToString(key), step);
}

}  // namespace divla
