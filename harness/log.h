// The log of one episode, logs/KEY.bin: enough to replay it, to score it again and to show what the policy said.
//
// Format, version 1; version 2 for an episode with an intervention; version 3 for one whose texts give places. Little-endian; `text` is u64 byte count then
// the bytes (any bytes, UTF-8 by custom); no padding.
//   8 bytes  "DIVLALOG"        u32 version
//   text task, text axis, i32 level, i32 index, u64 seed, text robot, text instruction
//   u32 action kind (0 joint_position, 1 end_effector_pose), u32 T, u32 A, f32[T*A] executed actions, row-major
//   u32 N, u32 S, f64[N*S] states: Scene::SaveState after reset, then after every control step (N = T+1)
//   u32 Q queries, each: i32 step, u8 correct, u8 faithful, text said, text grounded, text truth, u32 R, R x text
//       required
//   u32 M, M x u8  label mask: 1 where a demonstration's action may be learned from (M = T, or 0 in an evaluation)
//   u32 L, f32[L*A] labels: the clean expert actions of a demonstration (L = T, or 0 in an evaluation)
//   version 2 only: i32 step, u8 kind (1 object, 2 instruction), text instruction, text target, text destination
//       then f64[S], the state right after the change
//   version 3 only: u8 intervention (0 none; 1: the block of version 2 follows), then for each query: u32 P,
//       P x (text camera, f32 u, f32 v), where the text says that the object is, and if P > 0 f32 location error
//   version 4: as version 3, but compact: after N and S stands u64[N], a hash of each state, in place of the states
//   16 bytes XXH3-128 of everything before it
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/action.h"
#include "tasks/task.h"

namespace divla {

// One query of the policy, at control step `step` (0 is the reset state).
struct ReasoningEntry {
  int step{};
  bool correct{};
  bool faithful{};
  std::string said;                                      // what the policy wrote; empty when it does not reason
  std::string grounded;                                  // the same with location tokens
  std::string truth;                                     // the right reasoning at that moment
  std::vector<std::string> required;                     // phrases a correct text contains
  std::map<std::string, std::array<float, 2>> pixels{};  // Reasoning::pixels: where the text says that the object is
  std::optional<float> location_error{};                 // LocationError of them; set when there are any
};

// A change in mid-episode (tasks/intervention.h). To replay: before action `step`, restore `state`.
struct LoggedIntervention {
  InterventionKind kind{InterventionKind::kNone};
  int step{};                       // control steps that were executed before it
  std::string instruction;          // from then on
  std::string target, destination;  // bodies, from then on
  std::vector<double> state;        // (S) Scene::SaveState right after it
};

struct EpisodeLog {
  EpisodeKey key;
  std::uint64_t seed{};
  std::string robot;
  std::string instruction;
  ActionKind action_kind{ActionKind::kJointPosition};
  int action_dim{};            // A
  std::vector<float> actions;  // (T x A)
  int state_size{};            // S, numbers of one full integration state
  std::vector<double> states;  // (T+1 x S)
  // (T+1) StateHash of each state; of a compact log, which has these instead of the states. A replay still finds the step
  // at which it parts from the run, though not the field, in a fraction of the space.
  std::vector<std::uint64_t> state_hashes{};
  std::vector<ReasoningEntry> reasoning;
  std::vector<std::uint8_t> label_valid;  // (T), demonstrations only
  std::vector<float> labels;              // (T x A), demonstrations only
  std::optional<LoggedIntervention> intervention;

  int Steps() const { return action_dim == 0 ? 0 : static_cast<int>(actions.size()) / action_dim; }
  std::span<const float> Action(int step) const {
    return {actions.data() + static_cast<std::size_t>(step) * static_cast<std::size_t>(action_dim),
            static_cast<std::size_t>(action_dim)};
  }
  std::span<const double> State(int row) const {
    return {states.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(state_size),
            static_cast<std::size_t>(state_size)};
  }
};

// The first 8 bytes of XXH3-128.
std::uint64_t StateHash(std::span<const double> state);
// The same log with hashes in place of its states.
EpisodeLog Compact(EpisodeLog log);

std::vector<std::byte> EncodeLog(const EpisodeLog& log);
// Throws InputError ("<where>: expected ..., found ...") for truncated, damaged or inconsistent bytes; never reads
// outside them.
EpisodeLog DecodeLog(std::span<const std::byte> bytes, const std::string& where);
EpisodeLog ReadLog(const std::filesystem::path& file);

// What a damaged log still holds.
struct SalvagedLog {
  EpisodeLog log;      // what stands before the first place that cannot be read, in whole rows; the rest is empty
  std::string damage;  // one line; empty: the log is undamaged
};
// As DecodeLog, but goes on where the hash at the end, the first bytes or the version are wrong. Never throws.
SalvagedLog SalvageLog(std::span<const std::byte> bytes, const std::string& where);

}  // namespace divla
