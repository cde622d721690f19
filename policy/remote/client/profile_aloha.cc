// ALOHA's observations and actions, as openpi's aloha_policy.py and examples/aloha_sim have them.
#include <algorithm>

#include "policy/remote/client/profile.h"
#include "policy/remote/client/profile_parts.h"

namespace divla {
namespace {

constexpr int kDim = 14;  // 6 joints and the gripper of the left arm, then of the right one: our order, too
constexpr int kDefaultSteps = 10;
constexpr int kDefaultHz = 50;
constexpr int kPictureHeight = 168;  // of 224 x 168: ALOHA's pictures are 4:3

class AlohaProfile final : public Profile {
 public:
  AlohaProfile(int steps, int hz) : steps_(steps), hz_(hz) {}

  PolicyRequirements Requirements(const RobotInterface& robot) const override {
    RequireRobot("aloha", robot, "agilex");
    return {.cameras = {"cam_high", "cam_left_wrist", "cam_right_wrist"},
            .image_height = kPictureHeight,
            .image_width = kOpenpiPicture,
            .action_kind = ActionKind::kJointPosition,
            .n_action_steps = ControlSteps(steps_, hz_)};
  }

  WireValue Request(const RobotInterface& robot, const Query& query) const override {
    const Observation& observation = *query.observation;
    WireValue images = WireValue::OfMap();
    for (const std::string& camera : Requirements(robot).cameras) {
      images.Set(camera, PictureChw(BlackBars(observation.images.at(camera))));
    }
    WireValue request = WireValue::OfMap();
    request.Set("state", FloatArray(observation.state));
    request.Set("images", std::move(images));
    request.Set("prompt", TextValue(observation.instruction));
    return request;
  }

  // Absolute targets: at the end of each of our control steps the one that is in force there.
  ActionChunk Actions(const RobotInterface&, const Observation&, const std::vector<double>& values, int steps,
                      int dim) const override {
    RequireDim("aloha", kDim, dim);
    ActionChunk chunk{ActionKind::kJointPosition, ControlSteps(steps, hz_), kDim, {}};
    for (int step = 0; step < chunk.size; ++step) {
      // In ticks of 1 / (20 hz) s ours lasts hz of them and theirs 20.
      const int index = std::min(steps - 1, (hz_ * (step + 1) - 1) / 20);
      const auto row = values.begin() + static_cast<std::ptrdiff_t>(index) * kDim;
      chunk.values.insert(chunk.values.end(), row, row + kDim);
    }
    return chunk;
  }

 private:
  int steps_, hz_;
};

}  // namespace

std::unique_ptr<Profile> MakeAlohaProfile(const RemoteOptions& options) {
  return std::make_unique<AlohaProfile>(options.action_steps > 0 ? options.action_steps : kDefaultSteps,
                                        options.action_hz > 0 ? options.action_hz : kDefaultHz);
}

}  // namespace divla
