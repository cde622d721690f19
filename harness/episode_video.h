// The video of one episode: what its cameras see at every control step, in real time, with the instruction and what the
// policy said at its last query. It is as much a function of the episode as its record is. Owned by one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/agent.h"
#include "harness/records/records.h"
#include "harness/video_page.h"
#include "media/video_writer.h"
#include "sim/render/renderer.h"
#include "sim/scene.h"

namespace divla {

// RUN/videos and RUN/videos/KEY.mp4.
std::filesystem::path VideoFolder(const std::filesystem::path& run);
std::filesystem::path VideoPath(const std::filesystem::path& run, const EpisodeKey& key);

// Pictures a second: one for each control step.
inline constexpr int kVideoFps = 20;
// The last picture stays this long, with how the episode went.
inline constexpr int kVideoEndPictures = 30;

class EpisodeVideo {
 public:
  // `pictures`: what the policy is shown; the video has the same cameras and the same shape of picture at the report's
  // height, without the sensor noise. A policy that looks at nothing: all cameras of the robot. Throws MachineError as
  // VideoWriter does.
  EpisodeVideo(const std::filesystem::path& file, const Scene& scene, const PolicyPictures& pictures);

  // Before each control step: the state, and the answer that is about to be played in it.
  void Add(const AgentView& view, const AgentAnswer& answer, Renderer& renderer);
  // After the last one. Without it there is no video.
  void Close(const AgentView& view, const EpisodeRecord& record, Renderer& renderer);
  // The same of an episode that is not over: nothing is said of how it went.
  void CloseOpen(const AgentView& view, Renderer& renderer);

 private:
  void End(const VideoContent& content);
  VideoContent Content(const AgentView& view, Renderer& renderer) const;

  std::vector<std::string> cameras_;
  int picture_width_;
  VideoPage page_;
  std::string said_;
  VideoWriter writer_;
};

}  // namespace divla
