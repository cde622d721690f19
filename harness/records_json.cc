#include <fmt/format.h>

#include "harness/json_fields.h"
#include "harness/records.h"
#include "harness/run_blocks.h"
#include "harness/statistics_json.h"
#include "sim/check.h"
#include "tasks/intervention.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr int kMost = 1'000'000'000;

json ToJson(const ObjectCount& count) { return {{"placed", count.placed}, {"total", count.total}}; }
json ToJson(const ReasoningScore& score) {
  json value = {{"queries", score.queries},
                {"correct", score.correct},
                {"faithful", score.faithful},
                {"first_wrong_step", score.first_wrong_step}};
  if (score.located > 0) {
    value["located"] = score.located;
    value["grounded"] = score.grounded;
  }
  return value;
}

ObjectCount ReadObjects(JsonFields fields) {
  const ObjectCount count{fields.Int("placed", 0, kMost), fields.Int("total", 0, kMost)};
  fields.Finish();
  return count;
}

ReasoningScore ReadReasoning(JsonFields fields) {
  ReasoningScore score;
  score.queries = fields.Int("queries", 0, kMost);
  score.correct = fields.Int("correct", 0, score.queries);
  score.faithful = fields.Int("faithful", 0, score.queries);
  score.first_wrong_step = fields.Int("first_wrong_step", -1, kMost);
  if (fields.Has("located")) {
    score.located = fields.Int("located", 0, score.queries);
    score.grounded = fields.Int("grounded", 0, score.located);
  }
  fields.Finish();
  return score;
}

// A word of an episode key; keys become file names, so nothing else may stand in them.
std::string ReadKeyWord(JsonFields& fields, const std::string& key) {
  const std::string word = fields.String(key);
  const bool plain =
      !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.+") == std::string::npos;
  if (!plain) fields.Fail(key, "small letters, digits, '_', '-', '.' and '+'", "\"" + word + "\"");
  return word;
}

Termination ReadTermination(JsonFields& fields) {
  const std::string name = fields.String("termination");
  for (const Termination value :
       {Termination::kSuccess, Termination::kHorizon, Termination::kDiverged, Termination::kPolicyError}) {
    if (name == ToString(value)) return value;
  }
  fields.Fail("termination", "success, horizon, diverged or policy_error", name);
}

std::map<std::string, int> ReadCounts(JsonFields fields) {
  std::map<std::string, int> counts;
  for (const auto& [key, value] : fields.Json().items()) counts[key] = fields.Int(key, 0, kMost);
  return counts;
}

void ReadSchema(JsonFields& fields) { fields.Int("schema", kRunSchema, kRunSchema); }

InterventionKind ReadInterventionKind(JsonFields& fields) {
  const std::string name = fields.String("kind");
  for (const InterventionKind kind : {InterventionKind::kObject, InterventionKind::kInstruction}) {
    if (name == ToString(kind)) return kind;
  }
  fields.Fail("kind", "object or instruction", name);
}

json ToJson(const InterventionRecord& intervention) {
  return {{"kind", ToString(intervention.kind)},
          {"step", intervention.step},
          {"instruction", intervention.instruction},
          {"followed", intervention.followed},
          {"steps_to_follow", intervention.steps_to_follow}};
}

InterventionRecord ReadIntervention(JsonFields fields) {
  InterventionRecord intervention;
  intervention.kind = ReadInterventionKind(fields);
  intervention.step = fields.Int("step", 0, kMost);
  intervention.instruction = fields.String("instruction");
  intervention.followed = fields.Bool("followed");
  intervention.steps_to_follow = fields.Int("steps_to_follow", -1, kMost);
  fields.Finish();
  return intervention;
}

json ToJson(const ControlRecord& control) {
  return {{"name", control.name},         {"applies", control.applies}, {"target", control.target},
          {"acted_on", control.acted_on}, {"object", control.object},   {"destination", control.destination},
          {"reached", control.reached},   {"said", control.said}};
}

ControlRecord ReadControl(JsonFields fields) {
  ControlRecord control;
  control.name = fields.String("name");
  control.applies = fields.Bool("applies");
  control.target = fields.String("target");
  control.acted_on = fields.String("acted_on");
  control.object = fields.String("object");
  control.destination = fields.String("destination");
  control.reached = fields.Bool("reached");
  control.said = fields.Int("said", 0, kMost);
  fields.Finish();
  return control;
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
  summary.n = fields.Int("n", 1, kMost);
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
  cell.n = fields.Int("n", 0, kMost);
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

std::map<std::string, int> ReadRules(JsonFields fields) {
  std::map<std::string, int> rules;
  for (const auto& [task, version] : fields.Json().items()) rules[task] = fields.Int(task, 2, kMost);
  return rules;
}

}  // namespace

json ToJson(const EpisodeRecord& record) {
  const EpisodeKey& key = record.key;
  json value{{"key", {{"task", key.task}, {"axis", key.axis}, {"level", key.level}, {"index", key.index}}},
             {"seed", record.seed},
             {"instruction", record.instruction},
             {"hash",
              {{"scene", record.hash.scene},
               {"initial_state", record.hash.initial_state},
               {"frames", record.hash.frames},
               {"actions", record.hash.actions},
               {"states", record.hash.states}}},
             {"success", record.success},
             {"success_once", record.success_once},
             {"success_held", record.success_held},
             {"progress", record.progress},
             {"objects", ToJson(record.objects)},
             {"steps", record.steps},
             {"sim_seconds", record.sim_seconds},
             {"termination", ToString(record.termination)},
             {"failure", record.failure},
             {"reasoning", ToJson(record.reasoning)}};
  if (record.intervention) value["intervention"] = ToJson(*record.intervention);
  if (record.control) value["control"] = ToJson(*record.control);
  return value;
}

