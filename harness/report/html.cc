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

}  // namespace

std::string FormatHtml(const ReportData& data) {
  const std::string_view script = html::Script();
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
      "'unsafe-inline'; script-src '{}'\">\n<title>{} on {} v{} · DiVLA-Bench</title>\n<style>\n",
      ScriptHash(script), EscapeHtml(data.summary.policy), EscapeHtml(data.summary.suite), data.summary.suite_version);
  page += html::Style();
  page += "</style>\n<noscript><style>.filters{display:none}</style></noscript>\n</head>\n<body>\n";
  page += html::Header(data);
  page += "<main>\n";
  page += html::Results(data.summary);
  page += "<div class=\"pair\">\n" + html::Endings(data.summary) + html::Reasoning(data.summary) + "</div>\n";
  page += html::Episodes(data);
  page += "</main>\n<dialog id=\"zoom\"><img alt=\"\"><p></p></dialog>\n<script>";
  page += script;
  page += "</script>\n</body>\n</html>\n";
  return page;
}

}  // namespace divla
