// What this program's datasets hold, in LeRobot's names where it has one:
//   observation.state        Observation::state, named by the robot's joints and grippers
//   observation.tool         Observation::tool: for each arm xyz (m) and the first two rows of the rotation matrix
//   observation.images.NAME  for each camera
//   action                   the joint-position action commanded in this step (rad, gripper 0 to 1), after the controller's
//                            limits, names as those of the state
//   next.reward, next.success, next.done, next.truncated   after this step; the reward is 1 when the goal has held, else 0
//   language_persistent      style "subtask": the reasoning, from the time on at which it was first said
//   language_events          style "vqa": where the object and the destination appear in a camera's picture;
//                            style "interjection": the words of a user who changes the task in mid-episode
// Of demonstrations also, passed over by LeRobot's policies:
//   divla.tool_action        the same action for the tools: for each arm xyz, two rotation rows, gripper (sim/action.h)
//   divla.label_valid        false in perturbed steps: `action` is what the expert answers, but the arm was pushed
//   divla.labels             everything else that training takes from a row (policy/rows.h), as JSON
// In a perturbed demonstration `action` is the expert's label and not what was executed (harness/training/disturbance.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/lerobot/dataset_info.h"
#include "policy/rows.h"
#include "sim/action.h"

namespace divla {

inline constexpr const char* kStateFeature = "observation.state";
inline constexpr const char* kToolFeature = "observation.tool";
inline constexpr const char* kActionFeature = "action";
inline constexpr const char* kToolActionFeature = "divla.tool_action";
inline constexpr const char* kLabelValidFeature = "divla.label_valid";
inline constexpr const char* kLabelsFeature = "divla.labels";
inline constexpr const char* kReasoningStyle = "subtask";
inline constexpr const char* kPlaceStyle = "vqa";

struct DatasetPictures {
  std::vector<std::string> cameras{};
  int height{}, width{};  // pixels
  bool png{};             // in the parquet files, exact; otherwise H.264
  bool language{true};    // the two language columns, which LeRobot before 0.6 cannot open
};

// Throws InputError for an odd size, or one under 16, with videos. `renderer`: Renderer::Description.
DatasetInfo RobotDatasetInfo(const RobotInterface& robot, const DatasetPictures& pictures, bool demonstrations,
                             const std::string& renderer);

// The names of the elements of Observation::tool, and of an end-effector action.
std::vector<std::string> ToolNames(int arms);
std::vector<std::string> ToolActionNames(int arms);

// The four next.* features of one step.
void SetOutcome(bool last, bool success, bool truncated, DatasetFrame& frame);

// A question and its answer, {"label": "object", "point_format": "xy", "point": [u, v]} with u and v fractions of the
// picture's width and height, for each camera in which it is seen.
void AddPlaces(const std::string& label, const Pixels& pixels, std::vector<LanguageRow>& events);
// The places of this label.
Pixels PlacesIn(const std::vector<LanguageRow>& events, std::string_view label);

// Appends a row when `reasoning` is another text than the last row's; empty ones are left out.
void AddReasoning(const std::string& reasoning, int frame, int fps, std::vector<LanguageRow>& persistent);
// The text that holds at `frame`; empty when there is none.
std::string ReasoningAt(const std::vector<LanguageRow>& persistent, int frame, int fps);

// The labels and points of a row with a picture as one line of JSON, and back. `where` starts every InputError. Only the
// named cameras are read.
std::string LabelsText(const TrainingRow& row);
void ReadLabels(const std::string& text, const std::string& where, const std::vector<std::string>& cameras,
                TrainingRow& row);

}  // namespace divla
