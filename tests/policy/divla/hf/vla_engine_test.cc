#include "policy/divla/hf/vla_engine.h"

#include <gtest/gtest.h>

#include "policy/divla/bench/random_model.h"
#include "policy/divla/hf/hf_weights.h"
#include "policy/divla/images/image_config.h"
#include "policy/divla/images/patches.h"
#include "sim/rng.h"

namespace divla {
namespace {

const std::string kModels = DIVLA_SOURCE_DIR "/tests/golden/references/models/";

Image RandomImage(int height, int width, std::uint64_t index) {
  Image image{height, width, {}};
  Rng rng({.seed = 3, .stream = "engine-test", .index = index});
  for (std::size_t i = 0; i < image.ByteCount(); ++i) image.rgb.push_back(static_cast<std::uint8_t>(rng.Int(256)));
  return image;
}

VlaQuery Ask(const std::string& folder, const std::string& instruction, std::uint64_t picture) {
  VlaQuery query{instruction, {}};
  for (std::uint64_t view = 0; view < 2; ++view) {
    ImagePatches patches = MakePatches(RandomImage(56, 84, 10 * picture + view), ReadQwen2VlImages(folder));
    query.views.push_back({{patches.grid_height, patches.grid_width}, std::move(patches.values)});
  }
  return query;
}

struct Answer {
  std::vector<std::vector<int>> ids;
  at::Tensor condition, actions;
};

Answer AnswerTo(VlaEngine& engine, const std::vector<VlaQuery>& queries, int tokens = 12) {
  engine.Read(queries, engine.See(queries), tokens);
  Answer answer;
  answer.ids = engine.Write(tokens);
  const auto batch = static_cast<std::int64_t>(queries.size());
  const ReleasedHeadConfig& head = *engine.Config().head;
  answer.condition = engine.Condition();
  answer.actions = engine.Act(answer.condition, at::full({batch, head.state_dim}, 0.5),
                              at::ones({batch, head.prediction_horizon, head.input_dim}));
  return answer;
}

const std::string kPolicy = kModels + "divla_released_bf16";

TEST(VlaEngine, WhatIsKeptChangesNoBit) {
  const std::vector<VlaQuery> first = {Ask(kPolicy, "Pick up the cube.", 0)},
                              other_text = {Ask(kPolicy, "Flip it!", 0)}, other_picture = {Ask(kPolicy, "Flip it!", 1)};
  VlaEngine busy = VlaEngine::Open(kPolicy, at::kFloat);
  for (const auto* queries : {&first, &other_text, &other_picture, &other_picture, &first}) {
    const Answer kept = AnswerTo(busy, *queries);
    VlaEngine fresh = VlaEngine::Open(kPolicy, at::kFloat);
    const Answer anew = AnswerTo(fresh, *queries);
    EXPECT_EQ(kept.ids, anew.ids);
    EXPECT_TRUE(kept.condition.equal(anew.condition));
    EXPECT_TRUE(kept.actions.equal(anew.actions));
  }
}

TEST(VlaEngine, PicturesSeenTwiceBeforeTheyAreRead) {
  const std::vector<VlaQuery> first = {Ask(kPolicy, "Go.", 0)}, second = {Ask(kPolicy, "Go.", 1)};
  VlaEngine engine = VlaEngine::Open(kPolicy, at::kFloat), fresh = VlaEngine::Open(kPolicy, at::kFloat);
  AnswerTo(engine, first);
  engine.See(second);
  EXPECT_TRUE(AnswerTo(engine, second).actions.equal(AnswerTo(fresh, second).actions));
}

TEST(VlaEngine, ABatchAnswersWhatItsRowsAnswerAlone) {
  const std::vector<VlaQuery> batch = {Ask(kPolicy, "Pick up the cube.", 0), Ask(kPolicy, "A", 1),
                                       Ask(kPolicy, "Put the longest of all instructions onto the plate.", 2)};
  VlaEngine engine = VlaEngine::Open(kPolicy, at::kFloat);
  const Answer together = AnswerTo(engine, batch);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    VlaEngine single = VlaEngine::Open(kPolicy, at::kFloat);
    const Answer alone = AnswerTo(single, {batch[row]});
    EXPECT_EQ(together.ids[row], alone.ids[0]);
    EXPECT_LT((together.condition[static_cast<std::int64_t>(row)] - alone.condition[0]).abs().max().item<float>(),
              1e-4);
    EXPECT_LT((together.actions[static_cast<std::int64_t>(row)] - alone.actions[0]).abs().max().item<float>(), 1e-4);
  }
}

TEST(VlaEngine, BFloat16IsNearFloat32) {
  const std::vector<VlaQuery> queries = {Ask(kPolicy, "Pick up the cube.", 0)};
  VlaEngine wide = VlaEngine::Open(kPolicy, at::kFloat), narrow = VlaEngine::Open(kPolicy, at::kBFloat16);
  wide.Read(queries, wide.See(queries), 1);
  narrow.Read(queries, narrow.See(queries), 1);
  const at::Tensor difference = wide.PromptStates(0) - narrow.PromptStates(0).to(at::kFloat);
  // bfloat16 has 8 bits: a few percent after three layers, far from the order of the states themselves.
  EXPECT_LT(difference.square().mean().sqrt().item<float>(),
            0.1F * wide.PromptStates(0).square().mean().sqrt().item<float>());
  EXPECT_GT(difference.abs().max().item<float>(), 0.0F);
}

TEST(RandomModel, HasTheSizeOfTheRealOne) {
  std::int64_t numbers = 0, head = 0;
  for (const ParamSpec& spec : HfSpecs(PublishedConfig("qwen2-vl-2b"))) {
    std::int64_t count = 1;
    for (std::int64_t side : spec.shape) count *= side;
    const bool model =
        spec.name.starts_with("model.") || spec.name.starts_with("visual.") || spec.name == "lm_head.weight";
    (model ? numbers : head) += count;
  }
  EXPECT_EQ(numbers, 2'208'985'600);         // transformers counts as many for Qwen2-VL-2B
  EXPECT_EQ(head, 89'636'878 + 14'164'992);  // the released head, and its projectors and FiLM
}

TEST(RandomModel, APromptHasItsPicturesPlaces) {
  const std::vector<ImageGrid> grids(3, {9, 11});
  const Prompt prompt = MadeUpPrompt(PublishedConfig("qwen2-vl-2b"), grids, 322);
  ASSERT_EQ(prompt.ids.size(), 322U);
  ASSERT_EQ(prompt.images.size(), 3U);
  EXPECT_EQ(prompt.images[2].end - prompt.images[0].begin, 3 * 99 + 2 * 2);
  EXPECT_EQ(prompt.positions[1][static_cast<std::size_t>(prompt.images[0].begin) + 11],
            prompt.positions[0][static_cast<std::size_t>(prompt.images[0].begin)] + 1);
}

}  // namespace
}  // namespace divla
