#include "harness/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/canonical_json.h"
#include "harness/command_words.h"
#include "harness/control_summary.h"
#include "harness/episode_video.h"
#include "harness/file_write.h"
#include "harness/film_strip.h"
#include "harness/journal.h"
#include "harness/json_fields.h"
#include "harness/log.h"
#include "harness/report/report.h"
#include "harness/run_folder.h"
#include "harness/same_run.h"
#include "harness/suite.h"
#include "harness/summary.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

struct ShardRun {
  fs::path run;
  RunInfo info;
  std::map<std::string, EpisodeRecord> records;  // by ToString(key)
};

ShardRun ReadShard(const fs::path& run) {
  ShardRun shard{run, ReadRunInfo(run), {}};
  const std::string file = (run / "run.json").string();
  if (!shard.info.shard) {
    throw InputError(fmt::format("file {}: key 'shard': expected a shard (eval --shard I/N), found a whole run", file));
  }
  if (shard.info.cells.empty())
    throw InputError(fmt::format("file {}: key 'cells': expected the plan, found none", file));
  std::set<std::string> planned;
  for (const Group& group : GroupsOf(SuiteOf(shard.info), shard.info.shard)) {
    for (const EpisodeKey& key : KeysOf(group)) planned.insert(ToString(key));
  }
  // The journal is the whole truth also of a shard that was killed.
  const fs::path journal = run / "journal.jsonl";
  const bool killed = !fs::exists(run / "episodes.jsonl") && fs::exists(journal);
  for (EpisodeRecord& record : killed ? ReadJournal(journal) : ReadEpisodes(run)) {
    const std::string key = ToString(record.key);
    if (!planned.contains(key)) {
      throw InputError(fmt::format("file {}: key 'key': expected the episodes of shard {}/{}, found {}",
                                   (killed ? journal : run / "episodes.jsonl").string(), shard.info.shard->index,
                                   shard.info.shard->count, key));
    }
    shard.records.emplace(key, std::move(record));
  }
  return shard;
}

void RequireOneRun(const std::vector<ShardRun>& shards) {
  const ShardRun& first = shards.front();
  std::map<int, const ShardRun*> seen;
  for (const ShardRun& shard : shards) {
    const fs::path file = shard.run / "run.json";
    if (shard.info.shard->count != first.info.shard->count) {
      throw InputError(fmt::format("file {}: key 'shard.count': expected {} as in {}, found {}", file.string(),
                                   first.info.shard->count, first.run.string(), shard.info.shard->count));
    }
    RequireSameRun(file, first.info, shard.info, "as in " + first.run.string());
    const auto [known, is_new] = seen.emplace(shard.info.shard->index, &shard);
    if (!is_new) {
      throw InputError(fmt::format("file {}: key 'shard.index': expected another shard than that of {}, found {} too",
                                   file.string(), known->second->run.string(), shard.info.shard->index));
    }
  }
}

