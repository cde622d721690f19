#include "policy/probe.h"

#include <c10/core/GradMode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "policy/divla/hf/hf_weights.h"
#include "policy/divla/hf/vla_engine.h"
#include "policy/divla/images/image_config.h"
#include "policy/divla/images/patches.h"
#include "policy/divla/probe/probe_divla.h"
#include "policy/divla/probe/probe_file.h"
#include "policy/divla/vision/vision_tower.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

// (sum of patches, values of a patch) and (K, 3)
void AddPatches(ProbeOutput& output, std::span<const PixelPatches> views, std::int64_t values) {
  std::vector<at::Tensor> rows;
  std::vector<std::int64_t> grids;
  for (const PixelPatches& view : views) {
    rows.push_back(at::tensor(view.values, at::kFloat).view({-1, values}));
    grids.insert(grids.end(), {1, view.grid.height, view.grid.width});
  }
  output.Add("pixel_values", rows.empty() ? at::empty({0, values}) : at::cat(rows));
  output.Add("image_grid_thw", at::tensor(grids, at::kLong).view({-1, 3}));
}

// The pictures of the input, preprocessed, or the rows of `pixel_values` with their `image_grid_thw`.
std::vector<PixelPatches> Views(ProbeInput& input, const std::string& folder, const QwenVisionConfig& vision) {
  std::vector<PixelPatches> views;
  const ImageConfig config = ReadQwen2VlImages(folder);
  if (config.patch_size != vision.patch_size || config.merge_size != vision.spatial_merge_size ||
      config.temporal_patch_size != vision.temporal_patch_size) {
    throw InputError(
        fmt::format("folder {}: the picture processor's patch_size, merge_size and temporal_patch_size: "
                    "expected config.json's {}, {} and {}, found {}, {} and {}",
                    folder, vision.patch_size, vision.spatial_merge_size, vision.temporal_patch_size, config.patch_size,
                    config.merge_size, config.temporal_patch_size));
  }
  for (const Image& image : input.Images()) {
    ImagePatches patches = MakePatches(image, config);
    views.push_back({{patches.grid_height, patches.grid_width}, std::move(patches.values)});
  }
  const std::optional<at::Tensor> rows = input.Floats("pixel_values", 2), grids = input.Integers("image_grid_thw", 2);
  if (rows.has_value() != grids.has_value()) input.Fail("expected pixel_values and image_grid_thw together, found one");
  if (!rows) return views;
  if (!views.empty()) input.Fail("tensor 'pixel_values': expected pictures or their pixel values, found both");
  const auto grid = grids->accessor<std::int64_t, 2>();
  std::int64_t begin = 0;
  for (std::int64_t i = 0; i < grids->size(0); ++i) {
    const bool three = grids->size(1) == 3;
    const std::int64_t height = three ? grid[i][1] : 0, width = three ? grid[i][2] : 0,
                       merge = vision.spatial_merge_size;
    const bool fits = three && grid[i][0] == 1 && height >= 1 && width >= 1 && height <= 1 << 14 && width <= 1 << 14 &&
                      height % merge == 0 && width % merge == 0 && begin + height * width <= rows->size(0);
    if (!fits) {
      input.Fail(
          fmt::format("tensor 'image_grid_thw': expected rows [1, h, w] of multiples of {} for the {} patches, "
                      "found another in row {}",
                      merge, rows->size(0), i));
    }
    const at::Tensor part = rows->narrow(0, begin, height * width).contiguous();
    const auto* values = part.const_data_ptr<float>();
    views.push_back({{static_cast<int>(height), static_cast<int>(width)}, {values, values + part.numel()}});
    begin += height * width;
  }
  if (begin != rows->size(0) || rows->size(1) != vision.PatchValues()) {
    input.Fail(fmt::format("tensor 'pixel_values': expected shape [{}, {}], found [{}]", begin, vision.PatchValues(),
                           fmt::join(rows->sizes().vec(), ", ")));
  }
  return views;
}

