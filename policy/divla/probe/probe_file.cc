#include "policy/divla/probe/probe_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "sim/check.h"

namespace divla {
namespace {

constexpr int kDefaultNewTokens = 256, kMostNewTokens = 100'000;
constexpr std::size_t kMostImages = 1000;

Image ToImage(const std::byte* bytes, std::int64_t height, std::int64_t width) {
  Image image{static_cast<int>(height), static_cast<int>(width), {}};
  image.rgb.resize(image.ByteCount());
  std::memcpy(image.rgb.data(), bytes, image.rgb.size());
  return image;
}

}  // namespace

ProbeInput::ProbeInput(const std::string& path) : file_(SafetensorsFile::Open(path)) {
  for (const std::string& name : file_.Names()) used_[name] = false;
}

void ProbeInput::Fail(const std::string& what) const {
  throw InputError(fmt::format("file {}: {}", file_.Path(), what));
}

const TensorView* ProbeInput::Find(const std::string& name) {
  if (!file_.Has(name)) return nullptr;
  used_[name] = true;
  return &file_.Tensor(name);
}

std::vector<Image> ProbeInput::Images() {
  std::vector<Image> images;
  const auto check = [&](const TensorView& view, std::size_t dimensions) {
    const bool fits = view.dtype == Dtype::kU8 && view.shape.size() == dimensions && view.shape.back() == 3;
    const bool sane = fits && std::all_of(view.shape.begin(), view.shape.end(),
                                          [](std::int64_t size) { return size >= 1 && size <= 1 << 16; });
    if (!sane) {
      Fail(fmt::format(
          "tensor '{}': expected U8 of shape [{}H, W, 3] with sides from 1 to 65536, found {} of shape [{}]", view.name,
          dimensions == 4 ? "K, " : "", DtypeName(view.dtype), fmt::join(view.shape, ", ")));
    }
  };
  if (const TensorView* all = Find("images")) {
    check(*all, 4);
    const std::size_t bytes = static_cast<std::size_t>(all->shape[1] * all->shape[2] * 3);
    for (std::int64_t i = 0; i < all->shape[0]; ++i) {
      images.push_back(ToImage(all->data.data() + static_cast<std::size_t>(i) * bytes, all->shape[1], all->shape[2]));
    }
    if (file_.Has("image_0")) Fail("tensor 'image_0': expected 'images' or 'image_0', 'image_1', …, found both");
    return images;
  }
  for (std::size_t i = 0; i < kMostImages; ++i) {
    const TensorView* one = Find(fmt::format("image_{}", i));
    if (one == nullptr) break;
    check(*one, 3);
    images.push_back(ToImage(one->data.data(), one->shape[0], one->shape[1]));
  }
  return images;
}

std::optional<at::Tensor> ProbeInput::Floats(const std::string& name, std::int64_t dimensions) {
  const TensorView* view = Find(name);
  if (view == nullptr) return std::nullopt;
  if (view->dtype != Dtype::kF32 || static_cast<std::int64_t>(view->shape.size()) != dimensions) {
    Fail(fmt::format("tensor '{}': expected F32 with {} dimensions, found {} of shape [{}]", name, dimensions,
                     DtypeName(view->dtype), fmt::join(view->shape, ", ")));
  }
  at::Tensor tensor = at::empty(view->shape, at::kFloat);
  if (!view->data.empty()) std::memcpy(tensor.mutable_data_ptr(), view->data.data(), view->data.size());
  return tensor;
}

std::optional<at::Tensor> ProbeInput::Integers(const std::string& name, std::int64_t dimensions) {
  const TensorView* view = Find(name);
  if (view == nullptr) return std::nullopt;
  const bool whole = view->dtype == Dtype::kI64 || view->dtype == Dtype::kI32;
  if (!whole || static_cast<std::int64_t>(view->shape.size()) != dimensions) {
    Fail(fmt::format("tensor '{}': expected I64 or I32 with {} dimensions, found {} of shape [{}]", name, dimensions,
                     DtypeName(view->dtype), fmt::join(view->shape, ", ")));
  }
  at::Tensor tensor = at::empty(view->shape, view->dtype == Dtype::kI64 ? at::kLong : at::kInt);
  if (!view->data.empty()) std::memcpy(tensor.mutable_data_ptr(), view->data.data(), view->data.size());
  return tensor.to(at::kLong);
}

at::Tensor ProbeInput::RequiredFloats(const std::string& name, const std::vector<std::int64_t>& shape) {
  const std::optional<at::Tensor> tensor = Floats(name, static_cast<std::int64_t>(shape.size()));
  if (!tensor || tensor->sizes() != at::IntArrayRef(shape)) {
    Fail(fmt::format("tensor '{}': expected F32 of shape [{}], found {}", name, fmt::join(shape, ", "),
                     tensor ? fmt::format("[{}]", fmt::join(tensor->sizes().vec(), ", ")) : "nothing"));
  }
  return *tensor;
}

std::string ProbeInput::Instruction() {
  if (!file_.Metadata().contains("instruction")) Fail("metadata 'instruction': expected text, found nothing");
  return Text("instruction", "");
}

int ProbeInput::MaxNewTokens() {
  const std::string text = Text("max_new_tokens", std::to_string(kDefaultNewTokens));
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kMostNewTokens) {
    Fail(fmt::format("metadata 'max_new_tokens': expected an integer from 0 to {}, found '{}'", kMostNewTokens, text));
  }
  return value;
}

std::string ProbeInput::Text(const std::string& key, const std::string& otherwise) {
  const auto found = file_.Metadata().find(key);
  if (found == file_.Metadata().end()) return otherwise;
  return found->second;
}

void ProbeInput::Done() const {
  for (const auto& [name, used] : used_) {
    // One input may serve a policy and the model it is built on.
    if (!used && name != "state" && name != "noise") Fail(fmt::format("tensor '{}': expected no such tensor", name));
  }
}

void ProbeOutput::Add(const std::string& name, const at::Tensor& tensor) {
  const bool whole = at::isIntegralType(tensor.scalar_type(), /*includeBool=*/false);
  tensors_[name] = tensor.detach().to(at::kCPU, whole ? at::kLong : at::kFloat).contiguous();
}

void ProbeOutput::AddIds(const std::string& name, const std::vector<int>& ids) {
  Add(name, at::tensor(std::vector<std::int64_t>(ids.begin(), ids.end()), at::kLong));
}

void ProbeOutput::Write(const std::string& path) const {
  std::vector<TensorView> views;
  for (const auto& [name, tensor] : tensors_) {
    views.push_back({name,
                     tensor.scalar_type() == at::kLong ? Dtype::kI64 : Dtype::kF32,
                     tensor.sizes().vec(),
                     {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}});
  }
  WriteSafetensors(path, views, metadata_);
}

}  // namespace divla
