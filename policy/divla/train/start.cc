#include "policy/divla/train/start.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/head/normalizer.h"
#include "policy/divla/model.h"
#include "policy/divla/text/bpe_trainer.h"
#include "policy/divla/train/loss.h"
#include "policy/divla/weights/safetensors.h"
#include "policy/file_io.h"
#include "policy/sha256.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

ParamSpecs AllSpecs(const DivlaConfig& model, const Dataset& dataset) {
  ParamSpecs specs = ModelSpecs(model);
  AddTrainingHeads(specs, model, static_cast<int>(dataset.ObjectClasses().size()));
  return specs;
}

// Keys whose values differ, as "key: expected A, found B". The description is no size.
std::vector<std::string> Differences(const DivlaConfig& expected, const DivlaConfig& found) {
  auto a = nlohmann::json::parse(DivlaConfigJson(expected)), b = nlohmann::json::parse(DivlaConfigJson(found));
  a.erase("description"), b.erase("description");
  a = a.flatten(), b = b.flatten();
  std::vector<std::string> lines;
  const auto value = [](const nlohmann::json& json, const std::string& key) {
    return json.contains(key) ? json.at(key).dump() : std::string("nothing");
  };
  for (const auto& [key, one] : a.items()) {
    if (!b.contains(key) || b.at(key) != one) {
      lines.push_back(fmt::format("key '{}': expected {}, found {}", key, one.dump(), value(b, key)));
    }
  }
  for (const auto& [key, one] : b.items()) {
    if (!a.contains(key)) lines.push_back(fmt::format("key '{}': expected nothing, found {}", key, one.dump()));
  }
  return lines;
}

// The heads of the file that have the sizes of this run, if they know the same object classes.
void TakeHeads(const fs::path& path, const ParamSpecs& specs, const Dataset& dataset, ParamStore& values) {
  if (!fs::exists(path)) return;
  const SafetensorsFile file = SafetensorsFile::Open(path.string());
  const auto classes = file.Metadata().find("object_classes");
  if (classes == file.Metadata().end() ||
      classes->second != fmt::format("{}", fmt::join(dataset.ObjectClasses(), ","))) {
    return;
  }
  const std::vector<std::string> names = file.Names();
  for (const ParamSpec& spec : specs) {
    if (!spec.name.starts_with("train.") || std::find(names.begin(), names.end(), spec.name) == names.end()) continue;
    const TensorView& view = file.Tensor(spec.name);
    if (view.dtype != Dtype::kF32 || view.shape != spec.shape) continue;
    at::Tensor tensor = at::empty(spec.shape, at::kFloat);
    std::memcpy(tensor.mutable_data_ptr(), view.data.data(), view.data.size());
    values[spec.name] = tensor;
  }
}

}  // namespace

Start FreshStart(const TrainRun& run, const Dataset& dataset) {
  const std::vector<std::string> special = SpecialTokens();
  Start start{.model = run.model, .tokenizer = TrainBpe(dataset.Texts(), run.vocab_size, special)};
  start.model.embodiments.clear();
  for (const Body& body : dataset.Bodies()) start.model.embodiments.emplace(body.name, body.config);
  start.model.text.vocab_size = start.tokenizer.VocabSize();
  start.normalizer = dataset.NormalizerValues(run.model.head.chunk_size);
  start.specs = AllSpecs(start.model, dataset);
  start.values = InitParams(start.specs, run.stages.front().seed);
  return start;
}

Start StartFrom(const std::string& folder, const TrainRun& run, const Dataset& dataset) {
  const std::string path = (fs::path(folder) / "config.json").string();
  const DivlaConfig found = ReadDivlaConfig(path);
  DivlaConfig expected = run.model;
  expected.text.vocab_size = found.text.vocab_size;  // the tokenizer's, which is the checkpoint's
  std::erase_if(expected.embodiments, [&](const auto& body) { return !found.embodiments.contains(body.first); });
  if (const auto lines = Differences(expected, found); !lines.empty()) {
    throw InputError(fmt::format("file {}: {}", path, fmt::join(lines, "; ")));
  }
  for (const Body& body : dataset.Bodies()) {
    if (!found.embodiments.contains(body.name)) {
      throw InputError(
          fmt::format("file {}: key 'embodiments': expected {}, of which there is data, found none", path, body.name));
    }
  }
  const std::string weights = (fs::path(folder) / "model.safetensors").string();
  Start start{.model = expected, .tokenizer = Tokenizer::Load(folder)};
  start.model.description = run.model.description;
  start.specs = AllSpecs(start.model, dataset);
  start.values = InitParams(start.specs, run.stages.front().seed);
  for (const auto& [name, tensor] : LoadWeights(start.model, weights)) {
    (name.starts_with("normalizer.") ? start.normalizer : start.values)[name] = tensor;
  }
  TakeHeads(fs::path(folder) / kTrainingHeads, start.specs, dataset, start.values);
  start.weights_sha256 = Sha256OfFile(weights);
  return start;
}

}  // namespace divla
