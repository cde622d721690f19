// The weights of a Hugging Face folder under the names that our networks use, each mapped from its file where the
// compute type is the stored one, else converted once.
//
// Spellings: `model.language_model.X` and `model.X`; `model.visual.X` and `visual.X`; SigLIP's tensors with or without
// `vision_model.`, its q, k and v joined, and its pooling head, which nobody here uses, left out.
#pragma once

#include <string>

#include "policy/divla/hf/hf_config.h"
#include "policy/divla/weights/params.h"

namespace divla {

// "float32" or "bfloat16", what --dtype says. Throws InputError for another word.
at::ScalarType ComputeTypeNamed(const std::string& name);

// All weights of a folder of this configuration, as the networks list them.
ParamSpecs HfSpecs(const HfConfig& config);

// Takes exactly those from FOLDER. Throws InputError naming file and tensor: missing, not wanted, another shape, a type
// that is no floating-point type, a tied lm_head.weight that differs from the embedding.
// Mapped tensors keep their files open and must not be written to.
ParamStore LoadHfWeights(const HfConfig& config, const std::string& folder, at::ScalarType type);

}  // namespace divla
