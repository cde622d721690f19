// The JSON part of a training folder (see rows.h): meta.json and the lines of labels.jsonl. Internal to
// policy/rows*.cc. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "policy/rows.h"

namespace divla {

std::string RowsInfoToJson(const RowsInfo& info);
// `file` names the source in errors. Throws InputError for a missing, unknown or wrong key.
RowsInfo RowsInfoFromJson(const std::string& file, std::string_view text);

// One line, without the newline. Cameras that a Pixels map leaves out become null.
std::string RowLabelsToJson(const RowsInfo& info, const RowLabels& labels);
RowLabels RowLabelsFromJson(const std::string& file, int row, const RowsInfo& info, std::string_view line);

}  // namespace divla
