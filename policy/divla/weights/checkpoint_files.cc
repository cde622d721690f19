#include "policy/divla/weights/checkpoint_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "policy/divla/json_reader.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// tensor -> shard's file name
std::map<std::string, std::string> ReadIndex(const std::string& path) {
  const json index = ParseJsonObject(ReadFile(path), path);
  const auto map = index.find("weight_map");
  if (map == index.end() || !map->is_object() || map->empty()) {
    throw InputError(fmt::format("file {}: key 'weight_map': expected an object with a file for each tensor, found {}",
                                 path, map == index.end() ? "nothing" : map->dump().substr(0, 80)));
  }
  std::map<std::string, std::string> shards;
  for (const auto& [tensor, file] : map->items()) {
    const std::string name = file.is_string() ? file.get<std::string>() : "";
    // A plain name: an index must not reach out of its folder.
    if (!name.ends_with(".safetensors") || fs::path(name).filename() != name) {
      throw InputError(fmt::format("file {}: tensor '{}': expected a file name NAME.safetensors, found {}", path,
                                   tensor, file.dump().substr(0, 200)));
    }
    shards[tensor] = name;
  }
  return shards;
}

}  // namespace

std::vector<std::string> CheckpointFileNames(const std::string& folder) {
  if (Exists(fs::path(folder) / kSingle)) return {kSingle};
  const fs::path index = fs::path(folder) / kIndex;
  if (!Exists(index)) {
    throw InputError(fmt::format("folder {}: expected {} or {}, found neither", folder, kSingle, kIndex));
  }
  std::set<std::string> names;
  for (const auto& [tensor, file] : ReadIndex(index.string())) names.insert(file);
  return {names.begin(), names.end()};
}

std::map<std::string, StoredTensor> OpenCheckpointFiles(const std::string& folder) {
  const std::vector<std::string> files = CheckpointFileNames(folder);
  std::map<std::string, StoredTensor> tensors;
  for (const std::string& name : files) {
    const std::string path = (fs::path(folder) / name).string();
    const auto file = std::make_shared<const SafetensorsFile>(SafetensorsFile::Open(path));
    for (const std::string& tensor : file->Names()) {
      const bool fresh = tensors.emplace(tensor, StoredTensor{file->Tensor(tensor), file}).second;
      if (!fresh) {
        throw InputError(
            fmt::format("file {}: tensor '{}': stands in {}, too", path, tensor, tensors.at(tensor).file->Path()));
      }
    }
  }
  if (files.size() == 1 && files[0] == kSingle) return tensors;
  const std::string index = (fs::path(folder) / kIndex).string();
  const std::map<std::string, std::string> shards = ReadIndex(index);
  for (const auto& [tensor, file] : shards) {
    const auto found = tensors.find(tensor);
    const std::string path = (fs::path(folder) / file).string();
    if (found == tensors.end() || found->second.file->Path() != path) {
      throw InputError(fmt::format("file {}: tensor '{}': expected here by {}, found {}", path, tensor, kIndex,
                                   found == tensors.end() ? "nothing" : "it in " + found->second.file->Path()));
    }
  }
  for (const auto& [tensor, stored] : tensors) {
    if (!shards.contains(tensor)) {
      throw InputError(
          fmt::format("file {}: tensor '{}': expected in {}, found nothing", stored.file->Path(), tensor, kIndex));
    }
  }
  return tensors;
}

}  // namespace divla
