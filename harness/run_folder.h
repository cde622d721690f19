// A run folder while it is written (design section 6). One object per run; the per-episode calls are thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "harness/film_strip.h"
#include "harness/journal.h"
#include "harness/log.h"
#include "harness/records.h"
#include "sim/image.h"

namespace divla {

// Makes RUN, with parents. InputError when RUN exists and is not empty: nothing is ever
// overwritten. MachineError when the folder cannot be written.
std::filesystem::path CreateRunFolder(const std::filesystem::path& run);

// Makes the first free of parent/STEM-1, parent/STEM-2, ... and returns it; two processes never get the same.
std::filesystem::path CreateNumberedRunFolder(const std::filesystem::path& parent, const std::string& stem);

// The pictures that a report shows of an episode; empty images are not written.
struct EpisodeFrames {
  Image first, last;
  std::vector<StripFrame> strip{};  // from within, on request
};

class RunFolder {
 public:
  // `run` was made by one of the functions above. Makes logs/ and frames/ inside and writes run.json at once.
  RunFolder(std::filesystem::path run, const RunInfo& info);

  const std::filesystem::path& Path() const { return run_; }
  void WriteInfo(const RunInfo& info);
  // Log and frames first, then the journal line, so that a line in the journal means that the rest is there. `seconds`:
  // wall time.
  void Append(const EpisodeRecord& record, const EpisodeLog& log, const EpisodeFrames& frames, double seconds);
  // episodes.jsonl sorted by key, and summary.json. Records in any order.
  void Finish(std::vector<EpisodeRecord> records, const RunSummary& summary);

 private:
  std::filesystem::path run_;
  Journal journal_;
  std::mutex timing_mutex_;
  LineFile timing_;
};

// One canonical line per record, sorted by key.
std::string EpisodeLines(std::vector<EpisodeRecord> records);

}  // namespace divla
