#include "viewer/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/episode_video.h"
#include "sim/check.h"

namespace divla {
namespace {

constexpr int kLeast = 16, kMost = 4096;  // of VideoWriter

int Even(int size) { return size - size % 2; }

}  // namespace

void Recorder::Start(const std::filesystem::path& file, int width, int height) {
  const auto good = [](int size) { return Even(size) >= kLeast && Even(size) <= kMost; };
  if (!good(width) || !good(height)) {
    throw InputError(fmt::format("recording: expected a window of {} to {} pixels a side, found {} x {}", kLeast, kMost,
                                 width, height));
  }
  std::error_code ignored;  // VideoWriter says what is wrong with the file
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  writer_ = std::make_unique<VideoWriter>(file, Even(width), Even(height), kVideoFps);
  file_ = file;
  width_ = width;
  height_ = height;
  shown_.clear();
}

bool Recorder::Wants(const std::vector<std::shared_ptr<const StepView>>& moments) const {
  return Recording() && moments != shown_;
}

Image Recorder::Fitted(const Image& window) const {
  if (window.width != width_ || window.height != height_) {
    throw InputError(fmt::format("recording: expected the window as large as at the start, {} x {}, found {} x {}",
                                 width_, height_, window.width, window.height));
  }
  Image fitted{Even(height_), Even(width_), {}};
  fitted.rgb.resize(fitted.ByteCount());
  const std::size_t from = static_cast<std::size_t>(width_) * 3, to = static_cast<std::size_t>(fitted.width) * 3;
  for (std::size_t row = 0; row < static_cast<std::size_t>(fitted.height); ++row) {
    std::copy_n(window.rgb.data() + row * from, to, fitted.rgb.data() + row * to);
  }
  return fitted;
}

void Recorder::Add(const Image& window, std::vector<std::shared_ptr<const StepView>> moments) {
  writer_->Add(Fitted(window));
  shown_ = std::move(moments);
}

std::filesystem::path Recorder::Stop(const Image& window) {
  const Image last = Fitted(window);
  for (int i = 0; i < kVideoEndPictures; ++i) writer_->Add(last);
  writer_->Close();
  writer_.reset();
  return file_;
}

void Recorder::Finish() {
  if (Pictures() > 0) writer_->Close();
  writer_.reset();
}

}  // namespace divla
