// run.json, less the blocks of harness/run_blocks.h.
#include "harness/record_parts_json.h"
#include "harness/records.h"
#include "harness/run_blocks.h"

namespace divla {
namespace {

using nlohmann::json;

std::map<std::string, int> ReadRules(JsonFields fields) {
  std::map<std::string, int> rules;
  for (const auto& [task, version] : fields.Json().items()) rules[task] = fields.Int(task, 2, kMostCount);
  return rules;
}

}  // namespace

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
  ReadSuite(fields, info.suite, info.suite_version);
  JsonFields policy = fields.Object("policy");
  info.policy = policy.String("name");
  info.weights_sha256 = policy.String("weights_sha256");
  policy.Finish();
  if (fields.Has("control")) info.control = fields.String("control");
  if (fields.Has("strict")) info.strict = fields.Bool("strict");  // runs from before there was a choice were not
  info.seed = fields.U64("seed");
  info.group_size = fields.Int("group_size", 1, kMostCount);
  info.workers = fields.Int("workers", 1, kMostCount);
  info.episodes = fields.Int("episodes", 0, kMostCount);
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

}  // namespace divla
