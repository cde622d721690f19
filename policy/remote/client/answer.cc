#include "policy/remote/client/answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "policy/remote/native_keys.h"
#include "policy/remote/wire/ndarray.h"
#include "policy/remote/wire/utf8.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr std::int64_t kMostSteps = 10000;
constexpr std::int64_t kMostDim = 1000;
constexpr std::size_t kMostReasoning = 10000;   // bytes
constexpr std::size_t kMostMetadata = 1 << 16;  // bytes of JSON

std::string KeysOf(const WireValue& map) {
  std::vector<std::string> keys;
  for (const WireEntry& entry : *map.AsMap()) keys.push_back(OneLine(entry.key, 40));
  return OneLine(fmt::format("[{}]", fmt::join(keys, ", ")), 300);
}

// Two numbers, as an array or as a numpy array; else none.
std::vector<double> Pair(const WireValue& value) {
  if (const NdArray* array = value.AsNdArray()) {
    return array->shape == std::vector<std::int64_t>{2} ? ToDoubles(*array) : std::vector<double>{};
  }
  std::vector<double> numbers;
  if (value.AsArray() == nullptr || value.AsArray()->size() != 2) return numbers;
  for (const WireValue& item : *value.AsArray()) {
    if (item.AsDouble() != nullptr) numbers.push_back(*item.AsDouble());
    if (item.AsInt() != nullptr) numbers.push_back(static_cast<double>(*item.AsInt()));
  }
  return numbers;
}

std::string Text(const WireValue& answer, const char* key, const std::string& source) {
  const WireValue* found = answer.Find(key);
  if (found == nullptr || found->IsNil()) return {};
  if (found->AsText() == nullptr) {
    throw InputError(fmt::format("{}: {}: expected text, found {}", source, key, found->KindName()));
  }
  if (found->AsText()->size() > kMostReasoning) {
    throw InputError(fmt::format("{}: {}: expected at most {} bytes, found {}", source, key, kMostReasoning,
                                 found->AsText()->size()));
  }
  return *found->AsText();
}

Reasoning ReadReasoning(const WireValue& answer, const std::string& source) {
  Reasoning reasoning;
  reasoning.text = Text(answer, native::kReasoning, source);
  reasoning.grounded = Text(answer, native::kReasoningGrounded, source);
  if (reasoning.grounded.empty()) reasoning.grounded = reasoning.text;
  const WireValue* pixels = answer.Find(native::kReasoningPixels);
  if (pixels == nullptr || pixels->IsNil()) return reasoning;
  const auto fail = [&](const WireValue& found) {
    throw InputError(fmt::format("{}: {}: expected a map of cameras to [u, v] from 0 to 1, found {}", source,
                                 native::kReasoningPixels, found.KindName()));
  };
  if (pixels->AsMap() == nullptr) fail(*pixels);
  for (const WireEntry& entry : *pixels->AsMap()) {
    const std::vector<double> pair = Pair(entry.value);
    const bool good =
        pair.size() == 2 && std::all_of(pair.begin(), pair.end(), [](double x) { return x >= 0 && x <= 1; });
    if (!good) fail(entry.value);
    const std::array<float, 2> uv = {static_cast<float>(pair.at(0)), static_cast<float>(pair.at(1))};
    reasoning.pixels.emplace(entry.key, uv);
  }
  return reasoning;
}

std::string HashOf(const RemoteAnswer& answer) {
  Hasher hasher;
  hasher.Add(std::span<const double>(answer.values));
  hasher.Add(answer.reasoning.text);
  hasher.Add(answer.reasoning.grounded);
  for (const auto& [camera, pixel] : answer.reasoning.pixels) {
    hasher.Add(camera);
    hasher.Add(std::span<const float>(pixel));
  }
  return hasher.Hex();
}

json ToJson(const WireValue& value) {
  if (value.AsBool() != nullptr) return *value.AsBool();
  if (value.AsInt() != nullptr) return *value.AsInt();
  if (value.AsBigUint() != nullptr) return *value.AsBigUint();
  if (const double* number = value.AsDouble()) {
    return std::isfinite(*number) ? json(*number) : json(fmt::format("{}", *number));
  }
  if (value.AsText() != nullptr) return *value.AsText();
  if (const std::string* bytes = value.AsBytes()) {
    return {{"bytes", bytes->size()}, {"xxh3_128", HashHex(bytes->data(), bytes->size())}};
  }
  if (const NdArray* array = value.AsNdArray()) {
    return {{"dtype", array->dtype},
            {"shape", array->shape},
            {"xxh3_128", HashHex(array->data.data(), array->data.size())}};
  }
  if (value.AsArray() != nullptr) {
    json items = json::array();
    for (const WireValue& item : *value.AsArray()) items.push_back(ToJson(item));
    return items;
  }
  if (value.AsMap() != nullptr) {
    json map = json::object();
    for (const WireEntry& entry : *value.AsMap()) map[entry.key] = ToJson(entry.value);
    return map;
  }
  return nullptr;
}

}  // namespace

RemoteAnswer ReadAnswer(std::string_view message, const WireLimits& limits, const std::string& source) {
  const WireValue answer = Unpack(message, limits, source);
  if (answer.AsMap() == nullptr) {
    throw InputError(fmt::format("{}: expected a map, found {}", source, answer.KindName()));
  }
  const WireValue* actions = answer.Find(native::kActions);
  if (actions == nullptr) {
    throw InputError(fmt::format("{}: expected the key actions, found {}", source, KeysOf(answer)));
  }
  const NdArray* array = actions->AsNdArray();
  if (array == nullptr || ParseDtype(array->dtype).kind != 'f' || array->shape.size() != 2 || array->shape[0] < 1 ||
      array->shape[0] > kMostSteps || array->shape[1] < 1 || array->shape[1] > kMostDim) {
    throw InputError(fmt::format("{}: actions: expected a float array [steps, numbers of an action], found {}", source,
                                 OneLine(actions->KindName(), 200)));
  }
  RemoteAnswer read;
  read.values = ToDoubles(*array);
  read.steps = static_cast<int>(array->shape[0]);
  read.dim = static_cast<int>(array->shape[1]);
  read.text_markers = array->text_markers;
  read.reasoning = ReadReasoning(answer, source);
  read.hash = HashOf(read);
  return read;
}

json MetadataJson(const WireValue& metadata, const std::string& source) {
  json value = ToJson(metadata);
  const std::size_t size = value.dump().size();
  if (size > kMostMetadata) {
    throw InputError(
        fmt::format("{}: metadata: expected at most {} bytes of JSON, found {}", source, kMostMetadata, size));
  }
  return value;
}

}  // namespace divla
