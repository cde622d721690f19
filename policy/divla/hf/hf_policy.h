// A policy of the released DiVLA code, in a Hugging Face folder, as a Policy of this suite. What such a folder does not
// say stands in a file of ours beside the weights, divla.json:
//
//   {
//     "robot": "agilex",
//     "action_kind": "joint_position",            or "end_effector_pose"; absolute numbers
//     "cameras": ["cam_high", "cam_left_wrist", "cam_right_wrist"],
//     "image_size": [240, 320],                   of the pictures before the processor, height and width
//     "n_action_steps": 16,                       steps of a chunk that are played
//     "max_new_tokens": 256,
//     "dataset_stats": {"action_min": [...], "action_max": [...], "qpos_mean": [...], "qpos_std": [...]}
//   }
//
// dataset_stats are the numbers of the released training's dataset_stats.pkl (divla.md 1.7): actions were scaled to
// [-1, 1] by minimum and maximum, the state by mean and deviation.
#pragma once

#include <memory>
#include <string>

#include "policy/policy.h"

namespace divla {

// Computes in the type that the folder stores, on all cores. Throws InputError for a folder that is no policy, without
// divla.json, or whose sizes disagree.
std::unique_ptr<Policy> MakeHfPolicy(const std::string& name, const std::string& folder);

}  // namespace divla
