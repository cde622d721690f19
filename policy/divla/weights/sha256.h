// SHA-256 of a file, for naming weights in results. Thread-safe.
#pragma once

#include <string>

namespace divla {

// 64 hex digits. Throws InputError when the file cannot be read.
std::string Sha256OfFile(const std::string& path);

}  // namespace divla
