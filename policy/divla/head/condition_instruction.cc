#include "policy/divla/head/condition_instruction.h"

#include <algorithm>

#include "policy/divla/language/language_model.h"
#include "policy/divla/ops/ops.h"

namespace divla {
namespace {

constexpr std::int64_t kKeypoints = 32;  // of each view, as in Diffusion Policy's picture encoder
// Of the scores' first weights: with 1 the softmax is nearly flat, and every keypoint starts in the picture's middle.
constexpr double kScoreScale = 3.0;
const std::string kInstruction = "condition.instruction.", kPlaces = "condition.keypoints.",
                  kProjector = "condition.projector.";

std::string InputLayer(const std::string& embodiment) { return "embodiments." + embodiment + ".keypoints_in"; }

// (TokensPerView, 2), rows first
at::Tensor CellCentres(const VisionConfig& vision) {
  const int rows = vision.MergedHeight(), columns = vision.MergedWidth();
  std::vector<float> centres;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      centres.push_back(static_cast<float>(2 * column + 1) / static_cast<float>(columns) - 1.0F);
      centres.push_back(static_cast<float>(2 * row + 1) / static_cast<float>(rows) - 1.0F);
    }
  }
  return at::tensor(centres, at::kFloat).view({-1, 2});
}

}  // namespace

void AddInstruction(ParamSpecs& specs, const DivlaConfig& config) {
  const std::int64_t width = config.text.hidden_size, cond = config.head.cond_dim;
  specs.push_back({"model.embed_tokens.weight", {config.text.vocab_size, width}, Init::kNormal, 0.3});
  AddLayerNorm(specs, kInstruction + "norm_in", width);
  AddLinear(specs, kInstruction + "fc1", width, cond);
  AddLinear(specs, kInstruction + "fc2", cond, cond);
  AddLayerNorm(specs, kInstruction + "norm_out", cond);
  AddLayerNorm(specs, kPlaces + "norm_in", width);
  specs.push_back(
      {kPlaces + "score.weight", {kKeypoints, width}, Init::kFanIn, kScoreScale, true});  // softmax: no bias
  specs.push_back({kPlaces + "offset.weight", {2 * kKeypoints, width}, Init::kZero, 1.0, true});
  specs.push_back({kPlaces + "offset.bias", {2 * kKeypoints}, Init::kZero});
  AddLayerNorm(specs, kPlaces + "norm_out", cond);
  AddLinear(specs, kProjector + "fc1", 2 * cond, cond);
  AddLinear(specs, kProjector + "fc2", cond, cond);
  AddLayerNorm(specs, kProjector + "norm_out", cond);
  for (const auto& [name, body] : config.embodiments) {
    AddLinear(specs, InputLayer(name), static_cast<std::int64_t>(body.cameras.size()) * kKeypoints * 2, cond);
  }
}

TokenLists PadTokenLists(const std::vector<std::vector<int>>& lists) {
  std::size_t longest = 1;
  for (const std::vector<int>& list : lists) longest = std::max(longest, list.size());
  const auto count = static_cast<std::int64_t>(lists.size()), length = static_cast<std::int64_t>(longest);
  TokenLists padded{at::zeros({count, length}, at::kLong), at::zeros({count, length}, at::kFloat)};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::vector<int>& list = lists[static_cast<std::size_t>(i)];
    std::copy(list.begin(), list.end(), padded.ids.mutable_data_ptr<std::int64_t>() + i * length);
    std::fill_n(padded.weights.mutable_data_ptr<float>() + i * length, list.size(),
                1.0F / static_cast<float>(list.size()));
  }
  return padded;
}

at::Tensor MeanEmbedding(const ParamStore& params, const TokenLists& lists) {
  return MatrixProduct(lists.weights.unsqueeze(1), EmbedTokens(params, lists.ids)).select(1, 0);
}

at::Tensor Keypoints(const VisionConfig& vision, const ParamStore& params, const at::Tensor& views) {
  const std::int64_t batch = views.size(0), count = views.size(1), cells = views.size(2);
  const at::Tensor normed = LayerNorm(params, kPlaces + "norm_in", views);
  const at::Tensor weights = Softmax(Linear(params, kPlaces + "score", normed).transpose(2, 3).contiguous());
  const at::Tensor offsets =
      Linear(params, kPlaces + "offset", normed).view({batch, count, cells, kKeypoints, 2}).permute({0, 1, 3, 2, 4});
  const at::Tensor places = (offsets + CellCentres(vision)).reshape({-1, cells, 2});
  return MatrixProduct(weights.view({-1, 1, cells}), places).view({batch, count, kKeypoints, 2});
}

at::Tensor ProjectInstruction(const ParamStore& params, const std::string& embodiment, const at::Tensor& mean,
                              const at::Tensor& keypoints) {
  const at::Tensor in = LayerNorm(params, kInstruction + "norm_in", mean);
  const at::Tensor instruction =
      LayerNorm(params, kInstruction + "norm_out",
                Linear(params, kInstruction + "fc2", Gelu(Linear(params, kInstruction + "fc1", in))));
  const at::Tensor seen =
      LayerNorm(params, kPlaces + "norm_out", Linear(params, InputLayer(embodiment), keypoints.flatten(1)));
  const at::Tensor both = Gelu(Linear(params, kProjector + "fc1", at::cat({instruction, seen}, 1)));
  return LayerNorm(params, kProjector + "norm_out", Linear(params, kProjector + "fc2", both));
}

}  // namespace divla
