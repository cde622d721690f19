// The diffusion head: scheduler, UNet and normaliser.
#include <gtest/gtest.h>

#include "policy/divla/head/ddim.h"
#include "policy/divla/head/normalizer.h"
#include "policy/divla/head/unet.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

TEST(DdimTest, AlphasEqualThePublishedSchedule) {
  const DdimSchedule schedule = MakeDdimSchedule(PolicyHeadConfig{});
  const std::map<int, double> expected{{0, 0.9993687184},  {10, 0.9667167049}, {20, 0.8891031288}, {30, 0.7740062071},
                                       {40, 0.6325157494}, {50, 0.4782646329}, {60, 0.3261152490}, {70, 0.1907274828},
                                       {80, 0.0851462057}, {90, 0.0195443764}};
  for (const auto& [t, alpha] : expected)
    EXPECT_NEAR(static_cast<double>(schedule.alphas_cumprod[static_cast<std::size_t>(t)]), alpha, 2e-6) << t;
  EXPECT_NEAR(static_cast<double>(schedule.alphas_cumprod[99]), 2.429e-7, 2e-10);
  EXPECT_EQ(schedule.timesteps, (std::vector<int>{90, 80, 70, 60, 50, 40, 30, 20, 10, 0}));
}

TEST(DdimTest, PerfectPredictionReturnsTheSample) {
  for (const char* type : {"sample", "epsilon"}) {
    PolicyHeadConfig config;
    config.prediction_type = type;
    const DdimSchedule schedule = MakeDdimSchedule(config);
    const at::Tensor sample = Random({2, 16, 3}, "sample");
    const at::Tensor out = DdimSample(config, schedule, Random({2, 16, 3}, "noise"), [&](const at::Tensor& x, int t) {
      const double a = static_cast<double>(schedule.alphas_cumprod[static_cast<std::size_t>(t)]);
      return config.prediction_type == "sample" ? sample : (x - std::sqrt(a) * sample) / std::sqrt(1.0 - a);
    });
    EXPECT_LT(MaxDifference(out, sample), 1e-4) << type;
  }
}

TEST(DdimTest, ClipsTheSample) {
  const PolicyHeadConfig config;
  const at::Tensor out = DdimSample(config, MakeDdimSchedule(config), Random({1, 16, 2}, "noise"),
                                    [](const at::Tensor& x, int) { return at::full_like(x, 100.0); });
  EXPECT_EQ(out.max().item<double>(), config.clip_sample_range);
}

struct UnetTest : testing::Test {
  DivlaConfig config = TinyConfig();
  ParamSpecs specs = [this] {
    ParamSpecs list;
    AddUnet(list, config);
    return list;
  }();
  at::Tensor x = Random({3, 8, 10}, "x"), c = Random({3, 32}, "c");
  at::Tensor t = at::tensor({std::int64_t{0}, std::int64_t{50}, std::int64_t{99}});
  at::Tensor Run(const ParamStore& params, const at::Tensor& r) const {
    return Unet(config.head, params, "panda", x, t, c, r);
  }
};

TEST_F(UnetTest, ReasoningFilmStartsAsTheIdentity) {
  const ParamStore fresh = InitParams(specs, 1);
  const at::Tensor out = Run(fresh, Random({3, 32}, "r"));
  EXPECT_EQ(out.sizes(), x.sizes());
  EXPECT_TRUE(at::equal(out, Run(fresh, at::zeros({3, 32}, at::kFloat))));
  const ParamStore trained = RandomParams(specs);
  EXPECT_GT(MaxDifference(Run(trained, Random({3, 32}, "r")), Run(trained, at::zeros({3, 32}, at::kFloat))), 1e-3);
}

// FiLM that starts as the identity and FiLM that does not exist are the same network.
TEST_F(UnetTest, WithoutReasoningItIsTheSameNetworkWithoutTheFilm) {
  DivlaConfig silent = config;
  silent.head.reasoning = false;
  ParamSpecs fewer;
  AddUnet(fewer, silent);
  EXPECT_EQ(fewer.size() + 2, specs.size());
  const ParamStore fresh = InitParams(specs, 1), own = InitParams(fewer, 1);
  EXPECT_TRUE(at::equal(Unet(silent.head, own, "panda", x, t, c, {}), Run(fresh, Random({3, 32}, "r"))));
}

TEST_F(UnetTest, RowsDoNotTouchEachOther) {
  const ParamStore params = RandomParams(specs);
  const at::Tensor r = Random({3, 32}, "r"), all = Run(params, r);
  const at::Tensor one =
      Unet(config.head, params, "panda", x.narrow(0, 1, 1), t.narrow(0, 1, 1), c.narrow(0, 1, 1), r.narrow(0, 1, 1));
  EXPECT_LT(MaxDifference(one[0], all[1]), 1e-5);
}

TEST(NormalizerTest, RelativeActionsComeBack) {
  const EmbodimentConfig body = TinyConfig().embodiments.at("panda");
  const at::Tensor actions = Random({2, 4, 10}, "actions"), tool = Random({2, 9}, "tool");
  const at::Tensor relative = ToRelative(body, actions, tool);
  EXPECT_NEAR(relative[1][2][1].item<double>(), (actions[1][2][1] - tool[1][1]).item<double>(), 1e-6);
  EXPECT_TRUE(at::equal(relative.narrow(2, 3, 7), actions.narrow(2, 3, 7)));
  EXPECT_LT(MaxDifference(ToAbsolute(body, relative, tool), actions), 1e-6);
}

}  // namespace
}  // namespace divla
