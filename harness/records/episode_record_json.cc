// A line of episodes.jsonl.
#include "harness/records/episode_record.h"

#include "harness/records/record_parts_json.h"
#include "tasks/intervention.h"

namespace divla {
namespace {

using nlohmann::json;

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
  intervention.step = fields.Int("step", 0, kMostCount);
  intervention.instruction = fields.String("instruction");
  intervention.followed = fields.Bool("followed");
  intervention.steps_to_follow = fields.Int("steps_to_follow", -1, kMostCount);
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
  control.said = fields.Int("said", 0, kMostCount);
  fields.Finish();
  return control;
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
  record.key = {ReadKeyWord(key, "task"), ReadKeyWord(key, "axis"), key.Int("level", 0, 5),
                key.Int("index", 0, kMostCount)};
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
  record.steps = fields.Int("steps", 0, kMostCount);
  record.sim_seconds = fields.Number("sim_seconds");
  record.termination = ReadTermination(fields);
  record.failure = fields.String("failure");
  record.reasoning = ReadReasoning(fields.Object("reasoning"));
  if (fields.Has("intervention")) record.intervention = ReadIntervention(fields.Object("intervention"));
  if (fields.Has("control")) record.control = ReadControl(fields.Object("control"));
  fields.Finish();
  return record;
}

}  // namespace divla
