// What a training run begins with: from nothing, or from a checkpoint folder that a run has written.
#pragma once

#include <string>

#include "policy/divla/text/tokenizer.h"
#include "policy/divla/train/dataset.h"
#include "policy/divla/train/train_config.h"
#include "policy/divla/weights/params.h"

namespace divla {

// The heads that only training has stand in this file of a checkpoint, beside model.safetensors.
inline constexpr const char* kTrainingHeads = "training_heads.safetensors";

struct Start {
  DivlaConfig model;  // with the tokenizer's vocabulary, and with the embodiments that the checkpoint has
  Tokenizer tokenizer;
  ParamStore normalizer{};
  ParamSpecs specs{};            // all trained weights, those of the training heads at the end
  ParamStore values{};           // one for each spec
  std::string weights_sha256{};  // of model.safetensors begun from; empty: fresh weights
};

// Fresh weights, a tokenizer learned from the data's texts, the data's normaliser; embodiments that have data.
Start FreshStart(const TrainRun& run, const Dataset& dataset);

// Weights, tokenizer and normaliser of `folder`. Training heads are taken when they fit the data's object classes, else
// they are fresh. Throws InputError naming each key of the model's configuration that differs (description apart), and
// for data of an embodiment that the checkpoint does not have.
Start StartFrom(const std::string& folder, const TrainRun& run, const Dataset& dataset);

}  // namespace divla
