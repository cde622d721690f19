#include "harness/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/canonical_json.h"
#include "harness/report/png.h"
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

fs::path WithSubfolders(fs::path run) {
  MakeFolder(run / "logs");
  MakeFolder(run / "frames");
  return run;
}

std::string Pretty(const nlohmann::json& json) { return json.dump(2) + "\n"; }

}  // namespace

fs::path CreateRunFolder(const fs::path& run) {
  std::error_code error;
  if (fs::exists(run, error) && !fs::is_directory(run, error)) {
    throw InputError(fmt::format("--out {}: expected a new or empty folder, found a file", run.string()));
  }
  if (!MakeFolder(run)) {
    const auto entries = fs::directory_iterator(run, error);
    if (error) throw MachineError(fmt::format("folder {}: cannot be read: {}", run.string(), error.message()));
    const auto count = std::distance(fs::begin(entries), fs::end(entries));
    if (count > 0) {
      throw InputError(fmt::format("--out {}: expected a new or empty folder, found {} entries", run.string(), count));
    }
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

RunFolder::RunFolder(fs::path run, const RunInfo& info)
    : run_(WithSubfolders(std::move(run))), journal_(run_ / "journal.jsonl"), timing_(run_ / "timing.jsonl") {
  WriteInfo(info);
}

void RunFolder::WriteInfo(const RunInfo& info) { WriteFileAtomically(run_ / "run.json", Pretty(ToJson(info))); }

void RunFolder::Append(const EpisodeRecord& record, const EpisodeLog& log, const EpisodeFrames& frames,
                       double seconds) {
  WriteFileAtomically(LogPath(run_, record.key), EncodeLog(log));
  if (frames.first.height > 0) WriteFileAtomically(FirstFramePath(run_, record.key), EncodePng(frames.first));
  if (frames.last.height > 0) WriteFileAtomically(LastFramePath(run_, record.key), EncodePng(frames.last));
  for (const StripFrame& frame : frames.strip) {
    WriteFileAtomically(StripFramePath(run_, record.key, frame.step), EncodePng(HalfSize(frame.image)));
  }
  journal_.Append(record);
  const std::lock_guard lock(timing_mutex_);
  timing_.Append(CanonicalJson({{"key", ToString(record.key)}, {"wall_seconds", seconds}}));
}

std::string EpisodeLines(std::vector<EpisodeRecord> records) {
  std::sort(records.begin(), records.end(),
            [](const EpisodeRecord& a, const EpisodeRecord& b) { return KeyLess(a.key, b.key); });
  std::string lines;
  for (const EpisodeRecord& record : records) lines += CanonicalJson(ToJson(record)) + "\n";
  return lines;
}

void RunFolder::Finish(std::vector<EpisodeRecord> records, const RunSummary& summary) {
  WriteFileAtomically(run_ / "episodes.jsonl", EpisodeLines(std::move(records)));
  WriteFileAtomically(run_ / "summary.json", Pretty(ToJson(summary)));
}

}  // namespace divla
