#include "harness/report/report.h"

#include "harness/file_write.h"
#include "harness/report/data.h"
#include "harness/report/html.h"
#include "harness/report/markdown.h"

namespace divla {

void WriteReports(const std::filesystem::path& run, const RunInfo& info, const std::vector<EpisodeRecord>& records,
                  const RunSummary& summary) {
  const ReportData data = LoadReportData(run, info, records, summary);
  WriteFileIfChanged(run / "report.md", FormatMarkdown(data));
  WriteFileIfChanged(run / "report.html", FormatHtml(data));
}

}  // namespace divla
