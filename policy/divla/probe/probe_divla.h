// The probe of a checkpoint of our own (config.json with model_type "divla").
#pragma once

#include <string>
#include <vector>

#include "policy/divla/probe/probe_file.h"

namespace divla {

// Input beyond the common: `state` (state_dim + tool_dim), the normalised proprioception; metadata `embodiment`, needed
// where the checkpoint has several. Pictures are resized to the tower's size. Output as for a Qwen2-VL, with
// pixel_values (K, H, W, 3) in [-1, 1]; `condition` is what the denoiser gets beside the reasoning.
void ProbeDivla(const std::string& folder, ProbeInput& input, ProbeOutput& output);

// Standard normal numbers from a fixed stream: what a probe denoises from when the input has no `noise`.
at::Tensor ProbeNoise(const std::vector<std::int64_t>& shape);

}  // namespace divla
