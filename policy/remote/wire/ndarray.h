// Between numpy arrays on the wire and vectors of numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/remote/wire/value.h"

namespace divla {

// Kind 'b', 'i', 'u' or 'f' and bytes of an element of a dtype.str that this project reads; {0, 0} for any other.
struct ElementType {
  char kind{};
  int size{};
};
ElementType ParseDtype(std::string_view dtype);

// Empty when the array is consistent, else "data: expected 16 bytes, found 12". Covers dtype, shape and size of data.
std::string NdArrayProblem(const NdArray& array);

// `values` must be as many as `shape` says (DIVLA_CHECK).
NdArray ArrayOf(std::span<const float> values, std::vector<std::int64_t> shape);         // "<f4"
NdArray ArrayOf(std::span<const double> values, std::vector<std::int64_t> shape);        // "<f8"
NdArray ArrayOf(std::span<const std::uint8_t> values, std::vector<std::int64_t> shape);  // "|u1"

// Every element as a double, C order; exact but for integers beyond 2^53. The array must be consistent (Unpack saw to
// that).
std::vector<double> ToDoubles(const NdArray& array);

// "[10,7]"
std::string ShapeText(const std::vector<std::int64_t>& shape);

}  // namespace divla
