// A Qwen2-VL of a published size with the released policy's head, with random weights: what speed and memory depend on,
// without a file of that size.
#pragma once

#include <memory>
#include <string>

#include "policy/divla/hf/vla_engine.h"

namespace divla {

// "qwen2-vl-2b" or "qwen2-vl-7b" (divla.md 5.1). Throws InputError for another name.
HfConfig PublishedConfig(const std::string& name);

// Weights: norms 1, the rest bounded noise from a fixed stream, small enough that nothing overflows. The tokenizer has
// single bytes and the special tokens; no token ends an answer.
VlaEngine RandomEngine(const HfConfig& config, at::ScalarType type, at::Device device);

// A prompt of `length` tokens with pictures of these sizes first, and an arbitrary instruction.
Prompt MadeUpPrompt(const HfConfig& config, std::span<const ImageGrid> images, std::int64_t length);

}  // namespace divla
