// Constants of the file format that harness/log.h describes, for its writer and its reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace divla {

inline constexpr std::string_view kLogMagic = "DIVLALOG";
inline constexpr std::uint32_t kLogVersion = 1;
inline constexpr std::uint32_t kLogVersionWithIntervention = 2;
inline constexpr std::uint32_t kLogVersionWithPlaces = 3;
inline constexpr std::uint32_t kLogVersionCompact = 4;
inline constexpr std::size_t kLogHashBytes = 32;

}  // namespace divla
