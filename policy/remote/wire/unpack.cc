#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <msgpack.hpp>

#include "policy/remote/wire/ndarray.h"
#include "policy/remote/wire/utf8.h"
#include "policy/remote/wire/value.h"
#include "sim/check.h"

namespace divla {
namespace {

constexpr std::size_t kShownKeyBytes = 60;

struct RawEntry {
  std::string key;
  bool bytes_key{};
  WireValue value;
};

// An array or map that is being read.
struct Frame {
  bool is_map{};
  WireValue::Array items;
  std::vector<RawEntry> entries;  // the last one's value is still to come
};

// msgpack::parse walks over the bytes without recursion and calls this; a message is refused by throwing. Containers grow
// as their contents arrive, so a message that lies about their sizes costs nothing.
class Builder : public msgpack::null_visitor {
 public:
  Builder(const WireLimits& limits, std::string_view source) : limits_(limits), source_(source) {}

  bool visit_nil() { return Add(WireValue()); }
  bool visit_boolean(bool value) { return Add(WireValue::Bool(value)); }
  bool visit_positive_integer(std::uint64_t value) { return Add(WireValue::Uint(value)); }
  bool visit_negative_integer(std::int64_t value) { return Add(WireValue::Int(value)); }
  bool visit_float32(float value) { return Add(WireValue::Double(static_cast<double>(value))); }
  bool visit_float64(double value) { return Add(WireValue::Double(value)); }
  bool visit_str(const char* data, std::uint32_t size) {
    const std::string_view text(data, size);
    if (!IsUtf8(text)) Refuse("expected UTF-8 text, found other bytes");
    if (in_key_) return AddKey(text, /*bytes=*/false);
    return Add(WireValue::Text(std::string(text)));
  }
  bool visit_bin(const char* data, std::uint32_t size) {
    if (in_key_) return AddKey({data, size}, /*bytes=*/true);
    return Add(WireValue::Bytes(std::string(data, size)));
  }
  bool visit_ext(const char* /*data*/, std::uint32_t /*size*/) {
    Refuse("expected no extension types, found one (a timestamp or the like)");
  }

  bool start_array(std::uint32_t size) { return Open(/*is_map=*/false, size); }
  bool end_array() {
    WireValue::Array items = std::move(frames_.back().items);
    frames_.pop_back();
    return Add(WireValue::OfArray(std::move(items)));
  }
  bool start_map(std::uint32_t size) { return Open(/*is_map=*/true, size); }
  bool start_map_key() {
    in_key_ = true;
    return true;
  }
  bool end_map_key() {
    in_key_ = false;
    return true;
  }
  bool end_map() {
    WireValue value = MapValue(std::move(frames_.back().entries));
    frames_.pop_back();
    return Add(std::move(value));
  }

  void parse_error(std::size_t /*parsed*/, std::size_t at) {
    Refuse(fmt::format("expected msgpack, found a byte that begins nothing at {}", at));
  }
  void insufficient_bytes(std::size_t /*parsed*/, std::size_t at) {
    Refuse(fmt::format("expected a whole message, found its end at byte {}", at));
  }

  WireValue Take() { return std::move(root_); }

 private:
  [[noreturn]] void Refuse(const std::string& problem) const {
    const std::string path = Path();
    throw InputError(fmt::format("{}: {}{}{}", source_, path, path.empty() ? "" : ": ", problem));
  }

  // "images.cam_high.shape[1]"
  std::string Path() const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (!frame.is_map) {
        path += fmt::format("[{}]", frame.items.size());
      } else if (!frame.entries.empty()) {
        if (!path.empty()) path += '.';
        path += OneLine(frame.entries.back().key, kShownKeyBytes);
      }
    }
    return path;
  }

  bool Open(bool is_map, std::uint32_t size) {
    if (in_key_) Refuse("expected text keys, found an array or map");
    if (static_cast<int>(frames_.size()) >= limits_.depth) {
      Refuse(fmt::format("expected at most {} arrays and maps within one another, found more", limits_.depth));
    }
    elements_ += size;
    if (elements_ > limits_.elements) {
      Refuse(
          fmt::format("expected at most {} elements of arrays and maps in all, found {}", limits_.elements, elements_));
    }
    frames_.push_back({is_map, {}, {}});
    return true;
  }

  bool Add(WireValue value) {
    if (in_key_) Refuse(fmt::format("expected text keys, found {}", value.KindName()));
    if (frames_.empty()) {
      root_ = std::move(value);
    } else if (frames_.back().is_map) {
      frames_.back().entries.back().value = std::move(value);
    } else {
      frames_.back().items.push_back(std::move(value));
    }
    return true;
  }

  bool AddKey(std::string_view key, bool bytes) {
    frames_.back().entries.push_back({std::string(key), bytes, {}});
    return true;
  }

