#include "harness/report/text.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "harness/report/cells.h"
#include "sim/action.h"

namespace divla {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsHarmful(utf8proc_int32_t code_point) {
  if (code_point == '\t' || code_point == '\n') return false;
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

bool IsWord(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string CleanUtf8(std::string_view bytes) {
  std::string clean;
  clean.reserve(bytes.size());
  while (!bytes.empty()) {
    utf8proc_int32_t code_point = -1;
    const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                                       static_cast<utf8proc_ssize_t>(bytes.size()), &code_point);
    const std::size_t length = used > 0 ? static_cast<std::size_t>(used) : 1;
    clean += used <= 0 || IsHarmful(code_point) ? kReplacement : bytes.substr(0, length);
    bytes.remove_prefix(length);
  }
  return clean;
}

std::string EscapeHtml(std::string_view bytes) {
  std::string html;
  for (const char c : CleanUtf8(bytes)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string EscapeMarkdown(std::string_view bytes) {
  constexpr std::string_view kSpecial = "\\`*[]<>|~$&";
  const std::string text = CleanUtf8(bytes);
  std::string markdown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || text[i] == '\t') {
      markdown += ' ';
      continue;
    }
    // An underscore within a word is no emphasis, and "object\_selection" would read badly as plain text.
    const bool within_word = i > 0 && i + 1 < text.size() && IsWord(text[i - 1]) && IsWord(text[i + 1]);
    if (kSpecial.find(text[i]) != std::string_view::npos || (text[i] == '_' && !within_word)) markdown += '\\';
    markdown += text[i];
  }
  return markdown;
}

std::size_t TextColumns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string Percent(int count, int total) {
  return total == 0 ? "–" : Percent(static_cast<double>(count) / static_cast<double>(total));
}

std::string PercentInterval(const Interval& interval) {
  return fmt::format("[{:.1f}, {:.1f}]", 100 * interval.low, 100 * interval.high);
}

std::string PercentInterval(const std::optional<Interval>& interval) {
  return interval ? PercentInterval(*interval) : "–";
}

std::string Points(double difference) {
  // Rounded first, so that nothing is written as minus zero.
  const long tenths = std::lround(1000 * difference);
  return fmt::format("{}{}.{}", tenths < 0 ? "−" : "+", std::labs(tenths) / 10, std::labs(tenths) % 10);
}

std::string PointsInterval(const Interval& interval) {
  return fmt::format("[{}, {}]", Points(interval.low), Points(interval.high));
}

std::string PValue(double p) { return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p); }

std::string CellLabel(std::string_view task, std::string_view axis, int level) {
  if (IsClean(axis, level)) return CleanUtf8(task);
  return fmt::format("{} · {} {}", CleanUtf8(task), CleanUtf8(axis), level);
}

std::string InterventionText(const InterventionSummary& summary) {
  std::string text = fmt::format("{} of {} solved after the change", summary.k, summary.n);
  if (summary.reasoned == 0) return text;
  text += fmt::format("; the texts followed in {} of {}", summary.followed, summary.reasoned);
  if (summary.median_steps_to_follow) {
    text += fmt::format(", median {:.2f} s after it", *summary.median_steps_to_follow * kControlPeriod);
  }
  return text;
}

std::string Spaced(std::string_view name) {
  std::string text = CleanUtf8(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string Counted(int count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string EscapeJsonForScript(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '<' || c == '>' || c == '&') {
      text += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else if (json.substr(i, 3) == "\xE2\x80\xA8" || json.substr(i, 3) == "\xE2\x80\xA9") {
      text += json[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      text += c;
    }
  }
  return text;
}

std::string Base64(std::span<const std::byte> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero byte
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string EncodePath(std::string_view path) {
  std::string text;
  for (const char c : path) {
    if (IsWord(c) || std::string_view("-._~/").find(c) != std::string_view::npos) {
      text += c;
    } else {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

}  // namespace divla
