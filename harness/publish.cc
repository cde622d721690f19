#include "harness/publish.h"

#include <fmt/format.h>

#include "harness/control_summary.h"
#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/log.h"
#include "harness/records.h"
#include "harness/run_folder.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

void CopyFile(const fs::path& from, const fs::path& to) { WriteFileAtomically(to, ReadTextFile(from)); }

}  // namespace

void PublishRun(const fs::path& run, const fs::path& out) {
  const RunInfo info = ReadRunInfo(run);
  if (!fs::exists(run / "summary.json") || ReadRunSummary(run).finished < info.episodes) {
    throw InputError(
        fmt::format("folder {}: expected a complete run of {} episodes, found one that was stopped; go on "
                    "with it (--resume) or give fewer --episodes",
                    run.string(), info.episodes));
  }
  const fs::path to = CreateRunFolder(out);
  fs::create_directory(to / "logs");
  for (const EpisodeRecord& record : ReadEpisodes(run)) {
    EpisodeLog log = ReadLog(LogPath(run, record.key));
    if (log.state_hashes.empty()) log = Compact(std::move(log));
    WriteFileAtomically(LogPath(to, record.key), EncodeLog(log));
  }
  for (const char* name : {"episodes.jsonl", "summary.json", "report.md"}) CopyFile(run / name, to / name);
  for (const ControlInfo& control : Controls()) {
    const fs::path part = ControlFolder(run, control.control);
    if (fs::exists(part)) PublishRun(part, ControlFolder(to, control.control));
  }
  if (fs::exists(run / "controls.json")) CopyFile(run / "controls.json", to / "controls.json");
  CopyFile(run / "run.json", to / "run.json");  // last: a folder without it is no run
}

}  // namespace divla
