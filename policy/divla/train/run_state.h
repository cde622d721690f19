// state/state.safetensors of a run: everything that resuming needs, bit for bit, in one file that is replaced whole.
#pragma once

#include <filesystem>
#include <string>

#include "policy/divla/train/optimizer.h"

namespace divla {

struct RunPosition {
  int stage{};  // from 0
  int step{};   // finished steps of that stage
};

// What a state belongs to; resuming under another is refused.
struct RunIdentity {
  std::string config;  // the configuration's text
  std::string data;    // Dataset::Digest
  std::string start;   // SHA-256 of the weights that the run began from; empty: fresh ones
};

bool HasState(const std::filesystem::path& out);
// Throws MachineError when it cannot be written.
void SaveState(const std::filesystem::path& out, const FlatParams& flat, const AdamW& adam, RunPosition position,
               const RunIdentity& identity);
// Fills `flat` and `adam`, which have the run's sizes. Throws InputError naming the file and what differs.
RunPosition LoadState(const std::filesystem::path& out, FlatParams& flat, AdamW& adam, const RunIdentity& identity);

}  // namespace divla
