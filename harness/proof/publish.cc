#include "harness/proof/publish.h"

#include <fmt/format.h>

#include "harness/control_summary.h"
#include "harness/edits.h"
#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/log.h"
#include "harness/records/records.h"
#include "harness/run_folder.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

void CopyFile(const fs::path& from, const fs::path& to) { WriteFileAtomically(to, ReadTextFile(from)); }

// The run and its controls.
std::vector<fs::path> PartsOf(const fs::path& run) {
  std::vector<fs::path> parts{""};
  for (const ControlInfo& control : Controls()) {
    const fs::path part = ControlFolder("", control.control);
    if (fs::exists(run / part)) parts.push_back(part);
  }
  return parts;
}

void RequireComplete(const fs::path& run) {
  const RunInfo info = ReadRunInfo(run);
  RequireUnedited(run);
  if (fs::exists(run / "summary.json") && ReadRunSummary(run).finished == info.episodes) return;
  throw InputError(
      fmt::format("folder {}: expected a complete run of {} episodes, found one that was stopped; go on "
                  "with it (--resume) or give fewer --episodes",
                  run.string(), info.episodes));
}

void PublishPart(const fs::path& run, const fs::path& to) {
  if (fs::is_directory(run / "logs")) {
    fs::create_directory(to / "logs");
    for (const EpisodeRecord& record : ReadEpisodes(run)) {
      EpisodeLog log = ReadLog(LogPath(run, record.key));
      if (log.state_hashes.empty()) log = Compact(std::move(log));
      WriteFileAtomically(LogPath(to, record.key), EncodeLog(log));
    }
  }
  for (const char* name : {"run.json", "episodes.jsonl", "summary.json", "report.md", "controls.json"}) {
    if (fs::exists(run / name)) CopyFile(run / name, to / name);
  }
}

}  // namespace

void PublishRun(const fs::path& run, const fs::path& out) {
  const std::vector<fs::path> parts = PartsOf(run);
  for (const fs::path& part : parts) RequireComplete(run / part);
  const fs::path target = CreateRunFolder(out);  // refuses what is not empty
  fs::path folder = target;
  folder += ".publishing";
  fs::remove_all(folder);
  for (const fs::path& part : parts) PublishPart(run / part, CreateRunFolder(folder / part));
  fs::remove(target);
  fs::rename(folder, target);
}

}  // namespace divla
