#include "policy/file_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "sim/check.h"

namespace divla {
namespace {

constexpr std::size_t kBufferSize = 1 << 20;  // bytes

}  // namespace

std::string ReadFile(const std::string& path) {
  const MappedFile file(path);
  return {reinterpret_cast<const char*>(file.Bytes().data()), file.Bytes().size()};
}

MappedFile::MappedFile(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw InputError(fmt::format("file {}: cannot be opened: {}", path, std::strerror(errno)));
  struct stat info {};
  const bool known = fstat(descriptor, &info) == 0;
  if (!known || !S_ISREG(info.st_mode)) {
    close(descriptor);
    throw InputError(fmt::format("file {}: expected a regular file", path));
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > 0) {  // an empty mapping is an error for mmap, but not for us
    void* start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (start == MAP_FAILED) {
      const int error = errno;
      close(descriptor);
      throw InputError(fmt::format("file {}: cannot be mapped: {}", path, std::strerror(error)));
    }
    // Reading gigabytes of weights for each token is bound by address translation in small pages. Where the file system
    // has no large ones this does nothing.
    madvise(start, size, MADV_HUGEPAGE);
    bytes_ = {static_cast<const std::byte*>(start), size};
  }
  close(descriptor);
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

AtomicFile::AtomicFile(const std::string& path) : path_(path), temporary_(path + ".tmp") {
  descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) Fail("cannot be created");
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(temporary_.c_str());
}

void AtomicFile::Fail(const std::string& what) const {
  throw MachineError(
      fmt::format("file {}: {}: {}; name a folder that can be written", temporary_, what, std::strerror(errno)));
}

void AtomicFile::Write(std::span<const std::byte> bytes) {
  DIVLA_CHECK(descriptor_ >= 0, "write after commit to " + path_);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (buffer_.size() + text.size() > kBufferSize) Flush();
  if (text.size() > kBufferSize) {
    WriteThrough(text);
  } else {
    buffer_.append(text);
  }
}

void AtomicFile::Flush() {
  WriteThrough(buffer_);
  buffer_.clear();
}

void AtomicFile::WriteThrough(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) Fail("cannot be written");
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void AtomicFile::Commit() {
  DIVLA_CHECK(descriptor_ >= 0, "second commit of " + path_);
  Flush();
  if (fsync(descriptor_) != 0) Fail("cannot be made durable");
  close(std::exchange(descriptor_, -1));
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    unlink(temporary_.c_str());
    errno = error;
    Fail("cannot be renamed");
  }
  // The rename itself is durable once the folder is.
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  const int directory = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    fsync(directory);
    close(directory);
  }
}

void WriteFile(const std::string& path, std::string_view content) {
  AtomicFile file(path);
  file.Write(content);
  file.Commit();
}

}  // namespace divla
