// The two files of a probe: what it is given and what it answers.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/divla/weights/safetensors.h"
#include "sim/image.h"

namespace divla {

// Reads the input strictly: a tensor that nobody asked for is an InputError (but `state` and `noise`, which only a policy
// reads), as is a wrong type or number of dimensions. Metadata beyond what is asked for is ignored.
class ProbeInput {
 public:
  explicit ProbeInput(const std::string& path);

  // `images` (K, H, W, 3) or `image_0`, `image_1`, … (H, W, 3), uint8; empty when there is none.
  std::vector<Image> Images();
  std::optional<at::Tensor> Floats(const std::string& name, std::int64_t dimensions);    // F32
  std::optional<at::Tensor> Integers(const std::string& name, std::int64_t dimensions);  // I64 or I32
  at::Tensor RequiredFloats(const std::string& name, const std::vector<std::int64_t>& shape);
  std::string Instruction();                                               // metadata, required
  int MaxNewTokens();                                                      // metadata, 256 when absent; 0 to 100,000
  std::string Text(const std::string& key, const std::string& otherwise);  // metadata
  void Done() const;

  [[noreturn]] void Fail(const std::string& what) const;

 private:
  const TensorView* Find(const std::string& name);

  SafetensorsFile file_;
  std::map<std::string, bool> used_;  // tensors
};

class ProbeOutput {
 public:
  void Add(const std::string& name, const at::Tensor& tensor);  // stored as F32, or I64 for whole numbers
  void AddIds(const std::string& name, const std::vector<int>& ids);
  void AddText(const std::string& key, const std::string& text) { metadata_[key] = text; }
  void Write(const std::string& path) const;

 private:
  std::map<std::string, at::Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace divla
