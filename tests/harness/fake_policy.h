// Policies that misbehave in a chosen way, for the tests of the harness.
#pragma once

#include <functional>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "sim/check.h"

namespace divla {

// Holds still, notes how it was called, and lets `answer` spoil what it says.
class FakePolicy final : public Policy {
 public:
  struct Calls {
    std::vector<int> resets;          // episodes of each Reset
    std::vector<int> batches;         // queries of each Infer
    std::set<std::uint64_t> seeds;    // noise seeds seen
    std::vector<std::size_t> images;  // pictures of each observation
  };
  // May throw, or change the output of one query.
  using Answer = std::function<void(const Query& query, PolicyOutput& output)>;

  FakePolicy(PolicyRequirements wants, Calls* calls, Answer answer = {})
      : wants_(std::move(wants)), calls_(calls), answer_(std::move(answer)) {}

  const PolicyInfo& Info() const override { return info_; }
  PolicyRequirements Requirements(const RobotInterface&) const override { return wants_; }
  void Reset(const RobotInterface& robot, int episodes) override {
    robot_ = robot;
    if (calls_ != nullptr) calls_->resets.push_back(episodes);
  }
  std::vector<PolicyOutput> Infer(std::span<const Query> queries) override {
    if (calls_ != nullptr) calls_->batches.push_back(static_cast<int>(queries.size()));
    std::vector<PolicyOutput> outputs;
    for (const Query& query : queries) {
      if (calls_ != nullptr) {
        calls_->seeds.insert(query.noise_seed);
        calls_->images.push_back(query.observation->images.size());
      }
      PolicyOutput output;
      output.actions = {wants_.action_kind, 16, robot_.StateDim(), {}};
      for (int i = 0; i < 16; ++i) {
        const auto& state = query.observation->state;
        output.actions.values.insert(output.actions.values.end(), state.begin(), state.end());
      }
      if (answer_) answer_(query, output);
      outputs.push_back(std::move(output));
    }
    return outputs;
  }

 private:
  PolicyInfo info_{.name = "fake", .weights_sha256 = ""};
  PolicyRequirements wants_;
  Calls* calls_;
  Answer answer_;
  RobotInterface robot_;
};

}  // namespace divla
