// summary.json.
#include "harness/records/run_summary.h"

#include <fmt/format.h>

#include "harness/records/record_parts_json.h"
#include "harness/statistics_json.h"

namespace divla {
namespace {

using nlohmann::json;

std::map<std::string, int> ReadCounts(JsonFields fields) {
  std::map<std::string, int> counts;
  for (const auto& [key, value] : fields.Json().items()) counts[key] = fields.Int(key, 0, kMostCount);
  return counts;
}

json ToJson(const InterventionSummary& summary) {
  return {{"n", summary.n},
          {"k", summary.k},
          {"reasoned", summary.reasoned},
          {"followed", summary.followed},
          {"median_steps_to_follow",
           summary.median_steps_to_follow ? json(*summary.median_steps_to_follow) : json(nullptr)}};
}

InterventionSummary ReadInterventions(JsonFields fields) {
  InterventionSummary summary;
  summary.n = fields.Int("n", 1, kMostCount);
  summary.k = fields.Int("k", 0, summary.n);
  summary.reasoned = fields.Int("reasoned", 0, summary.n);
  summary.followed = fields.Int("followed", 0, summary.reasoned);
  if (!fields.IsNull("median_steps_to_follow")) {
    summary.median_steps_to_follow = fields.Number("median_steps_to_follow");
  }
  fields.Finish();
  return summary;
}

json ToJson(const SuccessTimes& times) {
  const auto number = [](const std::optional<double>& value) { return value ? json(*value) : json(nullptr); };
  return {{"step_seconds", kSuccessTimeStep},
          {"solved", times.solved},
          {"quarter", number(times.quarter)},
          {"half", number(times.half)},
          {"three_quarters", number(times.three_quarters)}};
}

SuccessTimes ReadSuccessTimes(JsonFields fields, int most) {
  const auto number = [&](const std::string& key) -> std::optional<double> {
    if (fields.IsNull(key)) return std::nullopt;
    return fields.Number(key);
  };
  if (const double step = fields.Number("step_seconds"); step != kSuccessTimeStep) {
    fields.Fail("step_seconds", fmt::format("{}", kSuccessTimeStep), fmt::format("{}", step));
  }
  SuccessTimes times;
  int before = 0;
  for (const json& count : fields.Array("solved")) {
    if (!count.is_number_integer() || count < before || count > most) {
      fields.Fail("solved", fmt::format("counts that rise and are at most {}", most), count.dump());
    }
    before = count.get<int>();
    times.solved.push_back(before);
  }
  times.quarter = number("quarter");
  times.half = number("half");
  times.three_quarters = number("three_quarters");
  fields.Finish();
  return times;
}

CellSummary ReadCell(const json& value, const std::string& where) {
  JsonFields fields(value, where);
  CellSummary cell;
  cell.task = fields.String("task");
  cell.axis = fields.String("axis");
  cell.level = fields.Int("level", 0, 5);
  cell.n = fields.Int("n", 0, kMostCount);
  cell.k = fields.Int("k", 0, cell.n);
  cell.once = fields.Int("once", 0, cell.n);
  cell.held = fields.Int("held", 0, cell.n);
  cell.rate = fields.Number("rate");
  cell.wilson = ReadInterval(fields, "wilson");
  cell.clopper_pearson = ReadInterval(fields, "clopper_pearson");
  cell.mean_progress = fields.Number("mean_progress");
  cell.mean_steps = fields.Number("mean_steps");
  if (!fields.IsNull("median_success_seconds")) cell.median_success_seconds = fields.Number("median_success_seconds");
  cell.objects = ReadObjects(fields.Object("objects"));
  cell.reasoning = ReadReasoning(fields.Object("reasoning"));
  cell.failed_reasoning_wrong = fields.Int("failed_reasoning_wrong", 0, cell.n);
  cell.failed_reasoning_right = fields.Int("failed_reasoning_right", 0, cell.n);
  cell.failures = ReadCounts(fields.Object("failures"));
  cell.terminations = ReadCounts(fields.Object("terminations"));
  if (fields.Has("interventions")) cell.interventions = ReadInterventions(fields.Object("interventions"));
  if (fields.Has("success_times")) cell.success_times = ReadSuccessTimes(fields.Object("success_times"), cell.n);
  fields.Finish();
  return cell;
}

json ToJson(const CellSummary& cell) {
  json value{
      {"task", cell.task},
      {"axis", cell.axis},
      {"level", cell.level},
      {"n", cell.n},
      {"k", cell.k},
      {"once", cell.once},
      {"held", cell.held},
      {"rate", cell.rate},
      {"wilson", ToJson(cell.wilson)},
      {"clopper_pearson", ToJson(cell.clopper_pearson)},
      {"mean_progress", cell.mean_progress},
      {"mean_steps", cell.mean_steps},
      {"median_success_seconds", cell.median_success_seconds ? json(*cell.median_success_seconds) : json(nullptr)},
      {"objects", ToJson(cell.objects)},
      {"reasoning", ToJson(cell.reasoning)},
      {"failed_reasoning_wrong", cell.failed_reasoning_wrong},
      {"failed_reasoning_right", cell.failed_reasoning_right},
      {"failures", cell.failures},
      {"terminations", cell.terminations}};
  if (cell.interventions) value["interventions"] = ToJson(*cell.interventions);
  if (cell.success_times) value["success_times"] = ToJson(*cell.success_times);
  return value;
}

}  // namespace

json ToJson(const RunSummary& summary) {
  json cells = json::array();
  for (const CellSummary& cell : summary.cells) cells.push_back(ToJson(cell));
  json value{{"schema", summary.schema},
             {"suite", {{"name", summary.suite}, {"version", summary.suite_version}}},
             {"policy", summary.policy},
             {"seed", summary.seed},
             {"planned", summary.planned},
             {"finished", summary.finished},
             {"interrupted", summary.interrupted},
             {"cells", cells},
             {"all",
              {{"n", summary.n},
               {"k", summary.k},
               {"wilson", ToJson(summary.wilson)},
               {"clopper_pearson", ToJson(summary.clopper_pearson)}}},
             {"macro", {{"rate", summary.macro_rate}, {"interval", ToJson(summary.macro_interval)}}}};
  if (summary.clustered) value["all"]["clustered"] = ToJson(*summary.clustered);
  if (summary.gaps) value["gaps"] = ToJson(*summary.gaps);
  return value;
}

RunSummary RunSummaryFromJson(const json& value, const std::string& where) {
  JsonFields fields(value, where);
  ReadSchema(fields);
  RunSummary summary;
  ReadSuite(fields, summary.suite, summary.suite_version);
  summary.policy = fields.String("policy");
  summary.seed = fields.U64("seed");
  summary.planned = fields.Int("planned", 0, kMostCount);
  summary.finished = fields.Int("finished", 0, summary.planned);
  summary.interrupted = fields.Bool("interrupted");
  for (const json& cell : fields.Array("cells")) {
    summary.cells.push_back(ReadCell(cell, fmt::format("{}: in 'cells' entry {}", where, summary.cells.size())));
  }
  JsonFields all = fields.Object("all");
  summary.n = all.Int("n", 0, kMostCount);
  summary.k = all.Int("k", 0, summary.n);
  summary.wilson = ReadInterval(all, "wilson");
  summary.clopper_pearson = ReadInterval(all, "clopper_pearson");
  if (all.Has("clustered")) summary.clustered = ReadInterval(all, "clustered");
  all.Finish();
  JsonFields macro = fields.Object("macro");
  summary.macro_rate = macro.Number("rate");
  summary.macro_interval = ReadOptionalInterval(macro, "interval");
  macro.Finish();
  if (fields.Has("gaps")) summary.gaps = GapSummaryFromJson(fields.Any("gaps"), where + ": in 'gaps'");
  fields.Finish();
  return summary;
}

}  // namespace divla
