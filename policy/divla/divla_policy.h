// The DiVLA policy (DiffusionVLA, Wen et al., ICML 2025): pictures and instruction in, reasoning text and action chunk
// out.
#pragma once

#include <memory>
#include <string>

#include "policy/policy.h"

namespace divla {

// `folder` holds config.json, model.safetensors and the tokenizer's files. Throws InputError naming what is wrong.
// `strict`: as in PolicyOptions (policy/registry.h).
std::unique_ptr<Policy> MakeDivlaPolicy(const std::string& name, const std::string& folder, bool strict = false);

}  // namespace divla
