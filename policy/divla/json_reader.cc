#include "policy/divla/json_reader.h"

namespace divla {

nlohmann::json ParseJsonObject(const std::string& text, const std::string& file) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw InputError(fmt::format("file {}: expected JSON, found something else", file));
  if (!json.is_object())
    throw InputError(fmt::format("file {}: expected a JSON object, found {}", file, json.type_name()));
  return json;
}

JsonReader::JsonReader(const nlohmann::json& object, std::string file, std::string path)
    : object_(object), file_(std::move(file)), path_(std::move(path)) {}

JsonReader JsonReader::Object(const std::string& key) {
  if (!Has(key)) Fail(key, "an object", "nothing");
  const nlohmann::json& value = object_.at(key);
  if (!value.is_object()) Fail(key, "an object", value.dump());
  used_.insert(key);
  return JsonReader(value, file_, path_ + key + ".");
}

void JsonReader::Done() const {
  for (const auto& [key, value] : object_.items()) {
    if (!used_.contains(key)) Fail(key, "no such key", value.dump());
  }
}

void JsonReader::Fail(const std::string& key, const std::string& expected, const std::string& found) const {
  throw InputError(fmt::format("file {}: key '{}{}': expected {}, found {}", file_, path_, key, expected, found));
}

}  // namespace divla
