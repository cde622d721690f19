// The update against LibTorch's own AdamW and clipping, and what the replicas see of it.
#include "policy/divla/train/optimizer.h"

#include <gtest/gtest.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

// A matrix larger than the stretch that one thread works on, and its bias: with decay and without.
ParamSpecs Specs() {
  ParamSpecs specs;
  AddLinear(specs, "fc", 300, 250);
  return specs;
}

struct OptimizerTest : testing::TestWithParam<double> {
  TrainConfig config = [] {
    TrainConfig c;
    c.steps = 8;
    c.warmup_steps = 3;
    c.learning_rate = 0.01;
    c.weight_decay = 0.3;
    c.clip_norm = GetParam();
    return c;
  }();
};

TEST_P(OptimizerTest, EqualsAdamWOfLibTorch) {
  const ParamStore start = RandomParams(Specs());
  FlatParams flat = Flatten(Specs(), start);
  AdamW state = MakeAdamW(flat);
  std::vector<Replica> replicas{MakeReplica(flat), MakeReplica(flat)};
  Team team(2);

  std::vector<at::Tensor> weight{Param(start, "fc.weight").clone()}, bias{Param(start, "fc.bias").clone()};
  weight[0].set_requires_grad(true), bias[0].set_requires_grad(true);
  const auto options = [&](double decay) {
    auto o = std::make_unique<torch::optim::AdamWOptions>(config.learning_rate);
    o->betas({config.beta1, config.beta2}).eps(1e-8).weight_decay(decay);
    return o;
  };
  torch::optim::AdamW reference(
      {torch::optim::OptimizerParamGroup(weight, options(config.weight_decay)),
       torch::optim::OptimizerParamGroup(bias, options(0.0))},
      torch::optim::AdamWOptions(config.learning_rate).betas({config.beta1, config.beta2}).eps(1e-8));

  ParamStore average{{"fc.weight", weight[0].detach().clone()}, {"fc.bias", bias[0].detach().clone()}};
  for (int step = 0; step < config.steps; ++step) {
    for (auto& [name, own] : {std::pair{"fc.weight", &weight[0]}, std::pair{"fc.bias", &bias[0]}}) {
      at::Tensor sum = at::zeros_like(own->detach());
      for (std::size_t r = 0; r < replicas.size(); ++r) {
        const at::Tensor part =
            0.2 * Random(own->sizes(), std::string(name) + std::to_string(step) + std::to_string(r));
        replicas[r].params.at(name).mutable_grad().copy_(part);
        sum += part;
      }
      own->mutable_grad() = sum / 2.0;
    }
    const double norm = torch::nn::utils::clip_grad_norm_({weight[0], bias[0]}, config.clip_norm);
    for (torch::optim::OptimizerParamGroup& group : reference.param_groups())
      group.options().set_lr(LearningRate(config, step));
    reference.step();
    EXPECT_NEAR(Step(config, step, flat, state, replicas, team), norm, 1e-5 * norm);

    const double keep = std::min(config.ema_decay, (1.0 + step) / (10.0 + step));
    const ParamStore values = Views(flat, flat.values), averages = Views(flat, state.average);
    for (const auto& [name, own] : {std::pair{"fc.weight", &weight[0]}, std::pair{"fc.bias", &bias[0]}}) {
      EXPECT_LT(MaxDifference(values.at(name), own->detach()), 1e-6) << name << " at step " << step;
      average[name] = keep * average[name] + (1.0 - keep) * own->detach();
      EXPECT_LT(MaxDifference(averages.at(name), average[name]), 1e-6) << name << " at step " << step;
      for (const Replica& replica : replicas) EXPECT_EQ(replica.params.at(name).grad().abs().max().item<float>(), 0.0F);
    }
  }
  // The comparison has seen something: decay alone would move the weights.
  EXPECT_GT(MaxDifference(weight[0].detach(), Param(start, "fc.weight")), 0.01);
}

// Far above the gradient's norm, and below it.
INSTANTIATE_TEST_SUITE_P(Clip, OptimizerTest, testing::Values(1e9, 1.0));

TEST(RoundedOptimizerTest, ReplicasSeeTheRoundedWeightsOfTheLastStep) {
  FlatParams flat = Flatten(Specs(), RandomParams(Specs()), true);
  AdamW state = MakeAdamW(flat);
  std::vector<Replica> replicas{MakeReplica(flat)};
  TrainConfig config;
  Team team(1);
  const at::Tensor before = replicas[0].params.at("fc.weight").detach().clone();
  for (const char* name : {"fc.weight", "fc.bias"}) {
    at::Tensor& gradient = replicas[0].params.at(name).mutable_grad();
    gradient.copy_(Random(gradient.sizes(), name));
  }
  Step(config, 0, flat, state, replicas, team);
  const ParamStore values = Views(flat, flat.values);
  for (const char* name : {"fc.weight", "fc.bias"}) {
    const at::Tensor seen = replicas[0].params.at(name).detach();
    EXPECT_EQ(seen.scalar_type(), at::kBFloat16);
    EXPECT_TRUE(at::equal(seen, values.at(name).to(at::kBFloat16))) << name;
  }
  EXPECT_FALSE(at::equal(replicas[0].params.at("fc.weight").detach(), before));
}

}  // namespace
}  // namespace divla
