#include "harness/episode_video.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/policy_view.h"
#include "sim/action.h"

namespace divla {
namespace {

static_assert(kVideoFps * kControlPeriod == 1.0, "a video plays in real time");

constexpr double kMostAspect = 3.0;  // a wider picture is cut off at the sides

std::vector<std::string> CamerasOf(const Scene& scene, const PolicyPictures& pictures) {
  return pictures.cameras.empty() ? scene.GetRobot().spec.cameras : pictures.cameras;
}

int WidthOf(const PolicyPictures& pictures) {
  if (pictures.cameras.empty()) return kReportWidth;
  return std::max(1, static_cast<int>(std::lround(kReportHeight * std::min(pictures.Aspect(), kMostAspect))));
}

VideoVerdict VerdictOf(const EpisodeRecord& record) {
  if (record.success) return {true, fmt::format("Success after {:.1f} s", record.sim_seconds)};
  std::string failure = record.failure;
  std::replace(failure.begin(), failure.end(), '_', ' ');
  return {false, fmt::format("Failure after {:.1f} s: {}", record.sim_seconds, failure)};
}

}  // namespace

std::filesystem::path VideoFolder(const std::filesystem::path& run) { return run / "videos"; }

std::filesystem::path VideoPath(const std::filesystem::path& run, const EpisodeKey& key) {
  return VideoFolder(run) / (ToString(key) + ".mp4");
}

EpisodeVideo::EpisodeVideo(const std::filesystem::path& file, const Scene& scene, const PolicyPictures& pictures)
    : cameras_(CamerasOf(scene, pictures)),
      picture_width_(WidthOf(pictures)),
      page_(cameras_, kReportHeight, picture_width_),
      writer_(file, page_.Width(), page_.Height(), kVideoFps) {}

VideoContent EpisodeVideo::Content(const AgentView& view, Renderer& renderer) const {
  VideoContent content;
  content.instruction = GivenInstruction(*view.control, *view.plan);
  // Whole control steps, as a record counts them: the simulator's sum of small steps is a little off.
  content.seconds = static_cast<double>(std::lround(view.scene->Data().time / kControlPeriod)) * kControlPeriod;
  for (const std::string& camera : cameras_) {
    content.pictures.push_back(
        renderer.Render(*view.scene, view.scene->CameraId(camera), kReportHeight, picture_width_));
  }
  content.said = said_;
  return content;
}

void EpisodeVideo::Add(const AgentView& view, const AgentAnswer& answer, Renderer& renderer) {
  if (answer.reasoning) said_ = answer.reasoning->text;
  writer_.Add(page_.Draw(Content(view, renderer)));
}

void EpisodeVideo::Close(const AgentView& view, const EpisodeRecord& record, Renderer& renderer) {
  VideoContent content = Content(view, renderer);
  content.verdict = VerdictOf(record);
  End(content);
}

void EpisodeVideo::CloseOpen(const AgentView& view, Renderer& renderer) { End(Content(view, renderer)); }

void EpisodeVideo::End(const VideoContent& content) {
  const Image last = page_.Draw(content);
  for (int i = 0; i < kVideoEndPictures; ++i) writer_.Add(last);
  writer_.Close();
}

}  // namespace divla
