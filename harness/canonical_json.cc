#include "harness/canonical_json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/check.h"

namespace divla {
namespace {

void AppendString(const std::string& text, std::string& out) {
  try {
    out += nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception& error) {
    DIVLA_CHECK(false, std::string("a string of a record is not UTF-8: ") + error.what());
  }
}

void AppendNumber(double number, std::string& out) {
  DIVLA_CHECK(std::isfinite(number), "a number of a record is not finite");
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  const std::string text(buffer.data(), end);
  out += text;
  // Keeps the type on the way back: 1 is an integer, 1.0 a number.
  if (text.find_first_of(".en") == std::string::npos) out += ".0";
}

void Append(const nlohmann::json& value, std::string& out) {
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const auto& [key, item] : value.items()) {  // nlohmann::json keeps keys sorted
      if (!first) out += ',';
      first = false;
      AppendString(key, out);
      out += ':';
      Append(item, out);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      Append(value[i], out);
    }
    out += ']';
  } else if (value.is_string()) {
    AppendString(value.get<std::string>(), out);
  } else if (value.is_number_float()) {
    AppendNumber(value.get<double>(), out);
  } else {
    out += value.dump();
  }
}

}  // namespace

std::string CanonicalJson(const nlohmann::json& value) {
  std::string out;
  Append(value, out);
  return out;
}

}  // namespace divla
