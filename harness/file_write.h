// Files that are either the old ones or complete: temporary file, fsync, rename. Thread-safe for different paths.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace divla {

// Ends the name of a file that is being written; one that a killed process left behind may be removed.
inline constexpr const char* kTemporarySuffix = ".tmp";

// Throws MachineError naming the file and the reason; the old file is then untouched.
void WriteFileAtomically(const std::filesystem::path& file, std::span<const std::byte> bytes);
void WriteFileAtomically(const std::filesystem::path& file, std::string_view text);
// Leaves a file alone that holds these bytes already.
void WriteFileIfChanged(const std::filesystem::path& file, std::string_view text);

// An append-only text file, one write and one fsync a line, so that a killed run keeps every finished line. A line that
// cannot be written whole (disk full) is taken back and ends the file's use: later lines are refused too. Not
// thread-safe.
class LineFile {
 public:
  explicit LineFile(const std::filesystem::path& file);  // creates or continues it; MachineError when that fails
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // False when another process holds the lock of this file. The kernel releases it when its holder ends, in whatever
  // way. True without a lock where the file system has none.
  bool TryLock();
  // Cuts off what stands behind the last newline: a line that was never finished. Call it before the first Append, with
  // the lock.
  void CutTornLine();
  void Append(std::string_view line);  // without its newline

 private:
  std::filesystem::path file_;
  int descriptor_{-1};
  bool broken_{};
};

// A seam for tests: called before each step that changes the disk ("create", "write", "write half", "sync", "rename",
// "sync folder"), so that a test can end the process exactly there. With a hook, every write is done in two halves.
using DiskStepHook = void (*)(const char* step, const std::filesystem::path& file);
void SetDiskStepHook(DiskStepHook hook);

}  // namespace divla