std::string FolderOf(const fs::path& run) {
  const std::string text = run.string();
  return text.size() > 1 && text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

// The words that made a run: with another folder, and with the control if it was not among them.
std::vector<std::string> WordsFor(const ShardRun& plain, const std::string& folder, const std::string& control) {
  std::vector<std::string> words = WithOption(plain.info.command, "--out", folder);
  const bool named = std::find(words.begin(), words.end(), control) != words.end() ||
                     std::find(words.begin(), words.end(), "all") != words.end();
  if (!control.empty() && !named) words.insert(words.end(), {"--control", control});
  return words;
}

// What `part` lacks, the plain run's shards or a control's; `plain` are the plain ones, whose commands make both.
std::vector<MissingShard> FindMissing(const std::vector<ShardRun>& part, const std::vector<ShardRun>& plain,
                                      const std::string& control) {
  const ShardRun& first = plain.front();
  const auto find = [](const std::vector<ShardRun>& shards, const Shard& wanted) {
    return std::find_if(shards.begin(), shards.end(), [&](const ShardRun& one) { return one.info.shard == wanted; });
  };
  std::vector<MissingShard> missing;
  for (int index = 1; index <= first.info.shard->count; ++index) {
    const Shard wanted{index, first.info.shard->count};
    const int planned = CountEpisodes(GroupsOf(SuiteOf(first.info), wanted));
    const auto there = find(part, wanted), made = find(plain, wanted);
    if (there != part.end() && static_cast<int>(there->records.size()) == planned &&
        fs::exists(there->run / "episodes.jsonl")) {
      continue;
    }
    MissingShard gap{wanted, control, planned, "", ""};
    if (there != part.end()) {
      gap.episodes = planned - static_cast<int>(there->records.size());
      gap.folder = there->run.string();
    }
    if (made != plain.end()) {
      gap.command = ShellCommand(WithFlag(WordsFor(*made, FolderOf(made->run), control), "--resume"));
    } else {
      const fs::path folder =
          fs::path(FolderOf(first.run)).parent_path() / fmt::format("shard-{}-of-{}", index, wanted.count);
      gap.command = ShellCommand(
          WithOption(WordsFor(first, folder.string(), control), "--shard", fmt::format("{}/{}", index, wanted.count)));
    }
    missing.push_back(gap);
  }
  return missing;
}

std::string ReadIfThere(const fs::path& file) { return fs::exists(file) ? ReadTextFile(file) : std::string(); }

// The files of one episode, its log read once so that a damaged one does not go on.
void CopyEpisode(const ShardRun& shard, const EpisodeRecord& record, const fs::path& out) {
  const fs::path log = LogPath(shard.run, record.key);
  if (fs::is_directory(shard.run / "logs")) {
    const std::string bytes = ReadTextFile(log);
    const EpisodeLog decoded = DecodeLog(std::as_bytes(std::span(bytes)), "file " + log.string());
    const std::string hash = HashHex(decoded.actions.data(), decoded.actions.size() * sizeof(float));
    if (decoded.key != record.key || hash != record.hash.actions) {
      throw InputError(fmt::format("file {}: expected the log of {} with actions of hash {}, found that of {} with {}",
                                   log.string(), ToString(record.key), record.hash.actions, ToString(decoded.key),
                                   hash));
    }
    WriteFileAtomically(LogPath(out, record.key), bytes);
  }
  if (!shard.info.pictures) return;
  if (KeepsVideo(shard.info.pictures->videos, record)) {
    WriteFileAtomically(VideoPath(out, record.key), ReadTextFile(VideoPath(shard.run, record.key)));
  }
  if (shard.info.pictures->report == ReportFrames::kNone) return;
  WriteFileAtomically(FirstFramePath(out, record.key), ReadTextFile(FirstFramePath(shard.run, record.key)));
  WriteFileAtomically(LastFramePath(out, record.key), ReadTextFile(LastFramePath(shard.run, record.key)));
  if (shard.info.pictures->report != ReportFrames::kStrip) return;
  for (const int step : StripSteps(record.steps)) {
    WriteFileAtomically(StripFramePath(out, record.key, step),
                        ReadTextFile(StripFramePath(shard.run, record.key, step)));
  }
}

// `out`: the folder of the merged plain run, for a control too: that is what its command makes.
RunInfo MergedInfo(const std::vector<ShardRun>& shards, const fs::path& out) {
  RunInfo info = shards.front().info;
  info.shard.reset();
  info.episodes = CountEpisodes(MakeGroups(SuiteOf(info)));
  info.command = WithOption(WithoutOption(info.command, "--shard"), "--out", out.string());
  for (const ShardRun& shard : shards) {
    info.merged.push_back({shard.info.workers, shard.info.versions.git_dirty, shard.info.machine});
    info.versions.git_dirty = info.versions.git_dirty || shard.info.versions.git_dirty;
  }
  return info;
}

// Reads the shards of a plain run or a control, in their order. Throws when they are not of one run.
std::vector<ShardRun> ReadShards(const std::vector<fs::path>& runs) {
  std::vector<ShardRun> shards;
  for (const fs::path& run : runs) shards.push_back(ReadShard(run));
  std::sort(shards.begin(), shards.end(),
            [](const ShardRun& a, const ShardRun& b) { return a.info.shard->index < b.info.shard->index; });
  RequireOneRun(shards);
  return shards;
}

// Everything of a complete part but its reports, into `folder`. Returns its records, sorted.
std::vector<EpisodeRecord> WritePart(const std::vector<ShardRun>& shards, const RunInfo& info, const fs::path& folder,
                                     RunSummary& summary) {
  RunFolder merged(folder, info);
  const std::vector<Group> groups = MakeGroups(SuiteOf(info));
  std::vector<EpisodeRecord> records;
  std::string journal, timing;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const ShardRun& shard = shards[i % shards.size()];
    for (const EpisodeKey& key : KeysOf(groups[i])) {
      const EpisodeRecord& record = shard.records.at(ToString(key));
      CopyEpisode(shard, record, folder);
      journal += CanonicalJson(ToJson(record)) + "\n";
      records.push_back(record);
    }
  }
  summary = Summarize(info, records, SuiteOf(info).Order(), false);
  merged.Finish(records, summary);
  for (const ShardRun& shard : shards) timing += ReadIfThere(shard.run / "timing.jsonl");
  WriteFileAtomically(folder / "timing.jsonl", timing);
  WriteFileAtomically(folder / "journal.jsonl", journal);
  std::sort(records.begin(), records.end(),
            [](const EpisodeRecord& a, const EpisodeRecord& b) { return KeyLess(a.key, b.key); });
  return records;
}

}  // namespace

