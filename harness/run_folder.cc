#include "harness/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/canonical_json.h"
#include "harness/episode_video.h"
#include "harness/report/png.h"
#include "harness/run_blocks.h"
#include "harness/same_run.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// True when the folder was made, false when it was there already.
bool MakeFolder(const fs::path& folder) {
  std::error_code error;
  const bool made = fs::create_directories(folder, error);
  if (error) throw MachineError(fmt::format("folder {}: cannot be made: {}", folder.string(), error.message()));
  return made;
}

std::string Pretty(const nlohmann::json& json) { return json.dump(2) + "\n"; }

std::vector<fs::path> Entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    entries.push_back(entry->path());
  }
  if (error) throw MachineError(fmt::format("folder {}: cannot be read: {}", folder.string(), error.message()));
  return entries;
}

void RequireFolder(const fs::path& run, const char* expected) {
  std::error_code error;
  if (fs::exists(run, error) && !fs::is_directory(run, error)) {
    throw InputError(fmt::format("--out {}: expected {}, found a file", run.string(), expected));
  }
}

// What a killed process was writing.
void RemoveTemporary(const fs::path& folder) {
  for (const fs::path& entry : Entries(folder)) {
    std::error_code error;
    if (entry.extension() == kTemporarySuffix) fs::remove(entry, error);
  }
}

// The first place where two records differ, for a message: "hash.actions: expected x, found y".
std::string Difference(const EpisodeRecord& expected, const EpisodeRecord& found) {
  const nlohmann::json a = ToJson(expected).flatten(), b = ToJson(found).flatten();
  for (const auto& [key, value] : a.items()) {
    if (b.contains(key) && b[key] == value) continue;
    std::string name = key.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    return fmt::format("key '{}': expected {}, found {}", name, value.dump(), b.contains(key) ? b[key].dump() : "none");
  }
  return "expected no more keys, found some";
}

}  // namespace

fs::path CreateRunFolder(const fs::path& run) {
  RequireFolder(run, "a new or empty folder");
  if (!MakeFolder(run)) {
    if (const std::size_t count = Entries(run).size(); count > 0) {
      const bool is_run = fs::exists(run / "run.json") || fs::exists(run / "journal.jsonl");
      throw InputError(fmt::format("--out {}: expected a new or empty folder, found {} entries{}", run.string(), count,
                                   is_run ? " (of a run: --resume goes on with it)" : ""));
    }
  }
  return run;
}

fs::path ReopenRunFolder(const fs::path& run) {
  RequireFolder(run, "a run folder to go on with");
  if (MakeFolder(run) || fs::exists(run / "run.json")) return run;
  // A run that was killed before it had written run.json leaves these, and nothing in them.
  const std::set<std::string> own{"journal.jsonl", "timing.jsonl", "logs", "frames", "videos", "run.json.tmp"};
  for (const fs::path& entry : Entries(run)) {
    std::error_code error;
    const bool bare = entry.extension() == kTemporarySuffix || fs::is_empty(entry, error);
    if (own.contains(entry.filename().string()) && bare) continue;
    throw InputError(fmt::format("--resume --out {}: expected a run folder with its run.json, found none, but {}",
                                 run.string(), entry.filename().string()));
  }
  return run;
}

fs::path CreateNumberedRunFolder(const fs::path& parent, const std::string& stem) {
  MakeFolder(parent);
  for (int n = 1;; ++n) {
    const fs::path run = parent / fmt::format("{}-{}", stem, n);
    // create_directory tells whether we made it, so a second process goes on to the next number.
    if (MakeFolder(run)) return run;
  }
}

RunFolder::RunFolder(fs::path run, const RunInfo& info, RunStart start)
    : run_(std::move(run)), journal_(run_ / "journal.jsonl"), info_(info) {
  const fs::path file = run_ / "run.json";
  const bool there = fs::exists(file);
  if (there && start == RunStart::kNew) {  // another process was quicker since the folder was found empty
    throw InputError(fmt::format("--out {}: expected a new or empty folder, found a run.json", run_.string()));
  }
  MakeFolder(run_ / "logs");
  MakeFolder(run_ / "frames");
  const bool videos = info.pictures && info.pictures->videos != RunVideos::kNone;
  if (videos) MakeFolder(VideoFolder(run_));
  if (there) {
    info_ = ReadRunInfo(run_);
    const std::string as = "as in the run that is there";
    RequireSameRun(file, info_, info, as);
    RequireSameMachine(file, info_, info, as);
    if (info_.shard != info.shard) {
      const auto name = [](const RunInfo& of) { return of.shard ? ToString(*of.shard) : std::string("none"); };
      throw InputError(
          fmt::format("file {}: key 'shard': expected {} {}, found {}", file.string(), name(info_), as, name(info)));
    }
  } else {
    WriteFileAtomically(file, Pretty(ToJson(info_)));
  }
  if (start == RunStart::kResume) {
    for (const fs::path& folder : {run_, run_ / "logs", run_ / "frames"}) RemoveTemporary(folder);
    if (videos) RemoveTemporary(VideoFolder(run_));
    ReadJournalled();
  }
  timing_ = std::make_unique<LineFile>(run_ / "timing.jsonl");
  timing_->CutTornLine();
}

