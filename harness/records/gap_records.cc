#include "harness/records/gap_records.h"

#include <fmt/format.h>

#include <limits>

#include "harness/json_fields.h"
#include "harness/statistics_json.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr int kMost = std::numeric_limits<int>::max();

json ToJson(const CellGap& gap) {
  return {{"task", gap.task},
          {"axis", gap.axis},
          {"level", gap.level},
          {"pairs", ToJson(gap.counts)},
          {"difference", gap.difference},
          {"newcombe", ToJson(gap.newcombe)},
          {"p", gap.p},
          {"p_mid", gap.p_mid},
          {"p_holm", gap.p_holm}};
}

CellGap ReadCellGap(JsonFields fields) {
  CellGap gap;
  gap.task = fields.String("task");
  gap.axis = fields.String("axis");
  gap.level = fields.Int("level", 1, 5);
  gap.counts = ReadPairs(fields, "pairs");
  gap.difference = fields.Number("difference");
  gap.newcombe = ReadInterval(fields, "newcombe");
  gap.p = fields.Number("p");
  gap.p_mid = fields.Number("p_mid");
  gap.p_holm = fields.Number("p_holm");
  fields.Finish();
  return gap;
}

json ToJson(const MeanGap& gap) {
  return {{"tasks", gap.tasks}, {"mean", gap.mean}, {"interval", ToJson(gap.interval)}, {"pairs", ToJson(gap.pooled)}};
}

MeanGap ReadMeanGap(JsonFields fields) {
  MeanGap gap;
  gap.tasks = fields.Int("tasks", 1, kMost);
  gap.mean = fields.Number("mean");
  gap.interval = ReadOptionalInterval(fields, "interval");
  gap.pooled = ReadPairs(fields, "pairs");
  fields.Finish();
  return gap;
}

json ToJson(const AxisGap& gap) {
  return {{"axis", gap.axis}, {"level", gap.level}, {"gap", ToJson(gap.gap)}, {"newcombe", ToJson(gap.newcombe)}};
}

AxisGap ReadAxisGap(JsonFields fields) {
  AxisGap gap;
  gap.axis = fields.String("axis");
  gap.level = fields.Int("level", 1, 5);
  gap.gap = ReadMeanGap(fields.Object("gap"));
  gap.newcombe = ReadInterval(fields, "newcombe");
  fields.Finish();
  return gap;
}

json ToJson(const FactorialRow& row) {
  const auto word = [](bool unseen) { return unseen ? "unseen" : "seen"; };
  return {{"instruction", word(row.instruction)},
          {"object", word(row.object)},
          {"environment", word(row.environment)},
          {"tasks", row.tasks},
          {"n", row.n},
          {"k", row.k},
          {"rate", row.rate},
          {"interval", ToJson(row.interval)},
          {"macro", {{"rate", row.macro_rate}, {"interval", ToJson(row.macro_interval)}}},
          {"gap", row.gap ? ToJson(*row.gap) : json(nullptr)}};
}

bool ReadUnseen(JsonFields& fields, const std::string& key) {
  const std::string word = fields.String(key);
  if (word != "seen" && word != "unseen") fields.Fail(key, "seen or unseen", "\"" + word + "\"");
  return word == "unseen";
}

FactorialRow ReadFactorialRow(JsonFields fields) {
  FactorialRow row;
  row.instruction = ReadUnseen(fields, "instruction");
  row.object = ReadUnseen(fields, "object");
  row.environment = ReadUnseen(fields, "environment");
  row.tasks = fields.Int("tasks", 1, kMost);
  row.n = fields.Int("n", 1, kMost);
  row.k = fields.Int("k", 0, row.n);
  row.rate = fields.Number("rate");
  row.interval = ReadInterval(fields, "interval");
  JsonFields macro = fields.Object("macro");
  row.macro_rate = macro.Number("rate");
  row.macro_interval = ReadOptionalInterval(macro, "interval");
  macro.Finish();
  if (!fields.IsNull("gap")) row.gap = ReadMeanGap(fields.Object("gap"));
  fields.Finish();
  return row;
}

template <class Item>
json List(const std::vector<Item>& items) {
  json list = json::array();
  for (const Item& item : items) list.push_back(ToJson(item));
  return list;
}

template <class Read>
auto ReadList(JsonFields& fields, const std::string& key, const Read& read) {
  std::vector<decltype(read(fields))> items;
  for (const json& item : fields.Array(key)) {
    items.push_back(read(JsonFields(item, fmt::format("{}: in '{}' entry {}", fields.Where(), key, items.size()))));
  }
  return items;
}

}  // namespace

json ToJson(const GapSummary& gaps) {
  return {{"cells", List(gaps.cells)}, {"axes", List(gaps.axes)}, {"factorial", List(gaps.factorial)}};
}

GapSummary GapSummaryFromJson(const json& value, const std::string& where) {
  JsonFields fields(value, where);
  GapSummary gaps;
  gaps.cells = ReadList(fields, "cells", ReadCellGap);
  gaps.axes = ReadList(fields, "axes", ReadAxisGap);
  gaps.factorial = ReadList(fields, "factorial", ReadFactorialRow);
  fields.Finish();
  return gaps;
}

}  // namespace divla
