#include "harness/statistics_json.h"

namespace divla {

using nlohmann::json;

json ToJson(const Interval& interval) { return json::array({interval.low, interval.high}); }

json ToJson(const std::optional<Interval>& interval) { return interval ? ToJson(*interval) : json(nullptr); }

json ToJson(const PairedCounts& counts) {
  return {{"both", counts.both}, {"lost", counts.lost}, {"won", counts.won}, {"neither", counts.neither}};
}

Interval ReadInterval(JsonFields& fields, const std::string& key) {
  const json& pair = fields.Array(key);
  if (pair.size() != 2 || !pair[0].is_number() || !pair[1].is_number()) {
    fields.Fail(key, "[low, high]", pair.dump());
  }
  return {pair[0].get<double>(), pair[1].get<double>()};
}

std::optional<Interval> ReadOptionalInterval(JsonFields& fields, const std::string& key) {
  if (fields.IsNull(key)) return std::nullopt;
  return ReadInterval(fields, key);
}

PairedCounts ReadPairs(JsonFields& fields, const std::string& key) {
  constexpr int kMost = 1'000'000'000;
  JsonFields pairs = fields.Object(key);
  const PairedCounts counts{.both = pairs.Int("both", 0, kMost),
                            .lost = pairs.Int("lost", 0, kMost),
                            .won = pairs.Int("won", 0, kMost),
                            .neither = pairs.Int("neither", 0, kMost)};
  pairs.Finish();
  return counts;
}

}  // namespace divla