void ProbeQwen(const std::string& folder, ProbeInput& input, ProbeOutput& output, at::ScalarType type) {
  VlaEngine engine = VlaEngine::Open(folder, type);
  const HfConfig& config = engine.Config();
  VlaQuery query{input.Instruction(), Views(input, folder, config.vision)};
  const int max_new_tokens = input.MaxNewTokens();
  at::Tensor state, noise;
  if (engine.HasHead()) {
    const ReleasedHeadConfig& head = *config.head;
    state = input.RequiredFloats("state", {head.state_dim});
    const std::optional<at::Tensor> given = input.Floats("noise", 2);
    const std::vector<std::int64_t> shape = {head.prediction_horizon, head.input_dim};
    if (given && given->sizes() != at::IntArrayRef(shape)) {
      input.Fail(fmt::format("tensor 'noise': expected shape [{}], found [{}]", fmt::join(shape, ", "),
                             fmt::join(given->sizes().vec(), ", ")));
    }
    noise = given ? *given : ProbeNoise(shape);
  }
  input.Done();
  AddPatches(output, query.views, config.vision.PatchValues());
  const std::span<const VlaQuery> batch(&query, 1);
  const at::Tensor seen = engine.See(batch);
  engine.Read(batch, seen, max_new_tokens);
  const at::Tensor states = engine.PromptStates(0).clone();
  output.Add("vision_embeds", seen[0]);
  output.AddIds("input_ids", engine.PromptOf(0).ids);
  output.Add("hidden_prompt", states);
  output.Add("logits", engine.LogitsOf(states));
  const std::vector<int> ids = engine.Write(max_new_tokens)[0];
  output.AddIds("generated_ids", ids);
  output.AddText("reasoning", engine.Text(ids));
  if (!engine.HasHead()) return;
  const at::Tensor condition = engine.Condition();
  output.Add("condition", condition[0]);
  output.Add("actions", engine.Act(condition, state.unsqueeze(0), noise.unsqueeze(0))[0]);
}

void ProbeSiglip(const HfConfig& config, const std::string& folder, ProbeInput& input, ProbeOutput& output,
                 at::ScalarType type) {
  const ParamStore params = LoadHfWeights(config, folder, type);
  const std::int64_t size = config.siglip.image_height;
  const ImageConfig images = ReadSiglipImages(folder, config.siglip.image_height);
  std::vector<at::Tensor> planes;
  for (const Image& image : input.Images()) {
    planes.push_back(at::tensor(MakePlanes(image, images), at::kFloat).view({1, 3, size, size}));
  }
  std::optional<at::Tensor> pixels = input.Floats("pixel_values", 4);
  if (pixels.has_value() == !planes.empty()) {
    input.Fail("expected pictures (`images` or `image_0`, …) or `pixel_values`, found " +
               std::string(pixels ? "both" : "neither"));
  }
  if (!pixels) pixels = at::cat(planes);
  if (pixels->size(0) < 1 || pixels->size(1) != 3 || pixels->size(2) != size || pixels->size(3) != size) {
    input.Fail(fmt::format("tensor 'pixel_values': expected shape [K, 3, {0}, {0}], found [{1}]", size,
                           fmt::join(pixels->sizes().vec(), ", ")));
  }
  input.Text("instruction", "");  // a tower has no use for them
  input.Text("max_new_tokens", "");
  input.Done();
  output.Add("vision_embeds", VisionTower(config.siglip, params, pixels->to(type)).flatten(0, 1));
}

}  // namespace

void Probe(const std::string& folder, const std::string& input_path, const std::string& output_path,
           const ProbeOptions& options) {
  const at::ScalarType type = ComputeTypeNamed(options.dtype);
  c10::AutoGradMode no_grad(false);
  const std::string path = folder + "/config.json", text = ReadFile(path);
  ProbeInput input(input_path);
  ProbeOutput output;
  if (!IsHuggingFaceConfig(text)) {
    if (type != at::kFloat) throw InputError("option --dtype: expected float32 for a checkpoint of our own");
    ProbeDivla(folder, input, output);
  } else {
    const HfConfig config = ParseHfConfig(text, path);
    if (config.kind == HfConfig::Kind::kSiglipVision) {
      ProbeSiglip(config, folder, input, output, type);
    } else {
      ProbeQwen(folder, input, output, type);
    }
  }
  output.Write(output_path);
}

}  // namespace divla
