// Intervals and pairs in JSON, for every file that holds them: [low, high]; null where there is none; the four counts.
#pragma once

#include <optional>
#include <string>

#include "harness/json_fields.h"
#include "harness/statistics/counts.h"

namespace divla {

nlohmann::json ToJson(const Interval& interval);
nlohmann::json ToJson(const std::optional<Interval>& interval);
nlohmann::json ToJson(const PairedCounts& counts);

// InputError of `fields` when the key is missing or ill-formed.
Interval ReadInterval(JsonFields& fields, const std::string& key);
std::optional<Interval> ReadOptionalInterval(JsonFields& fields, const std::string& key);
PairedCounts ReadPairs(JsonFields& fields, const std::string& key);

}  // namespace divla