EpisodeRecord EpisodeRecordFromJson(const json& value, const std::string& where) {
  JsonFields fields(value, where);
  EpisodeRecord record;
  JsonFields key = fields.Object("key");
  record.key = {ReadKeyWord(key, "task"), ReadKeyWord(key, "axis"), key.Int("level", 0, 5), key.Int("index", 0, kMost)};
  key.Finish();
  record.seed = fields.U64("seed");
  record.instruction = fields.String("instruction");
  JsonFields hash = fields.Object("hash");
  record.hash = {hash.String("scene"), hash.String("initial_state"), hash.String("frames"), hash.String("actions"),
                 hash.String("states")};
  hash.Finish();
  record.success = fields.Bool("success");
  record.success_once = fields.Bool("success_once");
  record.success_held = fields.Bool("success_held");
  record.progress = fields.Number("progress");
  record.objects = ReadObjects(fields.Object("objects"));
  record.steps = fields.Int("steps", 0, kMost);
  record.sim_seconds = fields.Number("sim_seconds");
  record.termination = ReadTermination(fields);
  record.failure = fields.String("failure");
  record.reasoning = ReadReasoning(fields.Object("reasoning"));
  if (fields.Has("intervention")) record.intervention = ReadIntervention(fields.Object("intervention"));
  if (fields.Has("control")) record.control = ReadControl(fields.Object("control"));
  fields.Finish();
  return record;
}

json ToJson(const RunInfo& info) {
  json value{{"schema", info.schema},
             {"suite", {{"name", info.suite}, {"version", info.suite_version}}},
             {"policy", {{"name", info.policy}, {"weights_sha256", info.weights_sha256}}},
             {"strict", info.strict},
             {"seed", info.seed},
             {"group_size", info.group_size},
             {"workers", info.workers},
             {"episodes", info.episodes},
             {"command", info.command},
             {"versions",
              {{"divla", info.versions.divla},
               {"git_commit", info.versions.git_commit},
               {"git_dirty", info.versions.git_dirty},
               {"mujoco", info.versions.mujoco},
               {"libtorch", info.versions.libtorch},
               {"renderer", info.versions.renderer},
               {"compiler", info.versions.compiler}}},
             {"machine", ToJson(info.machine)}};
  if (!info.versions.rules.empty()) value["versions"]["rules"] = info.versions.rules;
  if (!info.control.empty()) value["control"] = info.control;
  AddRunBlocks(info, value);
  return value;
}

RunInfo RunInfoFromJson(const json& value, const std::string& where) {
  JsonFields fields(value, where);
  ReadSchema(fields);
  RunInfo info;
  JsonFields suite = fields.Object("suite");
  info.suite = suite.String("name");
  info.suite_version = suite.Int("version", 1, kMost);
  suite.Finish();
  JsonFields policy = fields.Object("policy");
  info.policy = policy.String("name");
  info.weights_sha256 = policy.String("weights_sha256");
  policy.Finish();
  if (fields.Has("control")) info.control = fields.String("control");
  if (fields.Has("strict")) info.strict = fields.Bool("strict");  // runs from before there was a choice were not
  info.seed = fields.U64("seed");
  info.group_size = fields.Int("group_size", 1, kMost);
  info.workers = fields.Int("workers", 1, kMost);
  info.episodes = fields.Int("episodes", 0, kMost);
  info.command = fields.Strings("command");
  JsonFields versions = fields.Object("versions");
  info.versions.divla = versions.String("divla");
  info.versions.git_commit = versions.String("git_commit");
  info.versions.git_dirty = versions.Bool("git_dirty");
  info.versions.mujoco = versions.String("mujoco");
  info.versions.libtorch = versions.String("libtorch");
  info.versions.renderer = versions.String("renderer");
  info.versions.compiler = versions.String("compiler");
  if (versions.Has("rules")) info.versions.rules = ReadRules(versions.Object("rules"));
  versions.Finish();
  info.machine = ReadRunMachine(fields.Object("machine"));
  ReadRunBlocks(fields, info);
  fields.Finish();
  return info;
}

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
  JsonFields suite = fields.Object("suite");
  summary.suite = suite.String("name");
  summary.suite_version = suite.Int("version", 1, kMost);
  suite.Finish();
  summary.policy = fields.String("policy");
  summary.seed = fields.U64("seed");
  summary.planned = fields.Int("planned", 0, kMost);
  summary.finished = fields.Int("finished", 0, summary.planned);
  summary.interrupted = fields.Bool("interrupted");
  for (const json& cell : fields.Array("cells")) {
    summary.cells.push_back(ReadCell(cell, fmt::format("{}: in 'cells' entry {}", where, summary.cells.size())));
  }
  JsonFields all = fields.Object("all");
  summary.n = all.Int("n", 0, kMost);
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
