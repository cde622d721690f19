#include "tasks/pick_place.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/controller.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kAligned = 0.012;  // m, horizontal error below which the tool may go down
constexpr double kAtGrasp = 0.006;  // m, error at which the fingers close
constexpr int kGripSteps = 6;       // control steps that the fingers get to close
constexpr int kReleaseSteps = 5;    // control steps that they get to open
constexpr double kAtDepth = 0.003;  // m, the same downwards for the careful
constexpr int kMostWaiting = 8;     // control steps that the careful wait for that depth
constexpr int kMostLost = 4;        // control steps that the careful hold on without a contact
constexpr double kStraight = 0.08;  // rad, turn error below which the tool may go down
constexpr double kTurnLead = 0.3;   // rad, how far ahead of the tool the command turns
constexpr double kLowest = 0.0105;  // m, tool over the table: lower, the fingers would touch it

double Towards(double from, double to, double lead) { return from + std::clamp(to - from, -lead, lead); }

// Turn about world z of the object's long side, folded to a quarter turn either way: half a turn is the same grasp.
double LongSideYaw(const Scene& scene, int body) {
  const mjtNum* axes = scene.Data().xmat + 9 * body;
  const double x = axes[0];
  const double y = axes[3];
  if (std::hypot(x, y) < 0.3) return 0;  // it stands on its end
  return x < 0 ? std::atan2(-y, -x) : std::atan2(y, x);
}

}  // namespace

PickPlaceExpert::PickPlaceExpert(std::string body, const ObjectInfo& object, std::array<double, 3> place,
                                 std::function<bool(const Scene&)> done, const PickPlaceOptions& options)
    : body_(std::move(body)), object_(&object), place_(place), done_(std::move(done)), options_(options) {}

std::vector<float> PickPlaceExpert::Act(const Scene& scene) {
  const Pose tool = scene.ToolPose(options_.arm);
  Pose grasp = GraspPose(scene, body_, *object_);
  bool held = scene.IsGrasped(options_.arm, scene.BodyId(body_));
  if (first_ && held) grip_steps_ = kGripSteps;  // it was put into the gripper
  first_ = false;
  if (options_.careful) {
    lost_steps_ = held ? 0 : lost_steps_ + 1;
    held = lost_steps_ < kMostLost;
  }
  double turn = 0;  // rad, of the tool about world z
  bool straight = true, straight_place = true;
  if (options_.follow_yaw) {
    grasp.position[2] = std::max(grasp.position[2], kLowest);
    turn = LongSideYaw(scene, scene.BodyId(body_));
    straight = std::abs(turn - GripperYaw(tool)) < kStraight;
    straight_place = std::abs(GripperYaw(tool)) < kStraight;
  }
  std::array<double, 3> goal = grasp.position;
  double gripper = 1.0;

  const double off_grasp = std::hypot(tool.position[0] - grasp.position[0], tool.position[1] - grasp.position[1]);
  const double off_place = std::hypot(tool.position[0] - place_[0], tool.position[1] - place_[1]);
  const double above_grasp = tool.position[2] - grasp.position[2];
  double depth = kAtGrasp;
  if (options_.careful) {
    waiting_ = off_grasp < kAtGrasp && std::abs(above_grasp) < kAtGrasp ? waiting_ + 1 : 0;
    if (waiting_ <= kMostWaiting) depth = kAtDepth;
  }

  if (release_steps_ > 0 && release_steps_ < kReleaseSteps) {
    goal = tool.position;  // let go where it is
    if (options_.follow_yaw) turn = GripperYaw(tool);
    ++release_steps_;
    grip_steps_ = 0;
  } else if (done_(scene)) {
    goal = {tool.position[0], tool.position[1], options_.carry_height + 0.04};
    if (options_.follow_yaw) turn = GripperYaw(tool);
    grip_steps_ = 0;
  } else if (held && grip_steps_ >= kGripSteps) {
    gripper = 0.0;
    release_steps_ = 0;
    turn = 0;
    if (off_place > kAligned || !straight_place) {
      // Up first, then across: horizontal speed grows with the height gained, so the object clears what stands around
      // it.
      const double clear = std::clamp((tool.position[2] - (options_.carry_height - 0.06)) / 0.05, 0.0, 1.0);
      for (std::size_t i = 0; i < 2; ++i) goal[i] = tool.position[i] + clear * (place_[i] - tool.position[i]);
      goal[2] = options_.carry_height;
    } else {
      goal = place_;
      if (tool.position[2] - place_[2] < kAligned) {
        gripper = 1.0;
        release_steps_ = 1;
      }
    }
  } else if (grip_steps_ > 0 && grip_steps_ < kGripSteps && off_grasp < 3 * kAligned) {
    gripper = 0.0;
    ++grip_steps_;
  } else {
    release_steps_ = 0;
    grip_steps_ = 0;
    if (straight && off_grasp < kAtGrasp && std::abs(above_grasp) < depth && scene.GripperOpening(options_.arm) > 0.8) {
      gripper = 0.0;
      grip_steps_ = 1;
    } else if (!straight ||
               (off_grasp > kAligned && !(above_grasp < 0.5 * options_.hover && off_grasp < 2 * kAligned))) {
      // Across at hover height; from low down, up before across.
      goal[2] = grasp.position[2] + options_.hover;
      if (above_grasp < 0.4 * options_.hover) {
        goal[0] = tool.position[0];
        goal[1] = tool.position[1];
      }
    }
  }

  ToolTarget target;
  target.pose.rotation = DownRotation();
  if (options_.follow_yaw) target.pose.rotation = DownRotation(Towards(GripperYaw(tool), turn, kTurnLead));
  for (std::size_t i = 0; i < 2; ++i) {
    target.pose.position[i] = Towards(tool.position[i], goal[i], options_.lead_horizontal);
  }
  target.pose.position[2] = Towards(tool.position[2], goal[2], options_.lead_vertical);
  target.gripper = gripper;
  return ToAction(scene, {&target, 1});
}

std::unique_ptr<Expert> MakePickPlaceExpert(const EpisodePlan& plan, const std::array<double, 3>& place,
                                            const PickPlaceOptions& options) {
  const ObjectInfo& object = PlacedObject(plan, plan.target);
  const ObjectInfo& destination = PlacedObject(plan, plan.destination);
  auto done = [&object, &destination, target = plan.target, box = plan.destination,
               arm = options.arm](const Scene& scene) {
    const int body = scene.BodyId(target);
    return !scene.IsTouched(arm, body) && IsInside(scene, body, object, scene.BodyId(box), *destination.container);
  };
  return std::make_unique<PickPlaceExpert>(plan.target, object, place, std::move(done), options);
}

}  // namespace divla
