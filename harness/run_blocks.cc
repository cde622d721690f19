#include "harness/run_blocks.h"

#include <fmt/format.h>

#include <charconv>

#include "harness/edits.h"
#include "harness/records/record_parts_json.h"

namespace divla {
namespace {

using nlohmann::json;

bool ReadNumber(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

SuiteCell ReadCell(const std::string& text, const JsonFields& fields) {
  const std::size_t colon = text.rfind(':');
  const std::size_t level = text.rfind('.', colon);
  const std::size_t axis = level == std::string::npos || level == 0 ? level : text.rfind('.', level - 1);
  SuiteCell cell;
  const bool good = colon != std::string::npos && level != std::string::npos && axis != std::string::npos && axis > 0 &&
                    axis + 1 < level && ReadNumber(std::string_view(text).substr(colon + 1), cell.episodes) &&
                    ReadNumber(std::string_view(text).substr(level + 1, colon - level - 1), cell.level);
  if (!good) fields.Fail("cells", "\"TASK.AXIS.LEVEL:EPISODES\"", "\"" + text + "\"");
  cell.task = text.substr(0, axis);
  cell.axis = text.substr(axis + 1, level - axis - 1);
  return cell;
}

RunPictures ReadPictures(JsonFields fields) {
  RunPictures pictures;
  pictures.renderer = fields.String("renderer");
  pictures.report = ReportFramesNamed(fields.String("report"), fields.Where() + ": key 'report'");
  if (fields.Has("videos")) {
    pictures.videos = RunVideosNamed(fields.String("videos"), fields.Where() + ": key 'videos'");
  }
  if (fields.Has("looks")) pictures.looks = fields.String("looks");
  for (const json& entry : fields.Array("policy")) {
    JsonFields robot(entry, fields.Where() + ": in 'policy'");
    pictures.policy.push_back(
        {robot.String("robot"), robot.Strings("cameras"), robot.Int("height", 0, 32760), robot.Int("width", 0, 32760)});
    robot.Finish();
  }
  fields.Finish();
  return pictures;
}

}  // namespace

json ToJson(const RunMachine& machine) {
  return {{"cpu", machine.cpu}, {"isa", machine.isa}, {"cores", machine.cores}, {"gpu", machine.gpu}};
}

RunMachine ReadRunMachine(JsonFields fields) {
  RunMachine machine{fields.String("cpu"), fields.String("isa"), fields.Int("cores", 1, kMostCount),
                     fields.String("gpu")};
  fields.Finish();
  return machine;
}

std::string ToString(const SuiteCell& cell) {
  return fmt::format("{}.{}.{}:{}", cell.task, cell.axis, cell.level, cell.episodes);
}

std::string ToString(const Shard& shard) { return fmt::format("{}/{}", shard.index, shard.count); }

json ToJson(const RunPictures& pictures) {
  json policy = json::array();
  for (const PolicyPictures& robot : pictures.policy) {
    policy.push_back(
        {{"robot", robot.robot}, {"cameras", robot.cameras}, {"height", robot.height}, {"width", robot.width}});
  }
  json value = {{"renderer", pictures.renderer}, {"report", ToString(pictures.report)}, {"policy", policy}};
  if (pictures.videos != RunVideos::kNone) value["videos"] = ToString(pictures.videos);
  if (!pictures.looks.empty()) value["looks"] = pictures.looks;
  return value;
}

json ToJson(const SimulatedLatency& latency) {
  return {{"milliseconds", latency.milliseconds}, {"steps", latency.Steps()}, {"play", ToString(latency.play)}};
}

void AddRunBlocks(const RunInfo& info, json& value) {
  if (!info.cells.empty()) {
    json cells = json::array();
    for (const SuiteCell& cell : info.cells) cells.push_back(ToString(cell));
    value["cells"] = cells;
  }
  if (info.shard) value["shard"] = {{"index", info.shard->index}, {"count", info.shard->count}};
  if (info.pictures) value["pictures"] = ToJson(*info.pictures);
  if (info.latency.milliseconds > 0) value["latency"] = ToJson(info.latency);
  if (!info.remote.empty()) value["remote"] = ParseJson(info.remote, "run.json: key 'remote'");
  if (!info.merged.empty()) {
    json merged = json::array();
    for (const MergedShard& shard : info.merged) {
      merged.push_back(
          {{"workers", shard.workers}, {"git_dirty", shard.git_dirty}, {"machine", ToJson(shard.machine)}});
    }
    value["merged"] = merged;
  }
}

void ReadRunBlocks(JsonFields& fields, RunInfo& info) {
  if (fields.Has("cells")) {
    for (const std::string& text : fields.Strings("cells")) info.cells.push_back(ReadCell(text, fields));
  }
  if (fields.Has("shard")) {
    JsonFields shard = fields.Object("shard");
    const int count = shard.Int("count", 1, kMostCount);
    info.shard = Shard{shard.Int("index", 1, count), count};
    shard.Finish();
  }
  if (fields.Has("pictures")) info.pictures = ReadPictures(fields.Object("pictures"));
  if (fields.Has("latency")) {
    JsonFields latency = fields.Object("latency");
    info.latency.milliseconds = latency.Int("milliseconds", 1, kMostLatency);
    info.latency.play = LatencyPlayNamed(latency.String("play"), latency.Where() + ": key 'play'");
    latency.Int("steps", info.latency.Steps(), info.latency.Steps());
    latency.Finish();
  }
  if (fields.Has("remote")) info.remote = fields.Object("remote").Json().dump();
  if (fields.Has("merged")) {
    for (const json& entry : fields.Array("merged")) {
      JsonFields shard(entry, fields.Where() + ": in 'merged'");
      info.merged.push_back(
          {shard.Int("workers", 1, kMostCount), shard.Bool("git_dirty"), ReadRunMachine(shard.Object("machine"))});
      shard.Finish();
    }
  }
  // What a person changed is for those that ask for it (ReadEdits); here it need only be well-formed.
  if (fields.Has("edited")) EditsFromJson(fields.Array("edited"), fields.Where());
}

}  // namespace divla
