// The tensors of a checkpoint folder, whatever number of safetensors files they lie in: model.safetensors, or the shards
// that model.safetensors.index.json names (Hugging Face's layout). Files are memory-mapped; nothing is copied.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "policy/divla/weights/safetensors.h"

namespace divla {

struct StoredTensor {
  TensorView view;                              // valid while `file` lives
  std::shared_ptr<const SafetensorsFile> file;  // the one it lies in
};

// By name. Throws InputError naming the file and the tensor: no weights in the folder; an index that is not one, that
// names a file outside the folder or not ending in .safetensors, a shard that is missing, lacks a tensor that the index
// puts there, or holds one that the index does not; any file that SafetensorsFile::Open refuses.
std::map<std::string, StoredTensor> OpenCheckpointFiles(const std::string& folder);

// The files' names in order, for a checksum over the folder.
std::vector<std::string> CheckpointFileNames(const std::string& folder);

}  // namespace divla
