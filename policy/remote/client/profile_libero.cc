// LIBERO's observations and actions, as openpi's examples/libero/main.py and libero_policy.py have them.
#include <fmt/format.h>

#include <algorithm>

#include "policy/remote/client/profile.h"
#include "policy/remote/client/profile_parts.h"
#include "sim/check.h"

namespace divla {
namespace {

constexpr int kDim = 7;
constexpr int kDefaultSteps = 5;  // of 10, as openpi's client plays them
// robosuite 1.4's OSC_POSE controller (controllers/config/osc_pose.json): an action of 1 moves the target so far.
constexpr double kPositionScale = 0.05;  // m
constexpr double kRotationScale = 0.5;   // rad
constexpr double kFingerTravel = 0.04;   // m, of each finger of the Panda hand between closed and open

class LiberoProfile final : public Profile {
 public:
  explicit LiberoProfile(int steps) : steps_(steps) {}

  PolicyRequirements Requirements(const RobotInterface& robot) const override {
    RequireRobot("libero", robot, "panda");
    return {.cameras = {"left", "wrist"},
            .image_height = kOpenpiPicture,
            .image_width = kOpenpiPicture,
            .action_kind = ActionKind::kEndEffectorPose,
            .n_action_steps = steps_};
  }

  WireValue Request(const RobotInterface&, const Query& query) const override {
    const Observation& observation = *query.observation;
    const std::span<const float> tool(observation.tool);
    const float opening = observation.state.back();
    std::vector<double> state(tool.begin(), tool.begin() + 3);
    for (const double number : AxisAngle(FromTwoRows(tool.subspan(3, 6)))) state.push_back(number);
    state.push_back(kFingerTravel * static_cast<double>(opening));
    state.push_back(-kFingerTravel * static_cast<double>(opening));
    const std::vector<float> state32(state.begin(), state.end());
    WireValue request = WireValue::OfMap();
    // LIBERO's pictures come from glReadPixels, the lowest row first, and its policies see them turned by 180 degrees:
    // upright, with left and right exchanged (openvla issue 295, lerobot issue 3830). Ours are upright.
    request.Set("observation/image", PictureHwc(Mirrored(observation.images.at("left"))));
    request.Set("observation/wrist_image", PictureHwc(Mirrored(observation.images.at("wrist"))));
    request.Set("observation/state", FloatArray(state32));
    request.Set("prompt", TextValue(observation.instruction));
    return request;
  }

  // Each action moves the target of the one before it; the first starts where the tool is. robosuite starts each from
  // the tool's measured pose, which is not known beforehand.
  ActionChunk Actions(const RobotInterface&, const Observation& observation, const std::vector<double>& values,
                      int steps, int dim) const override {
    RequireDim("libero", kDim, dim);
    const std::span<const float> tool(observation.tool);
    std::array<double, 3> position{};
    std::copy_n(tool.begin(), 3, position.begin());
    Matrix3 rotation = FromTwoRows(tool.subspan(3, 6));
    double opening = static_cast<double>(observation.state.back());
    ActionChunk chunk{ActionKind::kEndEffectorPose, steps, kEndEffectorActionSize, {}};
    for (int step = 0; step < steps; ++step) {
      const double* action = values.data() + static_cast<std::ptrdiff_t>(step) * kDim;
      std::array<double, 3> turn{};
      for (std::size_t i = 0; i < 3; ++i) {
        position[i] += kPositionScale * std::clamp(action[i], -1.0, 1.0);
        turn[i] = kRotationScale * std::clamp(action[3 + i], -1.0, 1.0);
      }
      rotation = Product(FromAxisAngle(turn), rotation);
      // Its gripper closes at positive numbers, opens at negative ones, and stays at 0.
      if (action[6] > 0) opening = 0;
      if (action[6] < 0) opening = 1;
      for (const double number : position) chunk.values.push_back(static_cast<float>(number));
      for (std::size_t row = 0; row < 2; ++row) {
        for (const double number : rotation[row]) chunk.values.push_back(static_cast<float>(number));
      }
      // NaN must not pass for a closed or open gripper.
      chunk.values.push_back(static_cast<float>(action[6] == action[6] ? opening : action[6]));
    }
    return chunk;
  }

 private:
  int steps_;
};

}  // namespace

std::unique_ptr<Profile> MakeLiberoProfile(const RemoteOptions& options) {
  if (options.action_hz != 0 && options.action_hz != 20) {
    throw InputError(fmt::format("--action-hz: profile libero: expected 20, found {}", options.action_hz));
  }
  return std::make_unique<LiberoProfile>(options.action_steps > 0 ? options.action_steps : kDefaultSteps);
}

}  // namespace divla
