#include "policy/divla/train/run_state.h"

#include <fmt/format.h>

#include <cstring>

#include "policy/divla/weights/safetensors.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

fs::path StatePath(const fs::path& out) { return out / "state" / "state.safetensors"; }

TensorView View(const std::string& name, const at::Tensor& tensor) {
  return {name,
          Dtype::kF32,
          tensor.sizes().vec(),
          {static_cast<const std::byte*>(tensor.const_data_ptr()), static_cast<std::size_t>(tensor.numel()) * 4}};
}

int ReadNumber(const std::string& path, const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  const std::string text = found == metadata.end() ? "" : found->second;
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos) {
    throw InputError(fmt::format("file {}: key '{}': expected a number, found '{}'", path, key, text));
  }
  return std::stoi(text);
}

}  // namespace

bool HasState(const fs::path& out) { return fs::exists(StatePath(out)); }

void SaveState(const fs::path& out, const FlatParams& flat, const AdamW& adam, RunPosition position,
               const RunIdentity& identity) {
  fs::create_directories(out / "state");
  const std::vector<TensorView> views{View("values", flat.values), View("first", adam.first),
                                      View("second", adam.second), View("average", adam.average)};
  WriteSafetensors(StatePath(out).string(), views,
                   {{"stage", std::to_string(position.stage)},
                    {"step", std::to_string(position.step)},
                    {"config", identity.config},
                    {"data", identity.data},
                    {"start", identity.start}});
}

RunPosition LoadState(const fs::path& out, FlatParams& flat, AdamW& adam, const RunIdentity& identity) {
  const std::string path = StatePath(out).string();
  const SafetensorsFile file = SafetensorsFile::Open(path);
  const auto& metadata = file.Metadata();
  for (const auto& [key, expected, what] : {std::tuple{"config", &identity.config, "the configuration of this run"},
                                            {"data", &identity.data, "the data of this run"},
                                            {"start", &identity.start, "the weights that this run began from"}}) {
    const auto found = metadata.find(key);
    if (found == metadata.end() || found->second != *expected) {
      throw InputError(
          fmt::format("file {}: key '{}': expected {}, found another; train into a new folder", path, key, what));
    }
  }
  for (const auto& [name, tensor] : {std::pair{"values", &flat.values},
                                     {"first", &adam.first},
                                     {"second", &adam.second},
                                     {"average", &adam.average}}) {
    const TensorView& view = file.Tensor(name);
    if (view.dtype != Dtype::kF32 || view.shape != tensor->sizes().vec()) {
      throw InputError(
          fmt::format("file {}: tensor '{}': expected {} numbers, found another shape", path, name, tensor->numel()));
    }
    std::memcpy(tensor->mutable_data_ptr(), view.data.data(), view.data.size());
  }
  RefreshCopy(flat);
  return {ReadNumber(path, metadata, "stage"), ReadNumber(path, metadata, "step")};
}

}  // namespace divla
