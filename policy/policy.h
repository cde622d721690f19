// The policy interface: observations in, reasoning and action chunks out. Standard types only.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/action.h"
#include "sim/observation.h"

namespace divla {

// What a policy wants to see of a robot and how its answers are to be played.
struct PolicyRequirements {
  std::vector<std::string> cameras;  // names in RobotInterface::cameras; empty: no picture is rendered
  int image_height{};                // pixels, of every camera
  int image_width{};
  ActionKind action_kind{ActionKind::kJointPosition};
  int n_action_steps{1};  // steps of each chunk that are played before the next query, <= chunk size
};

struct PolicyInfo {
  std::string name;            // as given to --policy
  std::string weights_sha256;  // of the weights file; empty for a policy without weights
  bool reasons{};              // writes a text that its action depends on, and accepts every ReasoningMode
  bool batch_invariant{};      // an answer has the same bits whatever else is in its batch
  // Of a policy server: how it is asked and what it says of itself, a JSON object; empty for a policy in this process.
  std::string remote{};
};

// What becomes of a policy's reasoning at a query: for controls and for a person who edits it.
enum class ReasoningMode {
  kOwn,       // as the policy writes it
  kForced,    // Query::forced stands in its place, read by the policy as if it had written it
  kWithheld,  // written as ever, but the reasoning injection (FiLM, DiVLA section 3.2) into the action head is off
};

// A reasoning from outside. A policy that writes locations puts them where its own would stand.
struct ForcedReasoning {
  std::string text;
  // camera -> (u, v) of the object, fractions of the picture's width and height in [0, 1]; empty: out of view
  std::map<std::string, std::optional<std::array<float, 2>>> pixels;
};

struct Reasoning {
  std::string text;      // special tokens left out; empty when the policy does not reason
  std::string grounded;  // the same with location tokens kept, for scoring and for the viewer
  // Where the text says that the object is: camera -> (u, v), fractions of the picture's width and height in [0, 1].
  // Empty for a policy that writes no locations.
  std::map<std::string, std::array<float, 2>> pixels{};
};

// Where a policy looks in one picture, which the cells divide evenly.
struct AttentionMap {
  int height{}, width{};       // cells
  std::vector<float> weights;  // (height x width), rows first, each >= 0
};
// By camera: softmax(QK) of the language model, mean over its heads and layers. All weights together are the share of the
// attention that goes to pictures, at most 1; the rest goes to words. They say what was read, not what mattered: a cell's
// token has mixed with its neighbours before, words carry on what was read of the pictures earlier, and a weight says
// nothing of the size of what it lets through (Jain and Wallace, "Attention is not Explanation", NAACL 2019). What the
// arm follows, controls and branches show.
using Attention = std::map<std::string, AttentionMap>;

// What happens inside a query, for a person who watches. A policy calls and fills what it can show; the answer does not
// depend on it, but takes longer. The calls come on the thread of Infer, in the order of the members.
struct QueryTrace {
  // After each token: the reasoning so far, and where the position looked that chose this token (empty: not known). Also
  // of words from outside, which the policy only reads.
  std::function<void(const Reasoning& so_far, const Attention& looked)> wrote;
  // After each denoising step, 1 to `steps`: the chunk that the network expects at the end, in the units of actions.
  std::function<void(int step, int steps, const ActionChunk& expected)> denoised;
  // When Infer is back: where that looked which conditions the action, mean over its tokens. Empty: not known.
  Attention acted;
};

// One open episode of a batch.
struct Query {
  const Observation* observation{};  // owned by the caller, valid during Infer
  int episode{};                     // the episode's index within its group, stable from Reset to Reset
  // Names the episode's random stream; with query_number it decides all noise, so nothing depends on what else runs.
  std::uint64_t noise_seed{};
  int query_number{};  // 0 at the first query of the episode
  ReasoningMode reasoning{ReasoningMode::kOwn};
  const ForcedReasoning* forced{};  // owned by the caller, valid during Infer; set exactly when kForced
  QueryTrace* trace{};              // likewise; null: nobody watches
};

struct PolicyOutput {
  Reasoning reasoning;
  ActionChunk actions;
};

// One instance per worker thread; not thread-safe. Same inputs, same bytes out, for any thread that owns it.
class Policy {
 public:
  virtual ~Policy() = default;
  virtual const PolicyInfo& Info() const = 0;
  // Throws InputError when the policy does not know the robot.
  virtual PolicyRequirements Requirements(const RobotInterface& robot) const = 0;
  // Start of a group of `episodes` episodes, all of `robot`.
  virtual void Reset(const RobotInterface& robot, int episodes) = 0;
  // One answer per query, in order. All observations of a call come from the same robot. Throws InputError when an
  // observation does not fit (missing camera, wrong image size, wrong state size), when a policy that does not reason
  // is asked for another mode than kOwn, and when a forced text is longer than the policy can read.
  virtual std::vector<PolicyOutput> Infer(std::span<const Query> queries) = 0;
};

}  // namespace divla