void RunFolder::ReadJournalled() {
  const fs::path file = run_ / "journal.jsonl";
  std::set<std::string> planned;
  for (const Group& group : GroupsOf(SuiteOf(info_), info_.shard)) {
    for (const EpisodeKey& key : KeysOf(group)) planned.insert(ToString(key));
  }
  int line = 0;
  for (EpisodeRecord& record : ReadJournal(file)) {
    const std::string where = fmt::format("file {} line {}", file.string(), ++line);
    const std::string key = ToString(record.key);
    if (!planned.contains(key) || record.seed != info_.seed) {
      throw InputError(
          fmt::format("{}: key 'key': expected an episode of this run, found {} (seed {})", where, key, record.seed));
    }
    const auto [known, is_new] = records_.emplace(key, record);
    if (!is_new && CanonicalJson(ToJson(known->second)) != CanonicalJson(ToJson(record))) {
      throw InputError(
          fmt::format("{}: episode {} stands there twice: {}", where, key, Difference(known->second, record)));
    }
  }
}

int RunFolder::Finished() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(records_.size());
}

bool RunFolder::HasFiles(const EpisodeRecord& record) const {
  const EpisodeKey& key = record.key;
  std::error_code error;
  if (!fs::exists(LogPath(run_, key), error)) return false;
  if (!info_.pictures) return true;
  if (KeepsVideo(info_.pictures->videos, record) && !fs::exists(VideoPath(run_, key), error)) return false;
  if (info_.pictures->report == ReportFrames::kNone) return true;
  if (info_.pictures->report == ReportFrames::kStrip) {
    for (const int step : StripSteps(record.steps)) {
      if (!fs::exists(StripFramePath(run_, key, step), error)) return false;
    }
  }
  return fs::exists(FirstFramePath(run_, key), error) && fs::exists(LastFramePath(run_, key), error);
}

std::vector<Group> RunFolder::Unfinished(const std::vector<Group>& groups) const {
  const std::lock_guard lock(mutex_);
  std::vector<Group> unfinished;
  for (const Group& group : groups) {
    const std::vector<EpisodeKey> keys = KeysOf(group);
    const bool finished = std::all_of(keys.begin(), keys.end(), [&](const EpisodeKey& key) {
      const auto record = records_.find(ToString(key));
      return record != records_.end() && HasFiles(record->second);
    });
    if (!finished) unfinished.push_back(group);
  }
  return unfinished;
}

void RunFolder::Append(const EpisodeRecord& record, const EpisodeLog& log, const EpisodeFrames& frames,
                       double seconds) {
  const std::string key = ToString(record.key);
  const EpisodeRecord* before = nullptr;  // entries are never changed, and a map does not move them
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = records_.find(key); known != records_.end()) before = &known->second;
  }
  if (before != nullptr && CanonicalJson(ToJson(*before)) != CanonicalJson(ToJson(record))) {
    throw InputError(fmt::format(
        "file {}: episode {} came out otherwise when its group was run again: {}: the policy or this machine does not "
        "repeat itself",
        (run_ / "journal.jsonl").string(), key, Difference(*before, record)));
  }
  const auto write = [&](const fs::path& file, std::span<const std::byte> bytes) {
    if (before == nullptr || !fs::exists(file)) WriteFileAtomically(file, bytes);
  };
  write(LogPath(run_, record.key), EncodeLog(log));
  if (frames.first.height > 0) write(FirstFramePath(run_, record.key), EncodePng(frames.first));
  if (frames.last.height > 0) write(LastFramePath(run_, record.key), EncodePng(frames.last));
  for (const StripFrame& frame : frames.strip) {
    write(StripFramePath(run_, record.key, frame.step), EncodePng(HalfSize(frame.image)));
  }
  if (before == nullptr) journal_.Append(record);
  const std::lock_guard lock(mutex_);
  records_.emplace(key, record);
  timing_->Append(CanonicalJson({{"key", key}, {"wall_seconds", seconds}}));
}

std::vector<EpisodeRecord> RunFolder::Records(const std::vector<Group>& groups) const {
  const std::lock_guard lock(mutex_);
  std::vector<EpisodeRecord> records;
  for (const Group& group : groups) {
    for (const EpisodeKey& key : KeysOf(group)) {
      if (const auto found = records_.find(ToString(key)); found != records_.end()) records.push_back(found->second);
    }
  }
  return records;
}

std::string EpisodeLines(std::vector<EpisodeRecord> records) {
  std::sort(records.begin(), records.end(),
            [](const EpisodeRecord& a, const EpisodeRecord& b) { return KeyLess(a.key, b.key); });
  std::string lines;
  for (const EpisodeRecord& record : records) lines += CanonicalJson(ToJson(record)) + "\n";
  return lines;
}

void RunFolder::Finish(std::vector<EpisodeRecord> records, const RunSummary& summary) {
  WriteFileIfChanged(run_ / "episodes.jsonl", EpisodeLines(std::move(records)));
  WriteFileIfChanged(run_ / "summary.json", Pretty(ToJson(summary)));
}

}  // namespace divla
