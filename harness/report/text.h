// How reports write numbers and untrusted text. One place, so that the console, report.md and report.html never
// disagree. Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/records/records.h"

namespace divla {

// Instructions and reasoning are bytes from outside. Bytes that are not UTF-8, and control characters except tab and
// line feed, become U+FFFD; the rest stays.
std::string CleanUtf8(std::string_view bytes);

// Clean text for HTML, between tags and inside quoted attributes: & < > " ' are escaped.
std::string EscapeHtml(std::string_view bytes);

// Clean text for a cell of a Markdown table: on one line, and nothing in it is read as Markdown or HTML.
std::string EscapeMarkdown(std::string_view bytes);

// Terminal columns of clean UTF-8 text, counting one for each code point.
std::size_t TextColumns(std::string_view text);

// "87.5 %", of a share between 0 and 1.
std::string Percent(double share);
// "87.5 %", or a dash when nothing was counted.
std::string Percent(int count, int total);
// "[71.9, 95.0]" in percent.
std::string PercentInterval(const Interval& interval);

// "+3.1" or "−12.5", of a difference of shares in percentage points; "[−45.0, −12.0]" of its interval.
std::string Points(double difference);
std::string PointsInterval(const Interval& interval);
// "0.012", or "< 0.001": no test gives a chance of 0. Raw text: HTML and Markdown escape it.
std::string PValue(double p);
// "[62.3, 81.0]", or a dash where the data say nothing.
std::string PercentInterval(const std::optional<Interval>& interval);

// "cube_to_coloured_box", or with its axis "cube_to_coloured_box · object.colour 3".
std::string CellLabel(std::string_view task, std::string_view axis, int level);

// "18 of 20 solved after the change; the texts followed in 15 of 20, median 0.80 s after it". Seconds are simulated.
std::string InterventionText(const InterventionSummary& summary);

// "wrong_object" -> "wrong object".
std::string Spaced(std::string_view name);

// "1 episode", "3 episodes".
std::string Counted(int count, const std::string& noun);

// JSON text for the inside of a <script> element: what could end the element or a line there is written as \uXXXX.
std::string EscapeJsonForScript(std::string_view json);

std::string Base64(std::span<const std::byte> bytes);

// Any bytes of a path as a relative reference of RFC 3986: all but letters, digits and "-._~/" become %XX.
std::string EncodePath(std::string_view path);

}  // namespace divla
