// JSON of what episodes.jsonl, run.json and summary.json (harness/records/records.h) have in common.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/json_fields.h"
#include "harness/records/episode_record.h"

namespace divla {

// No count in these files is above it.
inline constexpr int kMostCount = 1'000'000'000;

nlohmann::json ToJson(const ObjectCount& count);
nlohmann::json ToJson(const ReasoningScore& score);

// InputError of `fields` when a key is missing or ill-formed.
ObjectCount ReadObjects(JsonFields fields);
ReasoningScore ReadReasoning(JsonFields fields);
// "schema" and "suite" of run.json and summary.json.
void ReadSchema(JsonFields& fields);
void ReadSuite(JsonFields& fields, std::string& name, int& version);

}  // namespace divla
