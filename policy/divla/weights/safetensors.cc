#include "policy/divla/weights/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxHeader = 100'000'000;  // bytes, the bound of the reference implementation
constexpr std::size_t kLengthSize = 8;             // bytes of the length before the header
constexpr const char* kMetadataKey = "__metadata__";

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  std::size_t size;  // bytes
};
constexpr std::array<DtypeRow, 6> kDtypes = {{{Dtype::kF32, "F32", 4},
                                              {Dtype::kF16, "F16", 2},
                                              {Dtype::kBF16, "BF16", 2},
                                              {Dtype::kI32, "I32", 4},
                                              {Dtype::kI64, "I64", 8},
                                              {Dtype::kU8, "U8", 1}}};

const DtypeRow& Row(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)]; }

// Elements of a shape; nothing when the product does not fit.
std::optional<std::uint64_t> ElementCount(std::span<const std::int64_t> shape) {
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count)) return std::nullopt;
  }
  return count;
}

// One header entry of a file, with everything needed to say what is wrong with it.
class EntryParser {
 public:
  EntryParser(const std::string& path, const std::string& name, const json& entry, std::span<const std::byte> data)
      : path_(path), name_(name), entry_(entry), data_(data) {}

  TensorView Parse() const {
    if (!entry_.is_object()) Fail("expected an object with dtype, shape and data_offsets, found " + entry_.dump());
    for (const auto& [key, value] : entry_.items()) {
      if (key != "dtype" && key != "shape" && key != "data_offsets") Fail(fmt::format("unknown key '{}'", key));
    }
    TensorView view;
    view.name = name_;
    view.dtype = ParseDtype();
    view.shape = ParseSizes("shape");
    const std::vector<std::int64_t> offsets = ParseSizes("data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1]) {
      Fail(fmt::format("data_offsets: expected [begin, end] with begin <= end, found [{}]", fmt::join(offsets, ", ")));
    }
    if (static_cast<std::uint64_t>(offsets[1]) > data_.size()) {
      Fail(fmt::format("data_offsets: expected an end of at most {}, the bytes of data in the file, found {}",
                       data_.size(), offsets[1]));
    }
    const std::optional<std::uint64_t> count = ElementCount(view.shape);
    std::uint64_t bytes = 0;
    const bool fits = count && !__builtin_mul_overflow(*count, DtypeSize(view.dtype), &bytes);
    if (!fits || bytes != static_cast<std::uint64_t>(offsets[1] - offsets[0])) {
      Fail(fmt::format("expected {} of shape [{}] = {} bytes, found a range of {} bytes", DtypeName(view.dtype),
                       fmt::join(view.shape, ", "), fits ? std::to_string(bytes) : "too many",
                       offsets[1] - offsets[0]));
    }
    view.data = data_.subspan(static_cast<std::size_t>(offsets[0]), static_cast<std::size_t>(bytes));
    return view;
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    throw InputError(fmt::format("file {}: tensor '{}': {}", path_, name_, what));
  }

  Dtype ParseDtype() const {
    const auto value = entry_.find("dtype");
    const std::string found = value != entry_.end() && value->is_string() ? value->get<std::string>() : "nothing";
    for (const DtypeRow& row : kDtypes) {
      if (row.name == found) return row.dtype;
    }
    Fail(fmt::format("dtype: expected one of F32, F16, BF16, I32, I64, U8, found {}", found));
  }

  std::vector<std::int64_t> ParseSizes(const char* key) const {
    const auto value = entry_.find(key);
    if (value == entry_.end() || !value->is_array()) Fail(fmt::format("{}: expected a list", key));
    std::vector<std::int64_t> sizes;
    for (const json& item : *value) {
      if (!item.is_number_unsigned() || item.get<std::uint64_t>() > INT64_MAX) {
        Fail(fmt::format("{}: expected whole numbers of at least 0, found {}", key, item.dump()));
      }
      sizes.push_back(item.get<std::int64_t>());
    }
    return sizes;
  }

  const std::string& path_;
  const std::string& name_;
  const json& entry_;
  std::span<const std::byte> data_;
};

json ParseHeader(const std::string& path, std::string_view text) {
  if (text.empty() || text.front() != '{') throw InputError(fmt::format("file {}: header: expected '{{' first", path));
  // The JSON library keeps the last of two equal keys; for us a name twice is an error.
  std::set<std::string> names;
  std::string twice;
  const auto note_key = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  const json header = json::parse(text, note_key, /*allow_exceptions=*/false);
  if (header.is_discarded()) throw InputError(fmt::format("file {}: header: expected valid JSON", path));
  if (!twice.empty()) throw InputError(fmt::format("file {}: tensor '{}': stands twice in the header", path, twice));
  return header;
}

std::map<std::string, std::string> ParseMetadata(const std::string& path, const json& value) {
  std::map<std::string, std::string> metadata;
  if (!value.is_object()) throw InputError(fmt::format("file {}: key '{}': expected an object", path, kMetadataKey));
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) {
      throw InputError(fmt::format("file {}: metadata '{}': expected text, found {}", path, key, text.dump()));
    }
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

