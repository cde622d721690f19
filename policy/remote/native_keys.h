// The native profile: what `divla eval --policy ws://...` and `divla serve` say to each other beyond openpi's protocol.
// Every other openpi client or server may use these keys too; all of them are optional for a server that answers with
// "actions" alone.
//
// Metadata, server to client, once:
//   "divla": { "version": 1, "policy": text, "weights_sha256": text, "reasons": bool,
//              "robots": { ROBOT: { "cameras": [text...], "image_size": [height, width],
//                                   "action_kind": "joint_position" | "end_effector_pose", "n_action_steps": int } } }
// "reasons": writes a text and accepts every "reasoning_mode". Without "divla" a server gets all cameras of the robot at
// 224 x 224 and answers joint positions, of which 8 are played.
//
// Observation, client to server:
//   "robot": text, "images": { CAMERA: uint8 [H, W, 3] }, "state": f4 [S], "tool": f4 [arms * 9], "prompt": text,
//   "time": float (s since the episode's reset), "step": int (control steps since then), "reset": bool (true at the
//   episode's first query), "query": int (from 0 in each episode), "seed": int (names the episode: 64 bits, unsigned,
//   the key of all its noise), "episode": int (index within its group)
//   and to a server that reasons, where a control asks for it: "reasoning_mode": "forced" | "withheld" (absent: its
//   own), "forced_reasoning": text, "forced_pixels": { CAMERA: [u, v] | nil }
// What the fields are is said in sim/observation.h and policy/policy.h.
//
// Answer, server to client:
//   "actions": f4 or f8 [steps, dim] and, optional, "reasoning": text, "reasoning_grounded": text (with location
//   tokens), "reasoning_pixels": { CAMERA: [u, v] }, the pair as an array or a numpy array
#pragma once

namespace divla::native {

inline constexpr int kVersion = 1;
inline constexpr int kDefaultImageSize = 224;  // pixels, both ways: what openpi's policies see
inline constexpr int kDefaultActionSteps = 8;

// metadata
inline constexpr const char* kDivla = "divla";
inline constexpr const char* kVersionKey = "version";
inline constexpr const char* kPolicy = "policy";
inline constexpr const char* kWeights = "weights_sha256";
inline constexpr const char* kReasons = "reasons";
inline constexpr const char* kRobots = "robots";
inline constexpr const char* kCameras = "cameras";
inline constexpr const char* kImageSize = "image_size";
inline constexpr const char* kActionKind = "action_kind";
inline constexpr const char* kJointPosition = "joint_position";
inline constexpr const char* kEndEffectorPose = "end_effector_pose";
inline constexpr const char* kActionSteps = "n_action_steps";

// observation
inline constexpr const char* kRobot = "robot";
inline constexpr const char* kImages = "images";
inline constexpr const char* kState = "state";
inline constexpr const char* kTool = "tool";
inline constexpr const char* kPrompt = "prompt";
inline constexpr const char* kTime = "time";
inline constexpr const char* kStep = "step";
inline constexpr const char* kReset = "reset";
inline constexpr const char* kQuery = "query";
inline constexpr const char* kSeed = "seed";
inline constexpr const char* kEpisode = "episode";
inline constexpr const char* kReasoningMode = "reasoning_mode";
inline constexpr const char* kForced = "forced";
inline constexpr const char* kWithheld = "withheld";
inline constexpr const char* kForcedReasoning = "forced_reasoning";
inline constexpr const char* kForcedPixels = "forced_pixels";

// answer
inline constexpr const char* kActions = "actions";
inline constexpr const char* kReasoning = "reasoning";
inline constexpr const char* kReasoningGrounded = "reasoning_grounded";
inline constexpr const char* kReasoningPixels = "reasoning_pixels";

}  // namespace divla::native
