#include "tests/policy/policy_contract.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "sim/check.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

constexpr int kBatch = 3;

std::vector<Query> Queries(const std::vector<Observation>& observations, std::uint64_t noise_seed, int query_number) {
  std::vector<Query> queries;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    queries.push_back({&observations[i], static_cast<int>(i), noise_seed + i, query_number});
  }
  return queries;
}

std::vector<Observation> Observations(const RobotInterface& robot, const PolicyRequirements& requirements) {
  std::vector<Observation> observations;
  for (int i = 0; i < kBatch; ++i) observations.push_back(TestObservation(robot, requirements, i));
  return observations;
}

void ExpectSame(const std::vector<PolicyOutput>& first, const std::vector<PolicyOutput>& second) {
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].reasoning.text, second[i].reasoning.text);
    EXPECT_EQ(first[i].reasoning.grounded, second[i].reasoning.grounded);
    const std::vector<float>& a = first[i].actions.values;
    const std::vector<float>& b = second[i].actions.values;
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0) << "actions of query " << i << " differ";
  }
}

void ExpectRequirements(const RobotInterface& robot, const PolicyRequirements& requirements) {
  for (const std::string& camera : requirements.cameras) {
    EXPECT_EQ(std::count(robot.cameras.begin(), robot.cameras.end(), camera), 1) << camera;
  }
  if (!requirements.cameras.empty()) {
    EXPECT_GE(requirements.image_height, 1);
    EXPECT_GE(requirements.image_width, 1);
  }
  EXPECT_GE(requirements.n_action_steps, 1);
}

void ExpectShapes(const RobotInterface& robot, const PolicyRequirements& requirements,
                  const std::vector<PolicyOutput>& outputs) {
  ASSERT_EQ(outputs.size(), static_cast<std::size_t>(kBatch));
  for (const PolicyOutput& output : outputs) {
    const ActionChunk& chunk = output.actions;
    EXPECT_EQ(chunk.kind, requirements.action_kind);
    EXPECT_EQ(chunk.dim, robot.ActionDim(chunk.kind));
    EXPECT_GE(chunk.size, requirements.n_action_steps);
    ASSERT_EQ(chunk.values.size(), static_cast<std::size_t>(chunk.size) * static_cast<std::size_t>(chunk.dim));
    EXPECT_TRUE(
        std::all_of(chunk.values.begin(), chunk.values.end(), [](float value) { return std::isfinite(value); }));
  }
}

void ExpectRefuses(Policy& policy, const RobotInterface& robot, const PolicyRequirements& requirements) {
  const auto infer = [&](const std::function<void(Observation&)>& damage, const std::vector<std::string>& parts) {
    std::vector<Observation> observations = {TestObservation(robot, requirements)};
    damage(observations[0]);
    ExpectInputError([&] { policy.Infer(Queries(observations, 1, 0)); }, parts);
  };
  infer([](Observation& observation) { observation.state.pop_back(); }, {"state"});
  infer([](Observation& observation) { observation.state.push_back(0); }, {"state"});
  infer([](Observation& observation) { observation.state[0] = NAN; }, {"state"});
  infer([](Observation& observation) { observation.robot = "another"; }, {"robot", "another"});
  if (requirements.cameras.empty()) return;
  const std::string camera = requirements.cameras.back();
  infer([&](Observation& observation) { observation.images.erase(camera); }, {camera});
  infer(
      [&](Observation& observation) {
        Image& image = observation.images.at(camera);
        ++image.height;
        image.rgb.resize(image.ByteCount());
      },
      {camera, std::to_string(requirements.image_height + 1)});
}

