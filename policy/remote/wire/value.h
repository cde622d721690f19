// A message of the openpi policy protocol: msgpack with numpy arrays inside, as openpi-client's msgpack_numpy writes it
// (Physical-Intelligence/openpi, packages/openpi-client). An array is the map
//   { b"__ndarray__": true, b"data": bin, b"dtype": str, b"shape": [int...] }
// and a numpy scalar { b"__npgeneric__": true, b"data": number, b"dtype": str }. The keys of these two are bytes, not
// text: Python leaves a map with text keys as it is. Nothing here has state; all functions are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace divla {

// C order. Kinds b, i, u and f of at most 8 bytes an element, little-endian: "|b1" "|u1" "<i8" "<f2" "<f4" "<f8" ...
struct NdArray {
  std::string dtype;                // as numpy's dtype.str
  std::vector<std::int64_t> shape;  // empty: one number
  std::string data;                 // product of shape x bytes of an element
  // The peer wrote the marker keys as text. We understand it, openpi's own Python would not: worth a warning.
  bool text_markers{};

  std::size_t ElementCount() const;
  bool operator==(const NdArray&) const = default;
};

struct WireEntry;

class WireValue {
 public:
  using Array = std::vector<WireValue>;
  using Map = std::vector<WireEntry>;  // in the order of the message, keys unique

  WireValue() = default;  // nil
  static WireValue Bool(bool value) { return WireValue(Storage(value)); }
  static WireValue Int(std::int64_t value) { return WireValue(Storage(value)); }
  static WireValue Uint(std::uint64_t value);
  static WireValue Double(double value) { return WireValue(Storage(value)); }
  static WireValue Text(std::string value) { return WireValue(Storage(std::move(value))); }  // UTF-8
  static WireValue Bytes(std::string value) { return WireValue(Storage(ByteString{std::move(value)})); }
  static WireValue OfArray(Array values);
  static WireValue OfMap(Map entries = {});
  static WireValue OfNdArray(NdArray array) { return WireValue(Storage(std::move(array))); }

  bool IsNil() const { return std::holds_alternative<std::monostate>(value_); }
  // Each is null when the value is something else. Pointers live as long as the value.
  const bool* AsBool() const { return std::get_if<bool>(&value_); }
  const std::string* AsText() const { return std::get_if<std::string>(&value_); }
  const std::string* AsBytes() const;
  const Array* AsArray() const { return std::get_if<Array>(&value_); }
  const Map* AsMap() const { return std::get_if<Map>(&value_); }
  const NdArray* AsNdArray() const { return std::get_if<NdArray>(&value_); }
  const std::int64_t* AsInt() const { return std::get_if<std::int64_t>(&value_); }
  const std::uint64_t* AsBigUint() const { return std::get_if<std::uint64_t>(&value_); }  // only above 2^63 - 1
  const double* AsDouble() const { return std::get_if<double>(&value_); }

  // The entry of a map; null when this is no map or has no such key.
  const WireValue* Find(std::string_view key) const;
  // Appends to a map; the key must be new.
  void Set(std::string key, WireValue value);
  // For error messages: "nil", "bool", "int", "float", "text", "bytes", "array", "map", "ndarray <f4 [10,7]".
  std::string KindName() const;

  bool operator==(const WireValue& other) const;

 private:
  struct ByteString {
    std::string bytes;
    bool operator==(const ByteString&) const = default;
  };
  using Storage = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, ByteString,
                               Array, Map, NdArray>;
  explicit WireValue(Storage value) : value_(std::move(value)) {}

  Storage value_;
};

struct WireEntry {
  std::string key;
  WireValue value;
  bool operator==(const WireEntry&) const = default;
};

struct WireLimits {
  std::size_t bytes{std::size_t{64} << 20};  // of the whole message
  int depth{16};                             // arrays and maps within one another
  std::size_t elements{100000};              // of all arrays and maps together; the numbers of an ndarray do not count
};

// As Python's msgpack packs the same values: smallest integers, every float as float64, an ndarray with bytes keys. The
// text must be UTF-8 and an ndarray consistent (DIVLA_CHECK).
std::string Pack(const WireValue& value);

// `source` stands at the front of errors: "ws://host:8000: answer". Throws InputError with path, expected and found for
// bytes that are no msgpack or end too early or too late, anything over the limits, keys that are neither text nor
// those of a marker map, a key that comes twice, text that is not UTF-8, extension types, and ndarrays of other dtypes
// or whose data does not fit their shape. Memory stays within a small multiple of the message, whatever sizes it claims.
WireValue Unpack(std::string_view bytes, const WireLimits& limits = {}, std::string_view source = "message");

}  // namespace divla
