#include "harness/file_write.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/check.h"

namespace divla {
namespace {

std::atomic<DiskStepHook> hook{nullptr};

void Step(const char* step, const std::filesystem::path& file) {
  if (const DiskStepHook call = hook) call(step, file);
}

[[noreturn]] void Fail(const std::filesystem::path& file, const char* what, int error) {
  throw MachineError(fmt::format("file {}: cannot {}: {}", file.string(), what, std::strerror(error)));
}

void WritePart(int descriptor, const std::filesystem::path& file, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      Fail(file, "write", errno);
    }
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

void WriteAll(int descriptor, const std::filesystem::path& file, const char* data, std::size_t size) {
  Step("write", file);
  if (hook != nullptr) {
    const std::size_t half = size / 2;
    WritePart(descriptor, file, data, half);
    Step("write half", file);
    return WritePart(descriptor, file, data + half, size - half);
  }
  WritePart(descriptor, file, data, size);
}

void Sync(int descriptor, const std::filesystem::path& file) {
  Step("sync", file);
  // Not every kind of file can be synced (a pipe, /dev/null): then there is nothing to make durable.
  if (::fsync(descriptor) != 0 && errno != EINVAL) Fail(file, "be made durable", errno);
}

// Makes a new name durable. Some file systems refuse to sync folders; the data itself is already safe then.
void SyncFolder(const std::filesystem::path& folder) {
  Step("sync folder", folder);
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

void SetDiskStepHook(DiskStepHook call) { hook = call; }

void WriteFileAtomically(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  const std::filesystem::path temporary = file.string() + kTemporarySuffix;
  Step("create", temporary);
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) Fail(temporary, "be created", errno);
  try {
    WriteAll(descriptor, temporary, reinterpret_cast<const char*>(bytes.data()), bytes.size());
    Sync(descriptor, temporary);
  } catch (...) {
    ::close(descriptor);
    ::unlink(temporary.c_str());
    throw;
  }
  const int closed = ::close(descriptor);
  if (closed == 0) Step("rename", file);
  if (closed != 0 || ::rename(temporary.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    Fail(file, closed != 0 ? "be closed" : "be renamed into place", error);
  }
  SyncFolder(file.parent_path());
}

void WriteFileAtomically(const std::filesystem::path& file, std::string_view text) {
  WriteFileAtomically(file, std::as_bytes(std::span(text)));
}

void WriteFileIfChanged(const std::filesystem::path& file, std::string_view text) {
  std::error_code error;
  if (std::filesystem::file_size(file, error) == text.size() && !error) {
    std::ifstream stream(file, std::ios::binary);
    const std::string old{std::istreambuf_iterator<char>(stream), {}};
    if (stream && old == text) return;
  }
  WriteFileAtomically(file, text);
}

LineFile::LineFile(const std::filesystem::path& file) : file_(file) {
  Step("create", file_);
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) Fail(file_, "be opened for appending", errno);
}

LineFile::~LineFile() { ::close(descriptor_); }

bool LineFile::TryLock() {
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return true;
  }
  return true;
}

void LineFile::CutTornLine() {
  const off_t size = ::lseek(descriptor_, 0, SEEK_END);
  if (size < 0) Fail(file_, "be measured", errno);
  off_t keep = size;
  char last = '\0';
  for (; keep > 0; --keep) {
    if (::pread(descriptor_, &last, 1, keep - 1) != 1) Fail(file_, "be read", errno);
    if (last == '\n') break;
  }
  if (keep == size) return;
  Step("cut", file_);
  if (::ftruncate(descriptor_, keep) != 0) Fail(file_, "be cut after its last line", errno);
}

void LineFile::Append(std::string_view line) {
  DIVLA_CHECK(line.find('\n') == std::string_view::npos, "one line at a time");
  if (broken_) throw MachineError(fmt::format("file {}: cannot be continued after a failed write", file_.string()));
  const off_t end = ::lseek(descriptor_, 0, SEEK_END);
  std::string text(line);
  text += '\n';
  try {
    WriteAll(descriptor_, file_, text.data(), text.size());
    Sync(descriptor_, file_);
  } catch (...) {
    // Half a line must not become the beginning of the next one.
    broken_ = true;
    if (end >= 0 && ::ftruncate(descriptor_, end) != 0) errno = 0;
    throw;
  }
}

}  // namespace divla