  WireValue MapValue(std::vector<RawEntry> entries) const {
    std::vector<std::string_view> keys;
    for (const RawEntry& entry : entries) keys.push_back(entry.key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
      RefuseMap(fmt::format("expected every key once, found '{}' twice", OneLine(*twice, kShownKeyBytes)));
    }
    if (Has(entries, "__ndarray__")) return Array(std::move(entries));
    if (Has(entries, "__npgeneric__")) return Scalar(std::move(entries));
    WireValue::Map map;
    map.reserve(entries.size());
    for (RawEntry& entry : entries) {
      if (entry.bytes_key) {
        RefuseMap(fmt::format("expected text keys (bytes only in __ndarray__ and __npgeneric__), found bytes '{}'",
                              OneLine(entry.key, kShownKeyBytes)));
      }
      map.push_back({std::move(entry.key), std::move(entry.value)});
    }
    return WireValue::OfMap(std::move(map));
  }

  // About the map that is complete: its own entries are not part of the path any more.
  [[noreturn]] void RefuseMap(const std::string& problem) const {
    Builder outer(limits_, source_);
    outer.frames_.assign(frames_.begin(), frames_.end() - 1);
    outer.Refuse(problem);
  }

  static bool Has(const std::vector<RawEntry>& entries, std::string_view key) {
    return std::any_of(entries.begin(), entries.end(), [key](const RawEntry& entry) { return entry.key == key; });
  }

  // The value of one of the marker's `count` keys, all of which must be there and no other.
  WireValue& MarkerValue(std::vector<RawEntry>& entries, std::string_view marker, std::size_t count,
                         std::string_view key) const {
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [key](const RawEntry& raw) { return raw.key == key; });
    if (entry == entries.end() || entries.size() != count) {
      RefuseMap(fmt::format("expected the keys {}, data, dtype{}, found {} keys{}", marker,
                            count == 4 ? " and shape" : "", entries.size(),
                            entry == entries.end() ? fmt::format(" without {}", key) : ""));
    }
    return entry->value;
  }

  // The marker itself must be true; dtype is text, or bytes from older writers.
  std::string MarkerDtype(std::vector<RawEntry>& entries, std::string_view marker, std::size_t count) const {
    const WireValue& flag = MarkerValue(entries, marker, count, marker);
    if (flag.AsBool() == nullptr || !*flag.AsBool()) {
      RefuseMap(fmt::format("{}: expected true, found {}", marker, flag.KindName()));
    }
    const WireValue& dtype = MarkerValue(entries, marker, count, "dtype");
    if (dtype.AsText() != nullptr) return *dtype.AsText();
    if (dtype.AsBytes() != nullptr) return OneLine(*dtype.AsBytes(), kShownKeyBytes);
    RefuseMap(fmt::format("dtype: expected text, found {}", dtype.KindName()));
  }

  WireValue Array(std::vector<RawEntry> entries) const {
    NdArray array;
    array.dtype = MarkerDtype(entries, "__ndarray__", 4);
    array.text_markers =
        std::any_of(entries.begin(), entries.end(), [](const RawEntry& entry) { return !entry.bytes_key; });
    const WireValue& shape = MarkerValue(entries, "__ndarray__", 4, "shape");
    if (shape.AsArray() == nullptr) RefuseMap(fmt::format("shape: expected an array, found {}", shape.KindName()));
    for (const WireValue& size : *shape.AsArray()) {
      if (size.AsInt() == nullptr) RefuseMap(fmt::format("shape: expected integers, found {}", size.KindName()));
      array.shape.push_back(*size.AsInt());
    }
    const WireValue& data = MarkerValue(entries, "__ndarray__", 4, "data");
    if (data.AsBytes() == nullptr) RefuseMap(fmt::format("data: expected bytes, found {}", data.KindName()));
    array.data = *data.AsBytes();
    const std::string problem = NdArrayProblem(array);
    if (!problem.empty()) RefuseMap(OneLine(problem, 400));
    return WireValue::OfNdArray(std::move(array));
  }

  // Becomes the plain number.
  WireValue Scalar(std::vector<RawEntry> entries) const {
    const std::string dtype = MarkerDtype(entries, "__npgeneric__", 3);
    const WireValue& data = MarkerValue(entries, "__npgeneric__", 3, "data");
    const char kind = ParseDtype(dtype).kind;
    const bool integer = data.AsInt() != nullptr || data.AsBigUint() != nullptr;
    const bool fits = kind == 'b'   ? data.AsBool() != nullptr
                      : kind == 'f' ? data.AsDouble() != nullptr
                                    : kind != 0 && integer;
    if (!fits) {
      RefuseMap(fmt::format("expected a number of dtype b, i, u or f that its data fits, found {} of '{}'",
                            data.KindName(), OneLine(dtype, kShownKeyBytes)));
    }
    return data;
  }

  const WireLimits& limits_;
  std::string_view source_;
  std::vector<Frame> frames_;
  bool in_key_{};
  std::size_t elements_{};
  WireValue root_;
};

}  // namespace

WireValue Unpack(std::string_view bytes, const WireLimits& limits, std::string_view source) {
  if (bytes.size() > limits.bytes) {
    throw InputError(fmt::format("{}: expected at most {} bytes, found {}", source, limits.bytes, bytes.size()));
  }
  Builder builder(limits, source);
  std::size_t offset = 0;
  if (bytes.empty()) builder.insufficient_bytes(0, 0);
  msgpack::parse(bytes.data(), bytes.size(), offset, builder);
  if (offset != bytes.size()) {
    throw InputError(fmt::format("{}: expected one value, found {} bytes behind it", source, bytes.size() - offset));
  }
  return builder.Take();
}

}  // namespace divla
