#include "harness/report/html.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "harness/report/html_parts.h"
#include "harness/report/text.h"
#include "sim/check.h"

namespace divla {

namespace {

// What a content security policy calls the hash of an inline script.
std::string ScriptHash(std::string_view script) {
  std::array<std::byte, 32> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(script.data(), script.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                              EVP_sha256(), nullptr);
  DIVLA_CHECK(done == 1 && size == digest.size(), "SHA-256 of the report's script");
  return "sha256-" + Base64(digest);
}

// Links to the sections that are there.
std::string Contents(const std::string& body) {
  struct Entry {
    const char* id;
    const char* name;
  };
  std::string links;
  for (const Entry& entry : {Entry{"findings", "Findings"},
                             {"success", "Success"},
                             {"paper", "Paper"},
                             {"reasoning", "Reasoning"},
                             {"heatmap", "Generalisation"},
                             {"factorial", "Seen × unseen"},
                             {"controls", "Controls"},
                             {"curves", "Time to success"},
                             {"failures", "Failures"},
                             {"episodes", "Episodes"},
                             {"provenance", "Provenance"}}) {
    if (body.find(fmt::format("id=\"{}\"", entry.id)) == std::string::npos) continue;
    links += fmt::format("<a href=\"#{}\">{}</a>", entry.id, entry.name);
  }
  return "<nav aria-label=\"sections\"><div class=\"wide\">" + links + "</div></nav>\n";
}

}  // namespace

namespace html {

std::string Page(const std::string& title, const std::string& body, bool scripted) {
  const std::string_view script = Script();
  // Pictures are inside, or files beside the page: 'self' when it is served, file: when it is opened from a disk.
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file: data:; "
      "media-src 'self' file:; "
      "style-src 'unsafe-inline'; script-src {}; base-uri 'none'; form-action 'none'\">\n<title>{}</title>\n<style>\n",
      scripted ? fmt::format("'{}'", ScriptHash(script)) : "'none'", EscapeHtml(title));
  page += Style();
  page += "</style>\n";
  // Filters of episodes that nothing draws are of no use.
  if (scripted) page += "<noscript><style>.filters{display:none}</style></noscript>\n";
  page += "</head>\n<body>\n" + body;
  if (scripted) {
    page += "<script>";
    page += script;
    page += "</script>\n";
  }
  return page + "</body>\n</html>\n";
}

}  // namespace html

std::string FormatHtml(const ReportData& data) {
  const RunSummary& summary = data.summary;
  std::string body = html::Findings(data) + html::Results(summary) + html::Paper(data) + html::Reasoning(summary) +
                     html::HeatMap(summary) + html::Factorial(summary) + html::ControlTable(data) + html::Curves(data) +
                     html::FailureBars(summary) + html::Episodes(data) + html::Provenance(data.info);
  body = html::Header(data) + Contents(body) + "<main>\n" + body +
         "</main>\n<dialog id=\"zoom\"><img alt=\"\" src=\"data:,\"><p></p></dialog>\n";
  return html::Page(fmt::format("{} on {} v{} · DiVLA-Bench", CleanUtf8(summary.policy), CleanUtf8(summary.suite),
                                summary.suite_version),
                    body, /*scripted=*/true);
}

}  // namespace divla
