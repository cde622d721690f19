// One forward pass of a checkpoint folder with every intermediate tensor, for checking it against another
// implementation (policy/README.md has the contract and an example). Standard types only.
#pragma once

#include <string>

namespace divla {

struct ProbeOptions {
  std::string dtype{"float32"};  // of the computation: float32 or bfloat16, whatever the folder stores
};

// folder: Hugging Face's Qwen2-VL or SigLIP vision model, a policy of the released DiVLA code, or one of our own.
// input: safetensors with the pictures, metadata `instruction` and `max_new_tokens`, and for a policy `state` and
// `noise`. output: the safetensors file that is written. Throws InputError naming file, key or tensor.
void Probe(const std::string& folder, const std::string& input, const std::string& output,
           const ProbeOptions& options = {});

}  // namespace divla
