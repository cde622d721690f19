// Inference reads one query with a cache; training reads packed segments under teacher forcing. Both must hand the same
// numbers to the head, for every kind of policy.
#include "policy/divla/reading/reading.h"

#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "policy/divla/head/condition_action_tokens.h"
#include "policy/divla/language/language_model.h"
#include "policy/divla/model.h"
#include "policy/divla/text/answer.h"
#include "policy/divla/text/prompt.h"
#include "policy/divla/train/packed_reading.h"
#include "policy/divla/train/start.h"
#include "tests/policy/divla/tiny_model.h"

namespace divla {
namespace {

class ReadingTest : public testing::TestWithParam<const char*> {
 protected:
  static DivlaConfig Model() {
    const std::string kind = GetParam();
    return kind == "reasoning" ? TinyConfig() : kind == "silent" ? TinySilent() : TinyInstructionPolicy();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_ = FreshFolder(std::string("reading_") + GetParam());
};

TEST_P(ReadingTest, IsTheSameInTraining) {
  const c10::AutoGradMode no_grad(false);
  WriteSyntheticRows(folder_ + "/data", 1);  // one episode: all rows say the same
  const TrainRun run = ReadTrainRun(WriteTinyTraining(folder_, 1, Model()));
  const Dataset dataset(run, {folder_ + "/data"});
  const Start start = FreshStart(run, dataset);
  const ParamStore params = RandomParams(start.specs);
  TrainConfig config = run.stages.front();
  config.model = start.model;
  config.location_jitter = 0;
  const BatchMaker maker(config, dataset, start.tokenizer);
  const Batch batch = maker.Make(0, 0);
  const at::Tensor views = EncodeViews(config.model, params, "panda", batch.pixels);
  LossValues values;
  const PackedReading packed = ReadPacked(config, params, batch, views, maker.FirstLocationId(), values);

  const RowLabels labels = RowsReader(folder_ + "/data/object_selection").Labels(0);
  ASSERT_EQ(labels.alternatives.size(), 1U);
  const RowAlternative& other = labels.alternatives.front();
  const bool reasons = config.model.head.reasoning;
  const std::size_t rows = static_cast<std::size_t>(config.micro_batch);
  std::vector<at::Tensor> z;
  for (const bool own : {true, false}) {
    const std::vector<int> answer = AnswerTokens(
        start.tokenizer, PlainTokens(start.tokenizer, own ? labels.reasoning : other.reasoning),
        own ? labels.object_pixels : other.object_pixels, config.model.embodiments.at("panda").location_views);
    const std::vector<std::string> instructions(rows, own ? labels.instruction : other.instruction);
    const Reading reading = Read({config.model, params, start.tokenizer}, "panda", instructions, views,
                                 std::vector<std::vector<int>>(rows, answer));
    z.push_back(reading.z);
    const at::Tensor trained = packed.z.view({config.micro_batch, 2, -1}).select(1, own ? 0 : 1);
    EXPECT_EQ(reading.z.sizes(), trained.sizes());
    EXPECT_LT(MaxDifference(reading.z, trained), 1e-4) << own;
    EXPECT_EQ(reading.r.defined(), reasons);
    EXPECT_EQ(reading.answers.size(), reasons ? rows : 0U);
    if (reasons && own) {
      EXPECT_LT(MaxDifference(reading.r, packed.r), 1e-4);
    }
  }
  EXPECT_EQ(packed.r.defined(), reasons);
  EXPECT_EQ(packed.next_token.defined(), reasons);
  EXPECT_GT(MaxDifference(z[0], z[1]), 1e-2) << "the instruction must matter, else this test could not fail";
}

// Longer neighbours pad a row; what it reads must not change.
TEST_P(ReadingTest, RowsDoNotTouchEachOther) {
  const c10::AutoGradMode no_grad(false);
  WriteRandomCheckpoint(folder_, Model());
  const DivlaConfig config = ReadDivlaConfig(folder_ + "/config.json");
  const Tokenizer tokenizer = Tokenizer::Load(folder_);
  const ParamStore params = LoadWeights(config, folder_ + "/model.safetensors");
  const Reader reader{config, params, tokenizer};
  const at::Tensor views = Random({2, 2, config.vision.TokensPerView(), config.text.hidden_size}, "views");
  const std::vector<std::string> both{"Take it.", "Take the red cube, and then put it somewhere else, slowly."};
  const std::vector<std::vector<int>> own(2);
  const Reading together = Read(reader, "panda", both, views, own);
  for (std::int64_t q = 0; q < 2; ++q) {
    const Reading alone =
        Read(reader, "panda", std::vector<std::string>{both[static_cast<std::size_t>(q)]}, views.narrow(0, q, 1), own);
    EXPECT_LT(MaxDifference(alone.z[0], together.z[q]), 1e-4) << q;
  }
}

// Where a token looks, against one pass over prompt, answer and action tokens in a single row; the picture's columns are
// found by their ids.
TEST_P(ReadingTest, WhatIsWatchedIsTheAttentionToThePictures) {
  const c10::AutoGradMode no_grad(false);
  WriteRandomCheckpoint(folder_, Model());
  const DivlaConfig config = ReadDivlaConfig(folder_ + "/config.json");
  const Tokenizer tokenizer = Tokenizer::Load(folder_);
  const ParamStore params = LoadWeights(config, folder_ + "/model.safetensors");
  const at::Tensor views = Random({2, 2, config.vision.TokensPerView(), config.text.hidden_size}, "views");
  const std::vector<std::string> both{"Take the red cube, and then put it somewhere else, slowly.", "Take it."};
  const bool reasons = config.head.reasoning;
  const std::vector<std::vector<int>> words{PlainTokens(tokenizer, "Take"), PlainTokens(tokenizer, "Take the red one")};
  std::vector<std::vector<at::Tensor>> looks(2);
  ReadingWatch watch;
  watch.wrote = [&](std::size_t row, const std::vector<int>& answer, const at::Tensor& looked) {
    looks[row].push_back(looked.clone());
    EXPECT_EQ(answer.size(), looks[row].size());
  };
  const Reader reader{config, params, tokenizer};
  const Reading watched = Read(reader, "panda", both, views, words, &watch);
  EXPECT_TRUE(watched.z.equal(Read(reader, "panda", both, views, words).z));
  if (!config.head.HasLanguageModel()) {
    EXPECT_FALSE(watch.acted.defined()) << "nothing attends";
    return;
  }

  const std::vector<ImageGrid> grids = ViewGrids(config, config.embodiments.at("panda"));
  const std::int64_t k = config.head.num_action_tokens;
  for (std::size_t q = 0; q < 2; ++q) {
    const Prompt prompt = BuildPrompt(tokenizer, both[q], grids);
    std::vector<std::int64_t> pictures;
    std::vector<std::int64_t> ids(prompt.ids.begin(), prompt.ids.end());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == tokenizer.TokenId(kImagePad)) pictures.push_back(static_cast<std::int64_t>(i));
    }
    ASSERT_EQ(pictures.size(), 2U * static_cast<std::size_t>(config.vision.TokensPerView()));
    const auto length = static_cast<std::int64_t>(ids.size());
    if (reasons) ids.insert(ids.end(), words[q].begin(), words[q].end());
    ids.push_back(tokenizer.TokenId(kImEnd));
    const at::Tensor columns = at::tensor(pictures, at::kLong);
    at::Tensor x = EmbedTokens(params, at::tensor(ids, at::kLong).unsqueeze(0));
    x[0].index_copy_(0, columns, views[static_cast<std::int64_t>(q)].flatten(0, 1));
    x = at::cat({x, ActionTokens(params).unsqueeze(0)}, 1);
    const std::int64_t total = x.size(1);
    at::Tensor positions = at::empty({3, total}, at::kLong);
    for (std::int64_t axis = 0; axis < 3; ++axis) {
      for (std::int64_t i = 0; i < total; ++i) {
        positions[axis][i] = i < length ? prompt.positions[static_cast<std::size_t>(axis)][static_cast<std::size_t>(i)]
                                        : prompt.next_position + static_cast<int>(i - length);
      }
    }
    KvCache cache = MakeKvCache(config.text, 1, total);
    at::Tensor all;
    CachedForward(config.text, params, x, at::arange(total, at::kLong).unsqueeze(0),
                  MakeRopeTable(config.text, positions), cache, 0, &all);
    const at::Tensor expected = all[0].index_select(1, columns);
    const auto row = static_cast<std::int64_t>(q);
    EXPECT_LT(MaxDifference(watch.acted[row], expected.narrow(0, total - k, k).mean(0)), 1e-5) << q;
    ASSERT_EQ(looks[q].size(), reasons ? words[q].size() : 0U);
    for (std::size_t token = 0; token < looks[q].size(); ++token) {
      EXPECT_LT(MaxDifference(looks[q][token], expected[length - 1 + static_cast<std::int64_t>(token)]), 1e-5) << token;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ReadingTest, testing::Values("reasoning", "silent", "instruction"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace divla
