// Strict reading of a JSON object: every key is asked for by name and type, and none may be left over.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "sim/check.h"

namespace divla {

// Parses text into an object; InputError with file and place otherwise.
nlohmann::json ParseJsonObject(const std::string& text, const std::string& file);

class JsonReader {
 public:
  JsonReader(const nlohmann::json& object, std::string file, std::string path);

  bool Has(const std::string& key) const { return object_.contains(key); }

  // Reads a required key.
  template <class T>
  T Get(const std::string& key) {
    if (!Has(key)) Fail(key, TypeName<T>(), "nothing");
    const nlohmann::json& value = object_.at(key);
    if (!Fits<T>(value)) Fail(key, TypeName<T>(), value.dump());
    used_.insert(key);
    return value.get<T>();
  }
  // Reads an optional key; keeps the default when absent.
  template <class T>
  void Read(const std::string& key, T& value) {
    if (Has(key)) value = Get<T>(key);
  }
  JsonReader Object(const std::string& key);
  void Done() const;  // InputError when a key was never asked for
  [[noreturn]] void Fail(const std::string& key, const std::string& expected, const std::string& found) const;

 private:
  template <class T>
  static bool Fits(const nlohmann::json& value) {
    if constexpr (std::is_same_v<T, bool>)
      return value.is_boolean();
    else if constexpr (std::is_integral_v<T>)
      return value.is_number_integer();
    else if constexpr (std::is_floating_point_v<T>)
      return value.is_number();
    else if constexpr (std::is_same_v<T, std::string>)
      return value.is_string();
    else {
      if (!value.is_array()) return false;
      for (const auto& item : value) {
        if (!Fits<typename T::value_type>(item)) return false;
      }
      return true;
    }
  }
  template <class T>
  static std::string TypeName() {
    if constexpr (std::is_same_v<T, bool>)
      return "true or false";
    else if constexpr (std::is_integral_v<T>)
      return "an integer";
    else if constexpr (std::is_floating_point_v<T>)
      return "a number";
    else if constexpr (std::is_same_v<T, std::string>)
      return "a string";
    else
      return "a list of " + TypeName<typename T::value_type>();
  }

  const nlohmann::json& object_;
  std::string file_, path_;
  std::set<std::string> used_;
};

}  // namespace divla
