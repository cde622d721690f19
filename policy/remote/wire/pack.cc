#include <bit>
#include <msgpack.hpp>

#include "policy/remote/wire/ndarray.h"
#include "policy/remote/wire/utf8.h"
#include "policy/remote/wire/value.h"
#include "sim/check.h"

namespace divla {
namespace {

// What msgpack::packer writes to.
struct StringStream {
  std::string bytes;
  void write(const char* data, std::size_t size) { bytes.append(data, size); }
};

class Packing {
 public:
  void Value(const WireValue& value) {
    if (value.IsNil()) {
      packer_.pack_nil();
    } else if (const bool* flag = value.AsBool()) {
      *flag ? packer_.pack_true() : packer_.pack_false();
    } else if (const std::int64_t* number = value.AsInt()) {
      packer_.pack_int64(*number);
    } else if (const std::uint64_t* big = value.AsBigUint()) {
      packer_.pack_uint64(*big);
    } else if (const double* real = value.AsDouble()) {
      Double(*real);
    } else if (const std::string* text = value.AsText()) {
      Text(*text);
    } else if (const std::string* bytes = value.AsBytes()) {
      Bytes(*bytes);
    } else if (const WireValue::Array* array = value.AsArray()) {
      packer_.pack_array(Size(array->size()));
      for (const WireValue& item : *array) Value(item);
    } else if (const WireValue::Map* map = value.AsMap()) {
      packer_.pack_map(Size(map->size()));
      for (const WireEntry& entry : *map) {
        Text(entry.key);
        Value(entry.value);
      }
    } else {
      Array(*value.AsNdArray());
    }
  }

  std::string Take() { return std::move(stream_.bytes); }

 private:
  static std::uint32_t Size(std::size_t size) {
    DIVLA_CHECK(size <= 0xffffffffU, "msgpack counts with 32 bits");
    return static_cast<std::uint32_t>(size);
  }

  // packer::pack_double turns 1.0 into the integer 1; Python keeps it a float, and so do we.
  void Double(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    stream_.bytes.push_back('\xcb');
    for (int shift = 56; shift >= 0; shift -= 8) stream_.bytes.push_back(static_cast<char>((bits >> shift) & 0xff));
  }

  void Text(const std::string& text) {
    DIVLA_CHECK(IsUtf8(text), "text on the wire is UTF-8");
    packer_.pack_str(Size(text.size()));
    packer_.pack_str_body(text.data(), Size(text.size()));
  }

  void Bytes(std::string_view bytes) {
    packer_.pack_bin(Size(bytes.size()));
    packer_.pack_bin_body(bytes.data(), Size(bytes.size()));
  }

  void Array(const NdArray& array) {
    const std::string problem = NdArrayProblem(array);
    DIVLA_CHECK(problem.empty(), problem);
    packer_.pack_map(4);
    Bytes("__ndarray__");
    packer_.pack_true();
    Bytes("data");
    Bytes(array.data);
    Bytes("dtype");
    Text(array.dtype);
    Bytes("shape");
    packer_.pack_array(Size(array.shape.size()));
    for (const std::int64_t size : array.shape) packer_.pack_int64(size);
  }

  StringStream stream_;
  msgpack::packer<StringStream> packer_{stream_};
};

}  // namespace

std::string Pack(const WireValue& value) {
  Packing packing;
  packing.Value(value);
  return packing.Take();
}

}  // namespace divla
