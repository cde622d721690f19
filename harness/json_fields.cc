#include "harness/json_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "sim/check.h"

namespace divla {
namespace {

// What was found, short enough for one line.
std::string Describe(const nlohmann::json& value) {
  std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return fmt::format("{} {}", value.type_name(), text);
}

}  // namespace

std::string ReadTextFile(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    throw InputError(fmt::format("file {}: expected a file, found a folder", file.string()));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(fmt::format("file {}: expected a readable file, found none", file.string()));
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

nlohmann::json ParseJson(std::string_view text, const std::string& where) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    // The library's message is "[json.exception...] parse error at line 3, column 5: ..."; the bracket helps nobody.
    std::string message = error.what();
    const auto bracket = message.find("] ");
    if (bracket != std::string::npos) message = message.substr(bracket + 2);
    for (char& c : message) {
      if (c == '\n') c = ' ';
    }
    throw InputError(fmt::format("{}: expected JSON, found a {}", where, message));
  }
}

JsonFields::JsonFields(const nlohmann::json& object, std::string where) : object_(&object), where_(std::move(where)) {
  if (!object.is_object()) throw InputError(fmt::format("{}: expected an object, found {}", where_, Describe(object)));
}

void JsonFields::Fail(const std::string& key, const std::string& expected, const std::string& found) const {
  throw InputError(fmt::format("{}: key '{}': expected {}, found {}", where_, key, expected, found));
}

bool JsonFields::Has(const std::string& key) const { return object_->contains(key); }

const nlohmann::json& JsonFields::Any(const std::string& key) {
  asked_.insert(key);
  const auto found = object_->find(key);
  if (found == object_->end()) Fail(key, "a value", "none");
  return *found;
}

bool JsonFields::IsNull(const std::string& key) { return Any(key).is_null(); }

std::string JsonFields::String(const std::string& key) {
  const auto& value = Any(key);
  if (!value.is_string()) Fail(key, "a string", Describe(value));
  return value.get<std::string>();
}

bool JsonFields::Bool(const std::string& key) {
  const auto& value = Any(key);
  if (!value.is_boolean()) Fail(key, "true or false", Describe(value));
  return value.get<bool>();
}

double JsonFields::Number(const std::string& key) {
  const auto& value = Any(key);
  if (!value.is_number() || !std::isfinite(value.get<double>())) Fail(key, "a finite number", Describe(value));
  return value.get<double>();
}

int JsonFields::Int(const std::string& key, int low, int high) {
  const auto& value = Any(key);
  const std::string expected = fmt::format("an integer in [{}, {}]", low, high);
  if (!value.is_number_integer()) Fail(key, expected, Describe(value));
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(high < 0 ? 0 : high)) {
    Fail(key, expected, Describe(value));
  }
  const auto number = value.get<std::int64_t>();
  if (number < low || number > high) Fail(key, expected, Describe(value));
  return static_cast<int>(number);
}

std::uint64_t JsonFields::U64(const std::string& key) {
  const auto& value = Any(key);
  if (!value.is_number_unsigned()) Fail(key, "a non-negative integer", Describe(value));
  return value.get<std::uint64_t>();
}

const nlohmann::json& JsonFields::Array(const std::string& key) {
  const auto& value = Any(key);
  if (!value.is_array()) Fail(key, "an array", Describe(value));
  return value;
}

std::vector<std::string> JsonFields::Strings(const std::string& key) {
  std::vector<std::string> strings;
  for (const auto& item : Array(key)) {
    if (!item.is_string()) Fail(key, "an array of strings", Describe(item));
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

JsonFields JsonFields::Object(const std::string& key) {
  const auto& value = Any(key);
  if (!value.is_object()) Fail(key, "an object", Describe(value));
  return JsonFields(value, fmt::format("{}: in '{}'", where_, key));
}

void JsonFields::Finish() const {
  for (const auto& [key, value] : object_->items()) {
    if (!asked_.contains(key)) Fail(key, "no such key", Describe(value));
  }
}

}  // namespace divla
