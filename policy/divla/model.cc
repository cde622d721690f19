#include "policy/divla/model.h"

#include <fmt/format.h>

#include <cstring>

#include "policy/divla/head/condition.h"
#include "policy/divla/head/normalizer.h"
#include "policy/divla/head/unet.h"
#include "policy/divla/language/language_model.h"
#include "policy/divla/vision/vision_tower.h"
#include "policy/divla/weights/safetensors.h"
#include "sim/check.h"

namespace divla {

ParamSpecs ModelSpecs(const DivlaConfig& config) {
  ParamSpecs specs;
  AddVisionTower(specs, config.vision);
  AddProjector(specs, config.vision, config.text.hidden_size);
  for (const auto& [name, body] : config.embodiments) {
    specs.push_back(
        {"embodiments." + name + ".view_embedding",
         {static_cast<std::int64_t>(body.cameras.size()), config.vision.TokensPerView(), config.text.hidden_size},
         Init::kNormal,
         0.1});
  }
  if (config.head.HasLanguageModel()) {
    TextConfig text = config.text;
    text.lm_head = config.head.reasoning;
    AddLanguageModel(specs, text);
  }
  AddCondition(specs, config);
  AddUnet(specs, config);
  return specs;
}

at::Tensor EncodeViews(const DivlaConfig& config, const ParamStore& params, const std::string& embodiment,
                       const at::Tensor& pixels, at::Tensor* projected) {
  const std::int64_t batch = pixels.size(0), views = pixels.size(1);
  // Channels-last picture memory is what the convolution wants anyway.
  const at::Tensor images = pixels.flatten(0, 1).permute({0, 3, 1, 2});
  const at::Tensor tokens = Project(config.vision, params, VisionTower(config.vision, params, images))
                                .view({batch, views, config.vision.TokensPerView(), config.text.hidden_size});
  if (projected != nullptr) *projected = tokens;
  return tokens + Param(params, "embodiments." + embodiment + ".view_embedding");
}

std::vector<ImageGrid> ViewGrids(const DivlaConfig& config, const EmbodimentConfig& body) {
  return std::vector<ImageGrid>(body.cameras.size(), {config.vision.MergedHeight(), config.vision.MergedWidth()});
}

int PrefixLength(const Prompt& prompt) { return prompt.images.back().end + 1; }

std::vector<at::Tensor> PrefixPieces(const ParamStore& params, const Prompt& prompt, const at::Tensor& views) {
  const std::int64_t batch = views.size(0), width = views.size(3);
  const int length = PrefixLength(prompt);
  const std::vector<std::int64_t> ids(prompt.ids.begin(), prompt.ids.begin() + length);
  const at::Tensor text = EmbedTokens(params, at::tensor(ids, at::kLong));
  std::vector<at::Tensor> pieces;
  int done = 0;
  const auto add_text = [&](int end) {
    if (end > done) pieces.push_back(text.narrow(0, done, end - done).unsqueeze(0).expand({batch, end - done, width}));
  };
  for (std::size_t view = 0; view < prompt.images.size(); ++view) {
    add_text(prompt.images[view].begin);
    pieces.push_back(views.select(1, static_cast<std::int64_t>(view)));
    done = prompt.images[view].end;
  }
  add_text(length);
  return pieces;
}

ParamStore LoadWeights(const DivlaConfig& config, const std::string& path) {
  const SafetensorsFile file = SafetensorsFile::Open(path);
  ParamStore found;
  for (const std::string& name : file.Names()) {
    const TensorView& view = file.Tensor(name);
    at::ScalarType type = at::kFloat;
    switch (view.dtype) {
      case Dtype::kF32:
        type = at::kFloat;
        break;
      case Dtype::kF16:
        type = at::kHalf;
        break;
      case Dtype::kBF16:
        type = at::kBFloat16;
        break;
      default:
        throw InputError(fmt::format("file {}: tensor '{}': expected F32, F16 or BF16, found {}", path, name,
                                     DtypeName(view.dtype)));
    }
    at::Tensor tensor = at::empty(view.shape, type);
    if (!view.data.empty()) std::memcpy(tensor.mutable_data_ptr(), view.data.data(), view.data.size());
    found.emplace(name, tensor);
  }
  ParamSpecs specs = ModelSpecs(config);
  AddNormalizer(specs, config);
  return TakeParams(specs, found, path);
}

void SaveWeights(const ParamStore& params, const std::map<std::string, std::string>& metadata,
                 const std::string& path) {
  std::vector<at::Tensor> keep;
  std::vector<TensorView> views;
  for (const auto& [name, tensor] : params) {
    const at::Tensor& plain = keep.emplace_back(tensor.detach().to(at::kFloat).contiguous());
    views.push_back(
        {name,
         Dtype::kF32,
         plain.sizes().vec(),
         {static_cast<const std::byte*>(plain.const_data_ptr()), static_cast<std::size_t>(plain.numel()) * 4}});
  }
  WriteSafetensors(path, views, metadata);
}

}  // namespace divla
