// SHA-256, for naming weights in results. 64 hex digits. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace divla {

std::string Sha256OfFile(const std::string& path);  // throws InputError when the file cannot be read
std::string Sha256OfText(std::string_view text);

}  // namespace divla
