// NormalizeNfc of pretokenize.h, by utf8proc's tables without what is newer than Unicode 9.
#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "policy/divla/text/pretokenize.h"
#include "sim/check.h"

namespace divla {
namespace {

struct Range {
  std::int32_t first{};
  std::int32_t last{};
};

// The tokenizers library (0.23) normalises by the tables of Unicode 9. Marks of later versions are no marks to it: they
// are not put in order and compose with nothing. Single code points up to Unicode 15 were found by asking that library
// about every code point before U+0334 and after U+0345 (the lowest and the highest class); U+11930, U+11935 and
// U+11938 are the one composition since. What Unicode 16 added stands as whole blocks, for a newer utf8proc. Sorted.
constexpr auto kUnknown = std::to_array<Range>({
    // clang-format off
    {0x7FD, 0x7FD}, {0x897, 0x89F}, {0x8CA, 0x8D3}, {0x9FE, 0x9FE}, {0xC3C, 0xC3C}, {0xD3B, 0xD3C}, {0xEBA, 0xEBA},
    {0x1715, 0x1715}, {0x1ABF, 0x1AFF}, {0x1DF6, 0x1DFA}, {0xA82C, 0xA82C}, {0x105C0, 0x105FF}, {0x10D24, 0x10D27},
    {0x10D40, 0x10D8F}, {0x10EAB, 0x10EAC}, {0x10EFA, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
    {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x11380, 0x113FF}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
    {0x11930, 0x11930}, {0x11935, 0x11935}, {0x11938, 0x11938}, {0x1193D, 0x1193E}, {0x11943, 0x11943},
    {0x119E0, 0x119E0}, {0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42},
    {0x11D44, 0x11D45}, {0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x16100, 0x1613F}, {0x16D40, 0x16D7F},
    {0x16FF0, 0x16FF1}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF},
    {0x1E4EC, 0x1E4EF}, {0x1E5D0, 0x1E5FF},
    // clang-format on
});

bool Unknown(std::int32_t code) {
  const auto after = std::upper_bound(kUnknown.begin(), kUnknown.end(), code,
                                      [](std::int32_t value, const Range& range) { return value < range.first; });
  return after != kUnknown.begin() && code <= (after - 1)->last;
}

std::string Normalize(std::string_view text) {
  if (text.empty()) return {};
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) throw InputError(fmt::format("text: expected UTF-8: {}", utf8proc_errmsg(size)));
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)};
}

}  // namespace

std::string NormalizeNfc(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char byte) { return (byte & 0x80) == 0; });
  if (ascii) return std::string(text);
  // An unknown character parts the text: nothing moves or composes across it.
  std::string normal;
  std::size_t plain = 0;  // start of what is not normalised yet
  std::size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                                   static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    if (size <= 0) throw InputError(fmt::format("text: expected UTF-8, found a broken sequence at byte {}", at));
    const std::size_t next = at + static_cast<std::size_t>(size);
    if (Unknown(code)) {
      normal += Normalize(text.substr(plain, at - plain));
      normal += text.substr(at, next - at);
      plain = next;
    }
    at = next;
  }
  return normal + Normalize(text.substr(plain));
}

}  // namespace divla
