#include "policy/divla/hf/hf_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>

#include "policy/divla/head/conditional_unet.h"
#include "policy/divla/head/mean_pool.h"
#include "policy/divla/language/language_model.h"
#include "policy/divla/vision/qwen_tower.h"
#include "policy/divla/vision/vision_tower.h"
#include "policy/divla/weights/checkpoint_files.h"
#include "sim/check.h"

namespace divla {
namespace {

const std::string kSiglip = "vision_model.", kPooling = "head.", kQkv = ".qkv_proj.";

std::string OurName(const HfConfig& config, std::string name) {
  const auto swap = [&name](std::string_view from, std::string_view to) {
    if (!name.starts_with(from)) return false;
    name = std::string(to) + name.substr(from.size());
    return true;
  };
  if (config.kind == HfConfig::Kind::kSiglipVision) {
    swap(kSiglip, "");
    if (!name.starts_with(kPooling)) name = "vision_tower." + name;
    return name;
  }
  if (!swap("model.language_model.", "model.")) swap("model.visual.", "visual.");
  return name;
}

at::ScalarType ScalarTypeOf(const std::string& name, const StoredTensor& stored) {
  switch (stored.view.dtype) {
    case Dtype::kF32:
      return at::kFloat;
    case Dtype::kF16:
      return at::kHalf;
    case Dtype::kBF16:
      return at::kBFloat16;
    default:
      throw InputError(fmt::format("file {}: tensor '{}': expected F32, F16 or BF16, found {}", stored.file->Path(),
                                   name, DtypeName(stored.view.dtype)));
  }
}

// The stored bytes as a tensor that keeps its file mapped; a copy where they are not aligned to their type.
at::Tensor Mapped(const std::string& name, const StoredTensor& stored) {
  const at::ScalarType type = ScalarTypeOf(name, stored);
  const auto address = reinterpret_cast<std::uintptr_t>(stored.view.data.data());
  if (stored.view.data.empty() || address % DtypeSize(stored.view.dtype) != 0) {
    at::Tensor copy = at::empty(stored.view.shape, type);
    if (!stored.view.data.empty()) {
      std::memcpy(copy.mutable_data_ptr(), stored.view.data.data(), stored.view.data.size());
    }
    return copy;
  }
  auto* data = const_cast<std::byte*>(stored.view.data.data());  // at::Tensor has no read-only memory
  return at::from_blob(
      data, stored.view.shape, [file = stored.file](void*) {}, at::TensorOptions(type));
}

class Loader {
 public:
  Loader(const HfConfig& config, const std::string& folder, at::ScalarType type)
      : config_(config), folder_(folder), type_(type) {
    for (auto& [name, stored] : OpenCheckpointFiles(folder)) {
      const bool fresh = found_.emplace(OurName(config, name), Found{name, stored}).second;
      if (!fresh) {
        throw InputError(
            fmt::format("file {}: tensor '{}': stands there under two spellings", stored.file->Path(), name));
      }
    }
  }

  ParamStore Load() {
    ParamStore params;
    for (const ParamSpec& spec : HfSpecs(config_)) params.emplace(spec.name, Take(spec));
    DropTiedHead(params);
    for (const auto& [name, found] : found_) {
      if (config_.kind == HfConfig::Kind::kSiglipVision && name.starts_with(kPooling)) continue;
      throw InputError(fmt::format("file {}: tensor '{}': expected no such tensor, found shape [{}]",
                                   found.stored.file->Path(), found.name, fmt::join(found.stored.view.shape, ", ")));
    }
    return params;
  }

 private:
  struct Found {
    std::string name;  // as in the file
    StoredTensor stored;
  };

  at::Tensor Take(const ParamSpec& spec) {
    const std::size_t joint = spec.name.find(kQkv);
    if (config_.kind != HfConfig::Kind::kSiglipVision || joint == std::string::npos) {
      return TakeOne(spec.name, spec.shape);
    }
    std::vector<std::int64_t> third = spec.shape;
    third[0] /= 3;
    std::vector<at::Tensor> parts;
    for (const char* part : {".q_proj.", ".k_proj.", ".v_proj."}) {
      parts.push_back(TakeOne(spec.name.substr(0, joint) + part + spec.name.substr(joint + kQkv.size()), third));
    }
    return at::cat(parts);
  }

  at::Tensor TakeOne(const std::string& name, const std::vector<std::int64_t>& shape) {
    const auto found = found_.find(name);
    if (found == found_.end()) {
      throw InputError(fmt::format("folder {}: tensor '{}': expected shape [{}], found none", folder_, name,
                                   fmt::join(shape, ", ")));
    }
    const auto& [file_name, stored] = found->second;
    if (stored.view.shape != shape) {
      throw InputError(fmt::format("file {}: tensor '{}': expected shape [{}], found [{}]", stored.file->Path(),
                                   file_name, fmt::join(shape, ", "), fmt::join(stored.view.shape, ", ")));
    }
    at::Tensor tensor = Mapped(file_name, stored).to(type_);
    found_.erase(found);
    return tensor;
  }

  // Some writers leave the head of a tied model in the file.
  void DropTiedHead(const ParamStore& params) {
    const auto head = found_.find("lm_head.weight");
    if (head == found_.end() || !config_.text.tie_word_embeddings) return;
    const std::vector<std::int64_t> shape = {config_.text.vocab_size, config_.text.hidden_size};
    const StoredTensor& stored = head->second.stored;
    const bool same = stored.view.shape == shape &&
                      Mapped("lm_head.weight", stored).to(type_).equal(Param(params, "model.embed_tokens.weight"));
    if (!same) {
      throw InputError(
          fmt::format("file {}: tensor '{}': expected none or a copy of the embedding (tie_word_embeddings "
                      "is true), found another one of shape [{}]",
                      stored.file->Path(), head->second.name, fmt::join(stored.view.shape, ", ")));
    }
    found_.erase(head);
  }

  const HfConfig& config_;
  const std::string& folder_;
  at::ScalarType type_;
  std::map<std::string, Found> found_;
};

}  // namespace

at::ScalarType ComputeTypeNamed(const std::string& name) {
  if (name == "float32") return at::kFloat;
  if (name == "bfloat16") return at::kBFloat16;
  throw InputError(fmt::format("option --dtype: expected float32 or bfloat16, found '{}'", name));
}

ParamSpecs HfSpecs(const HfConfig& config) {
  ParamSpecs specs;
  if (config.kind == HfConfig::Kind::kSiglipVision) {
    AddVisionTower(specs, config.siglip);
    return specs;
  }
  AddQwenTower(specs, config.vision);
  AddLanguageModel(specs, config.text);
  if (config.head) {
    AddMeanPool(specs, config.text.hidden_size);
    AddConditionalUnet(specs, *config.head);
  }
  return specs;
}

ParamStore LoadHfWeights(const HfConfig& config, const std::string& folder, at::ScalarType type) {
  return Loader(config, folder, type).Load();
}

}  // namespace divla
