#include "harness/journal.h"

#include <fmt/format.h>

#include "harness/canonical_json.h"
#include "harness/json_fields.h"
#include "sim/check.h"

namespace divla {

Journal::Journal(const std::filesystem::path& file) : lines_(file) {
  if (!lines_.TryLock()) {
    throw InputError(fmt::format(
        "file {}: expected no other process at work in this run folder, found one that holds it", file.string()));
  }
  lines_.CutTornLine();
}

void Journal::Append(const EpisodeRecord& record) {
  const std::string line = CanonicalJson(ToJson(record));
  const std::lock_guard lock(mutex_);
  lines_.Append(line);
}

std::vector<EpisodeRecord> ReadJournal(const std::filesystem::path& file) {
  const std::string text = ReadTextFile(file);
  std::vector<EpisodeRecord> records;
  std::size_t start = 0;
  for (int line = 1;; ++line) {
    const std::size_t end = text.find('\n', start);
    if (end == std::string::npos) return records;  // a line without its newline was never finished
    const std::string where = fmt::format("file {} line {}", file.string(), line);
    records.push_back(
        EpisodeRecordFromJson(ParseJson(std::string_view(text).substr(start, end - start), where), where));
    start = end + 1;
  }
}

}  // namespace divla
