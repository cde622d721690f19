// A number between two others. CLI::Range lets "nan" pass, because it asks only whether a number lies outside.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

namespace divla {

inline CLI::Validator NumberBetween(double low, double high) {
  const std::string range = fmt::format("in [{:g} - {:g}]", low, high);
  return {[low, high, range](std::string& text) {
            double value = 0.0;
            const bool inside = CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
            return inside ? std::string() : fmt::format("expected a number {}, found '{}'", range, text);
          },
          "FLOAT " + range};
}

}  // namespace divla
