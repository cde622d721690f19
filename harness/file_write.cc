#include "harness/file_write.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "sim/check.h"

namespace divla {
namespace {

[[noreturn]] void Fail(const std::filesystem::path& file, const char* what, int error) {
  throw MachineError(fmt::format("file {}: cannot {}: {}", file.string(), what, std::strerror(error)));
}

void WriteAll(int descriptor, const std::filesystem::path& file, const char* data, std::size_t size) {
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

// Makes a new name durable. Some file systems refuse to sync folders; the data itself is already safe then.
void SyncFolder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

void WriteFileAtomically(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  const std::filesystem::path temporary = file.string() + ".tmp";
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) Fail(temporary, "be created", errno);
  try {
    WriteAll(descriptor, temporary, reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (::fsync(descriptor) != 0) Fail(temporary, "be made durable", errno);
  } catch (...) {
    ::close(descriptor);
    ::unlink(temporary.c_str());
    throw;
  }
  if (::close(descriptor) != 0) Fail(temporary, "be closed", errno);
  if (::rename(temporary.c_str(), file.c_str()) != 0) Fail(file, "be renamed into place", errno);
  SyncFolder(file.parent_path());
}

void WriteFileAtomically(const std::filesystem::path& file, std::string_view text) {
  WriteFileAtomically(file, std::as_bytes(std::span(text)));
}

LineFile::LineFile(const std::filesystem::path& file)
    : file_(file), descriptor_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) Fail(file_, "be opened for appending", errno);
}

LineFile::~LineFile() { ::close(descriptor_); }

void LineFile::Append(std::string_view line) {
  DIVLA_CHECK(line.find('\n') == std::string_view::npos, "one line at a time");
  std::string text(line);
  text += '\n';
  WriteAll(descriptor_, file_, text.data(), text.size());
  if (::fsync(descriptor_) != 0) Fail(file_, "be made durable", errno);
}

}  // namespace divla
