// Numbers and header lines of the tables of results/.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace divla::results {

// Of a share; Points with its sign.
inline std::string Percent(double share) { return fmt::format("{:.1f}", 100 * share); }
inline std::string Points(double share) { return fmt::format("{:+.1f}", 100 * share); }

inline std::string Bounds(const nlohmann::json& bounds) {
  return fmt::format("[{}, {}]", Percent(bounds[0].get<double>()), Percent(bounds[1].get<double>()));
}

// `first`: what the line begins with, its bars included.
inline std::string Header(const std::string& first, const std::vector<std::string>& columns) {
  std::string line = first;
  for (const std::string& column : columns) line += fmt::format(" {} |", column);
  const auto count = std::count(line.begin(), line.end(), '|') - 1;
  line += "\n|";
  for (std::ptrdiff_t i = 0; i < count; ++i) line += "---|";
  return line + "\n";
}

}  // namespace divla::results
