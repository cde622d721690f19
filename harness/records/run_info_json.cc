// run.json, less the blocks of harness/run_blocks.h.
#include "harness/records/run_info.h"

#include "harness/records/record_parts_json.h"
#include "harness/run_blocks.h"

namespace divla {
namespace {

using nlohmann::json;

std::map<std::string, int> ReadRules(JsonFields fields) {
  std::map<std::string, int> rules;
  for (const auto& [task, version] : fields.Json().items()) rules[task] = fields.Int(task, 2, kMostCount);
  return rules;
}

RunVersions ReadRunVersions(JsonFields fields) {
  RunVersions versions;
  versions.divla = fields.String("divla");
  versions.git_commit = fields.String("git_commit");
  versions.git_dirty = fields.Bool("git_dirty");
  versions.mujoco = fields.String("mujoco");
  versions.libtorch = fields.String("libtorch");
  versions.renderer = fields.String("renderer");
  versions.compiler = fields.String("compiler");
  if (fields.Has("rules")) versions.rules = ReadRules(fields.Object("rules"));
  fields.Finish();
  return versions;
}

}  // namespace

json ToJson(const RunVersions& versions) {
  json value{{"divla", versions.divla},
             {"git_commit", versions.git_commit},
             {"git_dirty", versions.git_dirty},
             {"mujoco", versions.mujoco},
             {"libtorch", versions.libtorch},
             {"renderer", versions.renderer},
             {"compiler", versions.compiler}};
  if (!versions.rules.empty()) value["rules"] = versions.rules;
  return value;
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
             {"versions", ToJson(info.versions)},
             {"machine", ToJson(info.machine)}};
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
  info.versions = ReadRunVersions(fields.Object("versions"));
  info.machine = ReadRunMachine(fields.Object("machine"));
  ReadRunBlocks(fields, info);
  fields.Finish();
  return info;
}

}  // namespace divla
