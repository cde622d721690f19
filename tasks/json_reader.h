// JsonReader: one JSON object of a data file, with errors that say which file, which object and which key.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "sim/check.h"

namespace divla {

// Keeps a reference to `json`. `where` begins every error: "<file>: object 'mug'". Every method throws InputError.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) throw InputError(where_ + ": expected an object, found " + json.type_name());
  }

  template <class T>
  T Get(const char* key) const {
    const nlohmann::json& value = At(key);
    try {
      return value.get<T>();
    } catch (const nlohmann::json::exception& error) {
      Fail(key, error.what());
    }
  }
  template <class T>
  T GetOr(const char* key, T fallback) const {
    return Has(key) ? Get<T>(key) : fallback;
  }
  const nlohmann::json& At(const char* key) const {
    if (!Has(key)) Fail(key, "expected a value, found none");
    return json_.at(key);
  }
  bool Has(const char* key) const { return json_.contains(key); }
  const std::string& Where() const { return where_; }

  // Refuses keys that are not listed: a misspelt key must not be silently without effect.
  void AllowOnly(std::initializer_list<std::string_view> keys) const {
    for (const auto& [key, value] : json_.items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) Fail(key, "is not known here");
    }
  }

  [[noreturn]] void Fail(const std::string& key, const std::string& problem) const {
    throw InputError(where_ + ": key '" + key + "': " + problem);
  }

 private:
  const nlohmann::json& json_;
  std::string where_;
};

}  // namespace divla
