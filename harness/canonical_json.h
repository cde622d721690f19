// One text for one value: keys sorted by bytes, no spaces, no newline, shortest decimal that reads back as the same
// double, integers as integers. So equal records are equal bytes, and a run folder can be compared with cmp.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace divla {

// Numbers that are not finite and strings that are not UTF-8 are our mistake (DIVLA_CHECK).
std::string CanonicalJson(const nlohmann::json& value);

}  // namespace divla
