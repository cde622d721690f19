// A DiVLA small enough to test in milliseconds, and a synthetic training folder for it.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "policy/divla/config.h"
#include "policy/divla/weights/params.h"

namespace divla {

DivlaConfig TinyConfig();             // panda, two 32x32 views, vocab_size 40
DivlaConfig TinySilent();             // the same without reasoning
DivlaConfig TinyInstructionPolicy();  // the same without a language model

// Normal numbers from a named stream.
at::Tensor Random(at::IntArrayRef shape, const std::string& name, double scale = 1.0);

// Every weight of the specs, none of them at a special value (zero-initialised ones included).
ParamStore RandomParams(const ParamSpecs& specs);

double MaxDifference(const at::Tensor& a, const at::Tensor& b);

// A fresh folder under the system's temporary directory.
std::string FreshFolder(const std::string& name);

// Coloured squares on grey; the tool moves towards the named one. Writes DATA/object_selection.
void WriteSyntheticRows(const std::string& data, int episodes);

// A training configuration for it; returns the file's path.
std::string WriteTinyTraining(const std::string& folder, int steps, const DivlaConfig& model = TinyConfig());

// A complete checkpoint with a tokenizer and with RandomParams, for `model` with its vocabulary and with an agilex of one
// camera beside the panda.
void WriteRandomCheckpoint(const std::string& folder, DivlaConfig model);

}  // namespace divla
