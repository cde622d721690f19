#include "harness/report/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/file_write.h"
#include "harness/report/data.h"
#include "harness/report/html.h"
#include "harness/report/markdown.h"
#include "sim/check.h"

namespace divla {

namespace {

void MakeOutFolder(const std::filesystem::path& out) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) throw MachineError(fmt::format("folder {}: cannot be made: {}", out.string(), error.message()));
}

void WriteAll(const ReportData& data, const std::filesystem::path& out) {
  if (!data.controls.empty()) WriteFileIfChanged(out / "controls.json", ToJson(data.controls).dump(2) + "\n");
  WriteFileIfChanged(out / "report.md", FormatMarkdown(data));
  WriteFileIfChanged(out / "report.html", FormatHtml(data));
}

}  // namespace

std::vector<ControlSummary> WriteReports(const std::filesystem::path& run, const RunInfo& info,
                                         const std::vector<EpisodeRecord>& records, const RunSummary& summary) {
  ReportData data = LoadReportData(run, info, records, summary, run);
  WriteAll(data, run);
  return std::move(data.controls);
}

std::vector<ControlSummary> WriteReports(const LoadedRun& run, const std::filesystem::path& out) {
  MakeOutFolder(out);
  ReportData data = LoadReportData(run.folder, run.info, run.records, run.summary, out);
  WriteFileIfChanged(out / "summary.json", ToJson(run.summary).dump(2) + "\n");
  WriteAll(data, out);
  return std::move(data.controls);
}

void WriteSideBySide(const SideBySide& sides, const std::filesystem::path& out) {
  MakeOutFolder(out);
  WriteFileIfChanged(out / "report.json",
                     ToJson(sides).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  WriteFileIfChanged(out / "report.md", FormatSideBySideMarkdown(sides));
  WriteFileIfChanged(out / "report.html", FormatSideBySideHtml(sides));
}

}  // namespace divla
