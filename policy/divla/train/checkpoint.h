// A checkpoint folder as training writes it, at any step.
#pragma once

#include <filesystem>

#include "policy/divla/train/dataset.h"
#include "policy/divla/train/run_state.h"
#include "policy/divla/train/start.h"
#include "policy/divla/train/train_config.h"

namespace divla {

// Makes `folder` a complete checkpoint with `trained`, one tensor for each of start.specs (the averaged weights):
// tokenizer, config.json, model.safetensors, the heads that only training has (kTrainingHeads), and training.json,
// which says what they were trained on and how far. Throws MachineError when it cannot be written.
void SaveCheckpoint(const std::filesystem::path& folder, const TrainRun& run, const Dataset& dataset,
                    const Start& start, const ParamStore& trained, RunPosition position);

}  // namespace divla
