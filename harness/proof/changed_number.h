// Finds a damaged byte by the hash of what stood there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace divla {

struct ChangedNumber {
  std::size_t index{};
  float before{};  // what gives the right hash
};

// The one number of which one byte was changed, such that the numbers with it undone have this hash (XXH3-128 of their
// bytes, 32 hex digits). Empty when there is none, and for arrays so long that the search takes minutes (from 32 KiB on
// only single bits are tried).
std::optional<ChangedNumber> FindChangedNumber(std::vector<float> numbers, const std::string& hash);

}  // namespace divla
