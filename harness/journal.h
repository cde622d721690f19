// journal.jsonl: one line per finished episode, in order of finishing, each durable before the next step. It is what a
// killed run leaves behind. A torn last line (power cut) is dropped when it is read; any other bad line is an
// InputError. Whoever writes it holds its lock, so it also says that a process is at work in the run folder.
#pragma once

#include <filesystem>
#include <mutex>
#include <vector>

#include "harness/file_write.h"
#include "harness/records/records.h"

namespace divla {

// Thread-safe.
class Journal {
 public:
  // Creates or continues the file: a torn last line is cut off. Throws InputError when another process holds its lock.
  explicit Journal(const std::filesystem::path& file);
  void Append(const EpisodeRecord& record);

 private:
  std::mutex mutex_;
  LineFile lines_;
};

std::vector<EpisodeRecord> ReadJournal(const std::filesystem::path& file);

}  // namespace divla
