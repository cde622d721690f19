// Files that are either the old ones or complete: temporary file, fsync, rename. Thread-safe for different paths.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace divla {

// Throws MachineError naming the file and the reason.
void WriteFileAtomically(const std::filesystem::path& file, std::span<const std::byte> bytes);
void WriteFileAtomically(const std::filesystem::path& file, std::string_view text);

// An append-only text file, one write and one fsync a line, so that a killed run keeps every finished line.
class LineFile {
 public:
  explicit LineFile(const std::filesystem::path& file);  // creates or continues it; MachineError when that fails
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  void Append(std::string_view line);  // without its newline

 private:
  std::filesystem::path file_;
  int descriptor_{-1};
};

}  // namespace divla
