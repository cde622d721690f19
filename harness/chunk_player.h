// Plays the action chunks of one episode: the first actions of each, then the next query; with a simulated latency the
// answer comes some control steps after its query. A plain value, which an agent remembers and recalls.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/records/records.h"
#include "sim/action.h"

namespace divla {

class ChunkPlayer {
 public:
  // Whether the next action needs a query.
  bool Asks() const { return next_ >= playable_ && !coming_; }
  // Forgets what is left of the chunk and what is on its way: the next action needs a query.
  void AskAnew();

  // The answer to a query of now. Empty, or why the chunk is too short for this latency, in which case nothing changes.
  std::string Take(ActionChunk chunk, const SimulatedLatency& latency);
  // The action of the coming control step: of the chunk, of which `n_action_steps` are played, or while the arm holds
  // the last one again.
  std::vector<float> Next(const SimulatedLatency& latency, int n_action_steps);

  // What a holding arm is told before its first action.
  bool KnowsHold() const { return !last_action_.empty(); }
  void HoldAt(std::vector<float> action) { last_action_ = std::move(action); }

 private:
  // The answer to the last query, while simulated time still has to pass before it is there.
  struct ComingAnswer {
    ActionChunk chunk;
    int steps{};   // control steps until then
    int passed{};  // of its actions, those whose time has passed by then
  };

  ActionChunk chunk_;
  int next_{};
  int playable_{};
  std::vector<float> last_action_;
  std::optional<ComingAnswer> coming_;
};

}  // namespace divla
