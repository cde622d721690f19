// report.md: the same numbers as summary.json and the console, for a pull request or a notebook.
#pragma once

#include <string>

#include "harness/report/data.h"

namespace divla {

// GitHub-flavoured Markdown; untrusted text is escaped. The same data gives the same bytes.
std::string FormatMarkdown(const ReportData& data);

}  // namespace divla
