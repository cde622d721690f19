// Files of the policy folder: read whole, map, and write so that a reader sees the old file or the complete new one.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace divla {

// Throws InputError when the file cannot be read.
std::string ReadFile(const std::string& path);

// A read-only memory mapping. Bytes stay valid (also after a move) until destruction. Thread-safe to read.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);  // throws InputError when the file cannot be opened or mapped
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::span<const std::byte> Bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

// Collects output in "PATH.tmp"; Commit() makes it durable (fsync) and renames it to PATH. Without Commit() the
// temporary file is removed. Throws MachineError when something cannot be written. Not thread-safe.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void Write(std::span<const std::byte> bytes);
  void Write(std::string_view text) { Write(std::as_bytes(std::span(text))); }
  void Commit();

 private:
  void Flush();
  void WriteThrough(std::string_view text);
  [[noreturn]] void Fail(const std::string& what) const;

  std::string path_;
  std::string temporary_;
  std::string buffer_;  // small writes are joined
  int descriptor_{-1};
};

// AtomicFile in one call.
void WriteFile(const std::string& path, std::string_view content);

}  // namespace divla
