#include "harness/records/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "harness/json_fields.h"

namespace divla {
namespace {

std::filesystem::path Named(const std::filesystem::path& run, const char* folder, const EpisodeKey& key,
                            const char* suffix) {
  return run / folder / (ToString(key) + suffix);
}

}  // namespace

std::filesystem::path LogPath(const std::filesystem::path& run, const EpisodeKey& key) {
  return Named(run, "logs", key, ".bin");
}
std::filesystem::path FirstFramePath(const std::filesystem::path& run, const EpisodeKey& key) {
  return Named(run, "frames", key, ".first.png");
}
std::filesystem::path LastFramePath(const std::filesystem::path& run, const EpisodeKey& key) {
  return Named(run, "frames", key, ".last.png");
}

RunInfo ReadRunInfo(const std::filesystem::path& run) {
  const auto file = run / "run.json";
  const std::string where = "file " + file.string();
  return RunInfoFromJson(ParseJson(ReadTextFile(file), where), where);
}

RunSummary ReadRunSummary(const std::filesystem::path& run) {
  const auto file = run / "summary.json";
  const std::string where = "file " + file.string();
  return RunSummaryFromJson(ParseJson(ReadTextFile(file), where), where);
}

std::vector<EpisodeRecord> ReadEpisodes(const std::filesystem::path& run) {
  const auto file = run / "episodes.jsonl";
  const std::string text = ReadTextFile(file);
  std::vector<EpisodeRecord> records;
  std::size_t start = 0;
  for (int line = 1; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string where = fmt::format("file {} line {}", file.string(), line);
    records.push_back(
        EpisodeRecordFromJson(ParseJson(std::string_view(text).substr(start, end - start), where), where));
    start = end + 1;
  }
  return records;
}

}  // namespace divla