// The format forbids holes and overlaps: in order of their begin, each range starts where the one before ended.
void CheckRanges(const std::string& path, const std::map<std::string, TensorView>& tensors,
                 std::span<const std::byte> data) {
  std::vector<const TensorView*> order;
  for (const auto& [name, view] : tensors) order.push_back(&view);
  const auto begin = [&](const TensorView* view) { return view->data.data() - data.data(); };
  std::stable_sort(order.begin(), order.end(), [&](const TensorView* a, const TensorView* b) {
    return std::pair(begin(a), a->data.size()) < std::pair(begin(b), b->data.size());
  });
  std::ptrdiff_t end = 0;
  for (const TensorView* view : order) {
    if (begin(view) != end) {
      throw InputError(fmt::format("file {}: tensor '{}': data_offsets: expected begin {}, found {} ({})", path,
                                   view->name, end, begin(view), begin(view) < end ? "overlap" : "gap"));
    }
    end += static_cast<std::ptrdiff_t>(view->data.size());
  }
  if (end != static_cast<std::ptrdiff_t>(data.size())) {
    throw InputError(fmt::format("file {}: expected {} bytes of data, found {}", path, end, data.size()));
  }
}

}  // namespace

std::size_t DtypeSize(Dtype dtype) { return Row(dtype).size; }
std::string_view DtypeName(Dtype dtype) { return Row(dtype).name; }

struct SafetensorsFile::State {
  std::string path;
  MappedFile file;
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;
};

SafetensorsFile::SafetensorsFile() = default;
SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

SafetensorsFile SafetensorsFile::Open(const std::string& path) {
  SafetensorsFile result;
  result.state_ = std::make_unique<State>(State{path, MappedFile(path), {}, {}});
  State& state = *result.state_;
  const std::span<const std::byte> bytes = state.file.Bytes();
  if (bytes.size() < kLengthSize) {
    throw InputError(fmt::format("file {}: expected at least 8 bytes, found {}", path, bytes.size()));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthSize);
  const std::uint64_t limit = std::min<std::uint64_t>(kMaxHeader, bytes.size() - kLengthSize);
  if (length > limit) {
    throw InputError(fmt::format(
        "file {}: header length: expected at most {}, found {} (truncated, or not safetensors)", path, limit, length));
  }
  const auto header_size = static_cast<std::size_t>(length);
  const auto* text = reinterpret_cast<const char*>(bytes.data() + kLengthSize);
  const json header = ParseHeader(path, {text, header_size});
  const std::span<const std::byte> data = bytes.subspan(kLengthSize + header_size);
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      state.metadata = ParseMetadata(path, entry);
    } else {
      state.tensors[name] = EntryParser(path, name, entry, data).Parse();
    }
  }
  CheckRanges(path, state.tensors, data);
  return result;
}

const std::string& SafetensorsFile::Path() const { return state_->path; }

std::vector<std::string> SafetensorsFile::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, view] : state_->tensors) names.push_back(name);
  return names;
}

bool SafetensorsFile::Has(const std::string& name) const { return state_->tensors.contains(name); }

const TensorView& SafetensorsFile::Tensor(const std::string& name) const {
  const auto found = state_->tensors.find(name);
  if (found == state_->tensors.end()) throw InputError(fmt::format("file {}: tensor '{}' is missing", Path(), name));
  return found->second;
}

const std::map<std::string, std::string>& SafetensorsFile::Metadata() const { return state_->metadata; }

void WriteSafetensors(const std::string& path, std::span<const TensorView> tensors,
                      const std::map<std::string, std::string>& metadata) {
  std::vector<const TensorView*> order;
  for (const TensorView& view : tensors) order.push_back(&view);
  std::sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
    if (DtypeSize(a->dtype) != DtypeSize(b->dtype)) return DtypeSize(a->dtype) > DtypeSize(b->dtype);
    return a->name < b->name;
  });
  json header = json::object();  // a sorted map
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  std::size_t offset = 0;
  for (const TensorView* view : order) {
    const std::optional<std::uint64_t> count = ElementCount(view->shape);
    DIVLA_CHECK(count && *count * DtypeSize(view->dtype) == view->data.size(), "shape and bytes differ: " + view->name);
    DIVLA_CHECK(view->name != kMetadataKey && !header.contains(view->name), "tensor name twice: " + view->name);
    header[view->name] = {{"dtype", DtypeName(view->dtype)},
                          {"shape", view->shape},
                          {"data_offsets", {offset, offset + view->data.size()}}};
    offset += view->data.size();
  }
  std::string text = header.dump();
  text.append((kLengthSize - text.size() % kLengthSize) % kLengthSize, ' ');
  const std::uint64_t length = text.size();
  AtomicFile file(path);
  file.Write(std::as_bytes(std::span(&length, 1)));
  file.Write(text);
  for (const TensorView* view : order) file.Write(view->data);
  file.Commit();
}

}  // namespace divla
