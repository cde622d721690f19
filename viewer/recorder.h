// Recorder: the window as a video. It gets one picture for every moment that is shown, not for every frame: so the video
// plays in simulated time, a slow machine, a query or a pause makes it no longer, and the same script gives the same
// number of pictures everywhere. (The Director shows moments one by one while it runs: Director::ShowOneByOne.)
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "media/video_writer.h"
#include "viewer/history.h"

namespace divla {

class Recorder {
 public:
  // `width`, `height`: pixels of the window; an odd last column or row is left out. Makes the file's folder. Throws
  // InputError for a window that no video can hold, MachineError as VideoWriter does.
  void Start(const std::filesystem::path& file, int width, int height);
  bool Recording() const { return writer_ != nullptr; }
  int Pictures() const { return writer_ ? writer_->Pictures() : 0; }
  // Whether these moments, one of each line, were not shown yet.
  bool Wants(const std::vector<std::shared_ptr<const StepView>>& moments) const;
  // A picture of the window that shows them. Of another size than at the start: InputError.
  void Add(const Image& window, std::vector<std::shared_ptr<const StepView>> moments);
  // Ends with a picture that stays for kVideoEndPictures. Returns the file.
  std::filesystem::path Stop(const Image& window);
  // The same when there is no window any more: without that picture. Without any picture there is no file.
  void Finish();
  // Gives up: there is no file.
  void Drop() { writer_.reset(); }

 private:
  Image Fitted(const Image& window) const;

  std::filesystem::path file_;
  int width_{}, height_{};  // of the window
  std::unique_ptr<VideoWriter> writer_;
  std::vector<std::shared_ptr<const StepView>> shown_;  // kept, so that no other one can have its address
};

}  // namespace divla