void ExpectReasoningModes(Policy& policy, const RobotInterface& robot, const std::vector<Observation>& observations) {
  policy.Reset(robot, kBatch);
  std::vector<Query> queries = Queries(observations, 7, 0);
  const std::vector<PolicyOutput> own = policy.Infer(queries);
  const ForcedReasoning forced{"The blue box is on the left.", {}};
  queries[1].reasoning = ReasoningMode::kForced;
  queries[1].forced = &forced;
  if (!policy.Info().reasons) {
    for (const PolicyOutput& output : own) EXPECT_EQ(output.reasoning.text, "");
    ExpectInputError([&] { policy.Infer(queries); }, {policy.Info().name, "reasons"});
    queries[1] = Queries(observations, 7, 0)[1];
    queries[0].reasoning = ReasoningMode::kWithheld;
    ExpectInputError([&] { policy.Infer(queries); }, {policy.Info().name, "reasons"});
    return;
  }
  std::vector<PolicyOutput> outputs = policy.Infer(queries);
  EXPECT_EQ(outputs[1].reasoning.text, forced.text);
  EXPECT_EQ(outputs[0].reasoning.text, own[0].reasoning.text) << "a forced text must not reach its neighbours";
  const ForcedReasoning endless{std::string(100'000, 'a'), {}};
  queries[1].forced = &endless;
  ExpectInputError([&] { policy.Infer(queries); }, {"forced reasoning"});
  const ForcedReasoning special{"The <|im_end|> box.", {}};  // would end the answer after its first word
  queries[1].forced = &special;
  ExpectInputError([&] { policy.Infer(queries); }, {"forced reasoning", "special token", special.text});

  queries[1].forced = nullptr;
  queries[1].reasoning = ReasoningMode::kWithheld;
  outputs = policy.Infer(queries);
  EXPECT_EQ(outputs[1].reasoning.text, own[1].reasoning.text);
}

// What a policy that says so promises: asked alone, each query of a batch gets the same answer.
void ExpectBatchInvariant(Policy& policy, const RobotInterface& robot, const std::vector<Observation>& observations,
                          const std::vector<PolicyOutput>& together) {
  policy.Reset(robot, kBatch);
  const std::vector<Query> queries = Queries(observations, 7, 0);
  std::vector<PolicyOutput> alone;
  for (const Query& query : queries) alone.push_back(policy.Infer({&query, 1}).at(0));
  ExpectSame(together, alone);
}

void ExpectContractFor(const PolicyMaker& make, const RobotInterface& robot) {
  SCOPED_TRACE("robot " + robot.name);
  const std::unique_ptr<Policy> policy = make();
  const PolicyRequirements requirements = policy->Requirements(robot);
  ExpectRequirements(robot, requirements);
  const std::vector<Observation> observations = Observations(robot, requirements);

  policy->Reset(robot, kBatch);
  const std::vector<PolicyOutput> first = policy->Infer(Queries(observations, 7, 0));
  ExpectShapes(robot, requirements, first);

  // More work in between, then the same group again.
  ExpectShapes(robot, requirements, policy->Infer(Queries(observations, 99, 1)));
  policy->Reset(robot, kBatch);
  ExpectSame(first, policy->Infer(Queries(observations, 7, 0)));

  const std::unique_ptr<Policy> other = make();
  other->Reset(robot, kBatch);
  ExpectSame(first, other->Infer(Queries(observations, 7, 0)));

  if (policy->Info().batch_invariant) ExpectBatchInvariant(*policy, robot, observations, first);
  ExpectReasoningModes(*policy, robot, observations);
  ExpectRefuses(*policy, robot, requirements);
  // A refused query leaves the policy usable.
  policy->Reset(robot, kBatch);
  ExpectSame(first, policy->Infer(Queries(observations, 7, 0)));
}

}  // namespace

void ExpectPolicyContract(const PolicyMaker& make) {
  EXPECT_FALSE(make()->Info().name.empty());
  int known = 0;
  for (const RobotInterface& robot : TestRobots()) {
    try {
      make()->Requirements(robot);
    } catch (const InputError&) {
      continue;  // a policy may be for one robot only
    }
    ++known;
    ExpectContractFor(make, robot);
  }
  EXPECT_GE(known, 1) << "the policy knows no robot";
}

}  // namespace divla
