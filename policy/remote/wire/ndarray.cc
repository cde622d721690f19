#include "policy/remote/wire/ndarray.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "sim/check.h"

namespace divla {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays go over the wire as they lie in memory");

// numpy allows 32 dimensions (64 from version 2); nobody sends more than a handful.
constexpr std::size_t kMaxDimensions = 32;

// Nothing for a negative size or a product that does not fit.
std::optional<std::size_t> Product(const std::vector<std::int64_t>& shape) {
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n < 0; })) return std::nullopt;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::size_t count = 1;
  for (const std::int64_t n : shape) {
    const auto size = static_cast<std::size_t>(n);
    // Bytes must fit as well, and an element has at most 8.
    if (size > std::numeric_limits<std::size_t>::max() / 8 / count) return std::nullopt;
    count *= size;
  }
  return count;
}

// IEEE 754 binary16: 1 sign bit, 5 of the exponent (bias 15), 10 of the fraction.
double FromHalf(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  double magnitude{};
  if (exponent == 31) {
    magnitude = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else {
    magnitude = std::ldexp(1024 + fraction, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

template <class T>
T Load(const char* at) {
  T value{};
  std::memcpy(&value, at, sizeof(T));
  return value;
}

double Element(ElementType type, const char* at) {
  const auto code = std::pair(type.kind, type.size);
  if (code == std::pair('b', 1)) return Load<std::uint8_t>(at) != 0 ? 1.0 : 0.0;
  if (code == std::pair('u', 1)) return Load<std::uint8_t>(at);
  if (code == std::pair('u', 2)) return Load<std::uint16_t>(at);
  if (code == std::pair('u', 4)) return Load<std::uint32_t>(at);
  if (code == std::pair('u', 8)) return static_cast<double>(Load<std::uint64_t>(at));
  if (code == std::pair('i', 1)) return Load<std::int8_t>(at);
  if (code == std::pair('i', 2)) return Load<std::int16_t>(at);
  if (code == std::pair('i', 4)) return Load<std::int32_t>(at);
  if (code == std::pair('i', 8)) return static_cast<double>(Load<std::int64_t>(at));
  if (code == std::pair('f', 2)) return FromHalf(Load<std::uint16_t>(at));
  if (code == std::pair('f', 4)) return static_cast<double>(Load<float>(at));
  return Load<double>(at);
}

template <class T>
NdArray Make(const char* dtype, std::span<const T> values, std::vector<std::int64_t> shape) {
  NdArray array{dtype, std::move(shape), std::string(values.size_bytes(), '\0')};
  if (!values.empty()) std::memcpy(array.data.data(), values.data(), values.size_bytes());
  const std::string problem = NdArrayProblem(array);
  DIVLA_CHECK(problem.empty(), problem);
  return array;
}

}  // namespace

std::size_t NdArray::ElementCount() const {
  const std::optional<std::size_t> count = Product(shape);
  DIVLA_CHECK(count.has_value(), "an array that was checked");
  return *count;
}

ElementType ParseDtype(std::string_view dtype) {
  if (dtype.size() != 3) return {};
  const char order = dtype[0];
  const ElementType type{dtype[1], dtype[2] - '0'};
  const bool known = (type.kind == 'b' && type.size == 1) ||
                     ((type.kind == 'i' || type.kind == 'u') &&
                      (type.size == 1 || type.size == 2 || type.size == 4 || type.size == 8)) ||
                     (type.kind == 'f' && (type.size == 2 || type.size == 4 || type.size == 8));
  // numpy writes '|' where the order of bytes means nothing.
  if (!known || (order != '<' && !(order == '|' && type.size == 1))) return {};
  return type;
}

std::string NdArrayProblem(const NdArray& array) {
  const ElementType type = ParseDtype(array.dtype);
  if (type.size == 0) {
    const bool big = !array.dtype.empty() && array.dtype[0] == '>';
    return fmt::format(
        "dtype: expected little-endian bool, integer or float of at most 8 bytes (|b1, |u1, <i8, <f4, ...), found "
        "{}'{}'",
        big ? "big-endian " : "", array.dtype.substr(0, 20));
  }
  if (array.shape.size() > kMaxDimensions) {
    return fmt::format("shape: expected at most {} dimensions, found {}", kMaxDimensions, array.shape.size());
  }
  const std::optional<std::size_t> count = Product(array.shape);
  if (!count) {
    return fmt::format("shape: expected sizes from 0 whose product fits, found {}", ShapeText(array.shape));
  }
  const std::size_t bytes = *count * static_cast<std::size_t>(type.size);
  if (bytes != array.data.size()) {
    return fmt::format("data: expected {} bytes for {} {}, found {}", bytes, array.dtype, ShapeText(array.shape),
                       array.data.size());
  }
  return {};
}

NdArray ArrayOf(std::span<const float> values, std::vector<std::int64_t> shape) {
  return Make("<f4", values, std::move(shape));
}
NdArray ArrayOf(std::span<const double> values, std::vector<std::int64_t> shape) {
  return Make("<f8", values, std::move(shape));
}
NdArray ArrayOf(std::span<const std::uint8_t> values, std::vector<std::int64_t> shape) {
  return Make("|u1", values, std::move(shape));
}

std::vector<double> ToDoubles(const NdArray& array) {
  const std::string problem = NdArrayProblem(array);
  DIVLA_CHECK(problem.empty(), problem);
  const ElementType type = ParseDtype(array.dtype);
  std::vector<double> values(array.ElementCount());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = Element(type, array.data.data() + i * static_cast<std::size_t>(type.size));
  }
  return values;
}

std::string ShapeText(const std::vector<std::int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

}  // namespace divla
