#include "policy/remote/wire/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "policy/remote/wire/ndarray.h"
#include "sim/check.h"

namespace divla {

WireValue WireValue::Uint(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Int(static_cast<std::int64_t>(value));
  }
  return WireValue(Storage(value));
}

WireValue WireValue::OfArray(Array values) { return WireValue(Storage(std::move(values))); }
WireValue WireValue::OfMap(Map entries) { return WireValue(Storage(std::move(entries))); }

const std::string* WireValue::AsBytes() const {
  const ByteString* found = std::get_if<ByteString>(&value_);
  return found == nullptr ? nullptr : &found->bytes;
}

const WireValue* WireValue::Find(std::string_view key) const {
  const Map* map = AsMap();
  if (map == nullptr) return nullptr;
  const auto entry = std::find_if(map->begin(), map->end(), [key](const WireEntry& e) { return e.key == key; });
  return entry == map->end() ? nullptr : &entry->value;
}

void WireValue::Set(std::string key, WireValue value) {
  DIVLA_CHECK(AsMap() != nullptr && Find(key) == nullptr, "a map that has no such key yet");
  std::get<Map>(value_).push_back({std::move(key), std::move(value)});
}

std::string WireValue::KindName() const {
  if (IsNil()) return "nil";
  if (AsBool() != nullptr) return "bool";
  if (AsInt() != nullptr || AsBigUint() != nullptr) return "int";
  if (AsDouble() != nullptr) return "float";
  if (AsText() != nullptr) return "text";
  if (AsBytes() != nullptr) return "bytes";
  if (AsArray() != nullptr) return "array";
  if (AsMap() != nullptr) return "map";
  return fmt::format("ndarray {} {}", AsNdArray()->dtype, ShapeText(AsNdArray()->shape));
}

bool WireValue::operator==(const WireValue& other) const { return value_ == other.value_; }

}  // namespace divla
