#include "harness/training/disturbance.h"

#include <algorithm>
#include <cmath>

#include "sim/action.h"

namespace divla {
namespace {

constexpr int kMostPushes = 2;
constexpr int kMostPushSteps = 3;
constexpr int kFirstPush = 5;                              // control step
constexpr double kPush[3] = {0.04, 0.04, 0.03};            // m, deviation of the offset in x, y, z
constexpr double kMissShare = 0.25;                        // of the demonstrations
constexpr double kBackOffLow = 0.05, kBackOffHigh = 0.07;  // m: fingers clear what they would have taken
constexpr int kMissSteps = 8;                              // control steps
constexpr int kMissOpenSteps = 4;                          // of these, with open fingers: the way out
constexpr int kMostMaskSteps = 20;                         // control steps: by then every expert has noticed
constexpr double kTremble = 0.002;                         // m, deviation of the trembling
constexpr double kTrembleMemory = 0.9;                     // of one control step
constexpr float kClosing = 0.3f;  // gripper command under which the fingers close (experts open to 0.55 or more)
constexpr std::size_t kGripper = kEndEffectorActionSize - 1;

// The third column of the rotation of which the command holds the first two rows: the tool's z, out of the gripper.
std::array<double, 3> ToolAxis(std::span<const float> command) {
  const auto row = command.subspan(3, 6);
  return {row[2], row[5], static_cast<double>(row[0]) * row[4] - static_cast<double>(row[1]) * row[3]};
}

std::span<float> OfArm(std::vector<float>& command, std::size_t arm) {
  return std::span(command).subspan(arm * kEndEffectorActionSize, kEndEffectorActionSize);
}

void Move(std::span<float> command, const std::array<double, 3>& offset) {
  for (std::size_t axis = 0; axis < 3; ++axis) command[axis] += static_cast<float>(offset[axis]);
}

}  // namespace

int Closings::Watch(std::span<const float> command) {
  int first = -1;
  for (std::size_t arm = 0; arm < closed_.size(); ++arm) {
    const bool closed = command[arm * kEndEffectorActionSize + kGripper] < kClosing;
    if (closed && !closed_[arm]) {
      ++count_;
      if (first < 0) first = static_cast<int>(arm);
    }
    closed_[arm] = closed;
  }
  return first;
}

Disturbance::Disturbance(Rng rng, int arms, const UndisturbedRun& run)
    : rng_(rng), tremble_(static_cast<std::size_t>(arms)), closings_(arms) {
  const int pushes = rng_.Int(kMostPushes + 1);
  for (int i = 0; i < pushes; ++i) {
    Push push;
    push.first = kFirstPush + rng_.Int(std::max(1, run.steps - kFirstPush - kMostPushSteps));
    push.steps = 1 + rng_.Int(kMostPushSteps);
    push.arm = static_cast<std::size_t>(rng_.Int(arms));
    for (std::size_t axis = 0; axis < 3; ++axis) push.offset[axis] = kPush[axis] * rng_.Normal();
    planned_.push_back(push);
  }
  const bool miss = rng_.Uniform() < kMissShare;
  const int closing = rng_.Int(std::max(1, run.closings));
  back_off_ = rng_.Uniform(kBackOffLow, kBackOffHigh);
  if (miss && run.closings > 0) miss_at_ = closing;
}

bool Disturbance::Apply(int step, std::vector<float>& command) {
  const double fresh = std::sqrt(1.0 - kTrembleMemory * kTrembleMemory) * kTremble;
  for (auto& arm : tremble_) {
    for (double& value : arm) value = kTrembleMemory * value + fresh * rng_.Normal();
  }
  bool label = !Miss(step, command);
  for (const Push& push : planned_) {
    if (step < push.first || step >= push.first + push.steps) continue;
    label = false;
    if (step == push.first) ++pushes_;
    Move(OfArm(command, push.arm), push.offset);
  }
  for (std::size_t arm = 0; arm < tremble_.size(); ++arm) Move(OfArm(command, arm), tremble_[arm]);
  return label;
}

// True while the grasp is being missed and until the expert has answered.
bool Disturbance::Miss(int step, std::vector<float>& command) {
  const int before = closings_.Count();
  const int arm = closings_.Watch(command);
  if (!missed_ && miss_at_ >= before && miss_at_ < closings_.Count()) {
    missed_ = true;
    miss_since_ = step;
    miss_arm_ = static_cast<std::size_t>(arm);
  }
  if (miss_since_ < 0) return false;
  const std::span<float> mine = OfArm(command, miss_arm_);
  const int since = step - miss_since_;
  if (since >= kMissSteps && (mine[kGripper] >= kClosing || since >= kMostMaskSteps)) {
    miss_since_ = -1;
    return false;
  }
  if (since < kMissSteps) {
    const std::array<double, 3> axis = ToolAxis(mine);
    Move(mine, {-back_off_ * axis[0], -back_off_ * axis[1], -back_off_ * axis[2]});
  }
  if (since < kMissOpenSteps) mine[kGripper] = 1.0f;
  return true;
}

}  // namespace divla
