// report.html: one page with everything a run says, for a browser, without a network or a server.
//
// Self-contained: pictures, style and script are inside; the page's content security policy allows nothing else, and
// only our own script by its hash, so that an instruction from outside can never run. Untrusted text is escaped
// besides. Light and dark by the reader's preference, readable on a phone, complete without JavaScript (only the
// filters need it).
#pragma once

#include <string>

#include "harness/report/data.h"

namespace divla {

// The same data gives the same bytes; nothing of the page depends on the clock.
std::string FormatHtml(const ReportData& data);

}  // namespace divla
