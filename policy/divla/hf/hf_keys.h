// Reading Hugging Face's JSON files: keys by type; absent and null keys keep the default, and what nobody asks for is
// ignored, because their writers add keys with every version. A value of another kind is an InputError that names file
// and key.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/check.h"

namespace divla {

class HfKeys {
 public:
  HfKeys(const nlohmann::json& object, std::string file, std::string path)
      : object_(object), file_(std::move(file)), path_(std::move(path)) {
    if (!object_.is_object()) Fail("", "an object", object_.dump());
  }

  const nlohmann::json* Find(const std::string& key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  HfKeys Object(const std::string& key) const {
    const nlohmann::json* value = Find(key);
    if (value == nullptr) Fail(key, "an object", "nothing");
    return {*value, file_, path_ + key + "."};
  }

  void Size(const std::string& key, int& value) const {
    const nlohmann::json* found = Find(key);
    if (found == nullptr) return;
    const bool fits = found->is_number_integer() && *found >= 1 && *found <= 1 << 24;
    if (!fits) Fail(key, "an integer from 1 to 16777216", found->dump());
    value = found->get<int>();
  }
  void Sizes(const std::string& key, std::vector<int>& values) const {
    const nlohmann::json* found = Find(key);
    if (found == nullptr) return;
    if (!found->is_array() || found->empty() || found->size() > 64) Fail(key, "a list of integers", found->dump());
    values.clear();
    for (const nlohmann::json& item : *found) {
      if (!item.is_number_integer() || item < 1 || item > 1 << 24) Fail(key, "integers from 1", item.dump());
      values.push_back(item.get<int>());
    }
  }
  void Number(const std::string& key, double& value) const {
    const nlohmann::json* found = Find(key);
    if (found == nullptr) return;
    if (!found->is_number() || !std::isfinite(found->get<double>()) || !(found->get<double>() > 0)) {
      Fail(key, "a number above 0", found->dump());
    }
    value = found->get<double>();
  }
  void Flag(const std::string& key, bool& value) const {
    const nlohmann::json* found = Find(key);
    if (found == nullptr) return;
    if (!found->is_boolean()) Fail(key, "true or false", found->dump());
    value = found->get<bool>();
  }
  void Text(const std::string& key, std::string& value) const {
    const nlohmann::json* found = Find(key);
    if (found == nullptr) return;
    if (!found->is_string()) Fail(key, "a string", found->dump());
    value = found->get<std::string>();
  }
  // One id or a list of ids.
  void Ids(const std::string& key, std::vector<int>& ids) const {
    const nlohmann::json* found = Find(key);
    if (found == nullptr) return;
    for (const nlohmann::json& item : found->is_array() ? *found : nlohmann::json::array({*found})) {
      if (!item.is_number_integer() || item < 0 || item > 1 << 24) Fail(key, "token ids", item.dump());
      ids.push_back(item.get<int>());
    }
  }
  [[noreturn]] void Fail(const std::string& key, const std::string& expected, const std::string& found) const {
    throw InputError(fmt::format("file {}: key '{}{}': expected {}, found {}", file_, path_, key, expected, found));
  }

 private:
  const nlohmann::json& object_;
  std::string file_, path_;
};

}  // namespace divla
