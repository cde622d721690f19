#include "harness/chunk_player.h"

#include <fmt/format.h>

#include <algorithm>

namespace divla {

void ChunkPlayer::AskAnew() {
  next_ = playable_;
  coming_.reset();
}

std::string ChunkPlayer::Take(ActionChunk chunk, const SimulatedLatency& latency) {
  const bool moving = latency.play == LatencyPlay::kChunk && chunk_.size > 0;
  const int passed = moving ? latency.Steps() : 0;
  if (passed >= chunk.size) {
    return fmt::format("expected a chunk of more actions than the {} control steps of its latency, found {}", passed,
                       chunk.size);
  }
  coming_ = ComingAnswer{std::move(chunk), latency.Steps(), passed};
  return {};
}

std::vector<float> ChunkPlayer::Next(const SimulatedLatency& latency, int n_action_steps) {
  if (coming_ && coming_->steps == 0) {
    chunk_ = std::move(coming_->chunk);
    next_ = coming_->passed;
    playable_ = std::min(next_ + n_action_steps, chunk_.size);
    coming_.reset();
  }
  bool plays = next_ < playable_;
  if (coming_) {
    --coming_->steps;
    plays = latency.play == LatencyPlay::kChunk && next_ < chunk_.size;
  }
  if (plays) {
    const auto row = chunk_.Row(next_++);
    last_action_.assign(row.begin(), row.end());
  }
  return last_action_;
}

}  // namespace divla
