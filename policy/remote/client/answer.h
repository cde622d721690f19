// What a policy server answers, and what it says of itself, as our types. Stateless; thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"
#include "policy/remote/wire/value.h"

namespace divla {

struct RemoteAnswer {
  std::vector<double> values;  // (steps x dim), C order, in the server's units
  int steps{};
  int dim{};
  Reasoning reasoning;  // empty when the server sends none
  bool text_markers{};  // NdArray::text_markers
  std::string hash;     // of values and reasoning: two answers say the same
};

// Throws InputError that begins with `source` for anything but a map with "actions", a float array [steps, dim] (the
// keys are in policy/remote/native_keys.h).
RemoteAnswer ReadAnswer(std::string_view message, const WireLimits& limits, const std::string& source);

// Metadata for run.json: arrays and bytes as their size and hash. Throws InputError when it is more than 64 KiB of text.
nlohmann::json MetadataJson(const WireValue& metadata, const std::string& source);

}  // namespace divla
