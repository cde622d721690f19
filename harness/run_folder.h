// A run folder while it is written (design section 6). One object per run; the per-episode calls are thread-safe.
//
// Going on after a stop. Every finished episode is a durable journal line, written after its log and pictures, so a
// killed run loses at most the episodes in flight. A policy gets the open episodes of a group as one batch, so the
// group is the unit that repeats itself: a group with all its lines (and files) is finished; any other is run again as
// a whole. Its episodes that were journalled already are then compared with their lines: a difference is an error, never
// a second line. So a run that was killed at any moment ends with the bytes of one that was not: run.json (it stays as it
// was first written), episodes.jsonl, summary.json, the reports, logs/, frames/, videos/. Only journal.jsonl (order) and
// timing.jsonl (clock) differ.
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
#include "harness/records/records.h"
#include "harness/suite.h"
#include "sim/image.h"

namespace divla {

// Makes RUN, with parents. InputError when RUN exists and is not empty: nothing is ever
// overwritten. MachineError when the folder cannot be written.
std::filesystem::path CreateRunFolder(const std::filesystem::path& run);

// For going on: RUN with a run.json, or with no more than a run leaves that was killed before it had written one, or an
// empty or new folder. InputError for anything else.
std::filesystem::path ReopenRunFolder(const std::filesystem::path& run);

// Makes the first free of parent/STEM-1, parent/STEM-2, ... and returns it; two processes never get the same.
std::filesystem::path CreateNumberedRunFolder(const std::filesystem::path& parent, const std::string& stem);

// The pictures that a report shows of an episode; empty images are not written.
struct EpisodeFrames {
  Image first, last;
  std::vector<StripFrame> strip{};  // from within, on request
};

enum class RunStart { kNew, kResume };

class RunFolder {
 public:
  // `run` was made by one of the functions above. Takes the folder's lock (InputError when another process has it), makes
  // logs/ and frames/ inside and writes run.json at once. kResume: keeps a run.json that is there, after checking that
  // it is of the same run (harness/same_run.h) and shard, removes half-written files and reads the journal. Throws
  // InputError naming file, key, expected and found.
  RunFolder(std::filesystem::path run, const RunInfo& info, RunStart start = RunStart::kNew);

  const std::filesystem::path& Path() const { return run_; }
  const RunInfo& Info() const { return info_; }
  int Finished() const;  // episodes in the journal

  // The groups that are not finished, in order.
  std::vector<Group> Unfinished(const std::vector<Group>& groups) const;
  // Log and frames first, then the journal line, so that a line in the journal means that the rest is there. `seconds`:
  // wall time. An episode that is journalled already is compared instead: InputError when it came out otherwise.
  void Append(const EpisodeRecord& record, const EpisodeLog& log, const EpisodeFrames& frames, double seconds);
  // The records so far of these groups, in their order.
  std::vector<EpisodeRecord> Records(const std::vector<Group>& groups) const;
  // episodes.jsonl sorted by key, and summary.json, unless they hold these bytes already. Records in any order.
  void Finish(std::vector<EpisodeRecord> records, const RunSummary& summary);

 private:
  void ReadJournalled();
  bool HasFiles(const EpisodeRecord& record) const;

  std::filesystem::path run_;
  Journal journal_;
  RunInfo info_;
  mutable std::mutex mutex_;  // records_, timing_
  std::unique_ptr<LineFile> timing_;
  std::map<std::string, EpisodeRecord> records_;  // by ToString(key)
};

// One canonical line per record, sorted by key.
std::string EpisodeLines(std::vector<EpisodeRecord> records);

}  // namespace divla
