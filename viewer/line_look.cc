// What is known of a line at the step where it stands: its StepView, pictures for the person, what the expert would do.
#include <algorithm>

#include "sim/check.h"
#include "sim/controller.h"
#include "tasks/intervention.h"
#include "viewer/line.h"

namespace divla {
namespace {

// The present pose in the numbers of an action.
std::vector<float> Reached(const Scene& scene, ActionKind kind) {
  if (kind == ActionKind::kJointPosition) return ProprioState(scene);
  const std::vector<float> tools = ToolState(scene);
  std::vector<float> numbers;
  for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
    const auto first = tools.begin() + arm * kToolPoseSize;
    numbers.insert(numbers.end(), first, first + kToolPoseSize);
    numbers.push_back(static_cast<float>(scene.GripperOpening(arm)));
  }
  return numbers;
}

}  // namespace

std::shared_ptr<const StepView> Line::Look(std::shared_ptr<const QueryView> query,
                                           std::shared_ptr<const CameraPictures> pictures) {
  const Scene& scene = episode_->GetScene();
  const EpisodeLog& log = episode_->LogSoFar();
  const EpisodeMonitor& monitor = episode_->Monitor();
  auto look = std::make_shared<StepView>();
  look->step = view_.live;
  const auto state = log.State(view_.live);
  look->state.assign(state.begin(), state.end());
  if (view_.live > 0) {
    const auto action = log.Action(view_.live - 1);
    look->action.assign(action.begin(), action.end());
  }
  look->reached = Reached(scene, agent_->Kind());
  look->expert = ExpertAction();
  look->stages = monitor.Status().stages;
  look->goal = monitor.Status().goal;
  look->progress = monitor.Progress();
  look->truth = task_->Truth(scene, episode_->Plan());
  look->held = monitor.HeldUp();
  look->instruction = episode_->Plan().instruction;
  look->world = world_;
  for (std::size_t i = 0; i < look->stages.size(); ++i) {
    const bool before = !view_.steps.empty() && i < view_.steps.back()->stages_ever.size() &&
                        view_.steps.back()->instruction == look->instruction && view_.steps.back()->stages_ever[i];
    look->stages_ever.push_back(before || look->stages[i].done);
  }
  for (const EditsAt& at : edited_) {
    const std::optional<Push>& push = at.edits.push;
    if (push && at.step < view_.live && view_.live <= at.step + push->steps) look->pushes.push_back(*push);
  }
  look->query = std::move(query);
  look->pictures = std::move(pictures);
  return look;
}

std::shared_ptr<const CameraPictures> Line::DrawForPerson() {
  if (pictures_.cameras.empty() || !renderer_) return nullptr;
  FirstImages first;
  Hasher unused;
  const ControlPlan none;
  Observation seen = LookAt(episode_->Plan(), none, episode_->GetScene(), pictures_, &renderer_(), first, unused);
  return std::make_shared<CameraPictures>(CameraPictures{view_.live, std::move(seen.images), false});
}

// In the numbers of the agent's actions. Leaves the scene as it was: only the controls are written on the way.
std::vector<float> Line::ExpertAction() {
  Scene& scene = episode_->MutableScene();
  try {
    const std::vector<float> tools = ExpertFromHere(*task_, scene, episode_->Plan())->Act(scene);
    if (agent_->Kind() == ActionKind::kEndEffectorPose) return tools;
    mjtNum* controls = scene.MutableData().ctrl;
    const std::vector<mjtNum> kept(controls, controls + scene.Model().nu);
    std::vector<float> joints;
    try {
      ApplyAction(scene, ActionKind::kEndEffectorPose, tools);
      joints = CommandedJoints(scene);
    } catch (const InputError&) {
      // no such pose: there is nothing to show
    }
    std::copy(kept.begin(), kept.end(), controls);
    return joints;
  } catch (const InputError&) {
    return {};
  }
}

}  // namespace divla
