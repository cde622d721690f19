// What an action of a script says under a key, or an InputError that names file, action and key.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "sim/check.h"

namespace divla {

template <class Value>
Value Need(const nlohmann::json& action, const char* key, const std::string& where) {
  try {
    return action.at(key).get<Value>();
  } catch (const nlohmann::json::exception&) {
    throw InputError(fmt::format("{}: key '{}': expected {}, found {}", where, key,
                                 std::is_same_v<Value, std::string> ? "a text" : "a number or list",
                                 action.contains(key) ? action.at(key).dump() : "none"));
  }
}

}  // namespace divla