MergeResult MergeRuns(const std::vector<fs::path>& runs, const fs::path& out) {
  DIVLA_CHECK(!runs.empty(), "at least one shard");
  const std::vector<ShardRun> plain = ReadShards(runs);
  MergeResult result;
  result.missing = FindMissing(plain, plain, "");
  std::vector<std::pair<Control, std::vector<ShardRun>>> controls;
  for (const ControlInfo& control : Controls()) {
    std::vector<fs::path> parts;
    for (const fs::path& run : runs) {
      if (fs::exists(ControlFolder(run, control.control) / "run.json")) {
        parts.push_back(ControlFolder(run, control.control));
      }
    }
    if (parts.empty()) continue;
    std::vector<ShardRun> shards = ReadShards(parts);
    const std::vector<MissingShard> missing = FindMissing(shards, plain, control.name);
    result.missing.insert(result.missing.end(), missing.begin(), missing.end());
    controls.emplace_back(control.control, std::move(shards));
  }
  if (!result.missing.empty()) return result;

  const fs::path target = FolderOf(out);
  std::error_code error;
  CreateRunFolder(target);  // refuses what is not empty
  fs::remove(target, error);
  const fs::path folder = target.string() + ".merging";
  fs::remove_all(folder, error);
  CreateRunFolder(folder);
  result.info = MergedInfo(plain, out);
  const std::vector<EpisodeRecord> records = WritePart(plain, result.info, folder, result.summary);
  for (const auto& [control, shards] : controls) {
    const fs::path part = CreateRunFolder(ControlFolder(folder, control));
    const RunInfo info = MergedInfo(shards, out);
    RunSummary summary;
    const std::vector<EpisodeRecord> played = WritePart(shards, info, part, summary);
    WriteReports(part, info, played, summary);
  }
  result.controls = WriteReports(folder, result.info, records, result.summary);
  fs::rename(folder, target, error);
  if (error) {
    throw MachineError(
        fmt::format("folder {}: cannot be renamed to {}: {}", folder.string(), target.string(), error.message()));
  }
  return result;
}

}  // namespace divla
