// DROID's observations and actions, as openpi's droid_policy.py and examples/droid/main.py have them.
#include <algorithm>

#include "policy/remote/client/profile.h"
#include "policy/remote/client/profile_parts.h"

namespace divla {
namespace {

constexpr int kJoints = 7;
constexpr int kDim = 8;  // 7 joint velocities and the position of the gripper
constexpr int kDefaultSteps = 8;
constexpr int kDefaultHz = 15;
constexpr int kPictureHeight = 126;  // of 224 x 126: DROID's pictures are 16:9
// droid/robot_ik/robot_ik_solver.py: a velocity of 1 moves a joint so far in one action.
constexpr double kJointScale = 0.2;  // rad

class DroidProfile final : public Profile {
 public:
  DroidProfile(int steps, int hz) : steps_(steps), hz_(hz) {}

  PolicyRequirements Requirements(const RobotInterface& robot) const override {
    RequireRobot("droid", robot, "panda");
    return {.cameras = {"left", "wrist"},
            .image_height = kPictureHeight,
            .image_width = kOpenpiPicture,
            .action_kind = ActionKind::kJointPosition,
            .n_action_steps = ControlSteps(steps_, hz_)};
  }

  WireValue Request(const RobotInterface&, const Query& query) const override {
    const Observation& observation = *query.observation;
    // DROID's gripper is 0 open and 1 closed, ours the other way round.
    const std::vector<float> gripper = {1.0F - observation.state.back()};
    WireValue request = WireValue::OfMap();
    request.Set("observation/exterior_image_1_left", PictureHwc(BlackBars(observation.images.at("left"))));
    request.Set("observation/wrist_image_left", PictureHwc(BlackBars(observation.images.at("wrist"))));
    request.Set("observation/joint_position", FloatArray(std::span(observation.state).first(kJoints)));
    request.Set("observation/gripper_position", FloatArray(gripper));
    request.Set("prompt", TextValue(observation.instruction));
    return request;
  }

  // The joints' targets are the velocities' integral from where the joints are.
  ActionChunk Actions(const RobotInterface&, const Observation& observation, const std::vector<double>& values,
                      int steps, int dim) const override {
    RequireDim("droid", kDim, dim);
    std::vector<double> joints(observation.state.begin(), observation.state.begin() + kJoints);
    ActionChunk chunk{ActionKind::kJointPosition, ControlSteps(steps, hz_), kDim, {}};
    for (int step = 0, tick = 0; step < chunk.size; ++step) {
      const double* action = nullptr;
      // In ticks of 1 / (20 hz) s our control steps last hz of them and their actions 20.
      for (int end = tick + hz_; tick < end; ++tick) {
        action = values.data() + static_cast<std::ptrdiff_t>(std::min(steps - 1, tick / 20)) * kDim;
        for (std::size_t i = 0; i < kJoints; ++i) joints[i] += kJointScale / 20 * std::clamp(action[i], -1.0, 1.0);
      }
      for (const double joint : joints) chunk.values.push_back(static_cast<float>(joint));
      const double gripper = action[kJoints];  // NaN must not pass for closed or open
      chunk.values.push_back(static_cast<float>(gripper == gripper ? (gripper > 0.5 ? 0.0 : 1.0) : gripper));
    }
    return chunk;
  }

 private:
  int steps_, hz_;
};

}  // namespace

std::unique_ptr<Profile> MakeDroidProfile(const RemoteOptions& options) {
  return std::make_unique<DroidProfile>(options.action_steps > 0 ? options.action_steps : kDefaultSteps,
                                        options.action_hz > 0 ? options.action_hz : kDefaultHz);
}

}  // namespace divla
