#include "harness/records/run_info.h"

namespace divla {

bool KeepsVideo(RunVideos videos, const EpisodeRecord& record) {
  return videos == RunVideos::kAll || (videos == RunVideos::kFailures && !record.success);
}

double PictureAspect(const RunInfo& info, const std::string& robot) {
  if (!info.pictures) return 1.0;
  for (const PolicyPictures& pictures : info.pictures->policy) {
    if (pictures.robot == robot) return pictures.Aspect();
  }
  return 1.0;
}

}  // namespace divla
