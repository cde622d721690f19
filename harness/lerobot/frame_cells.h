// One cell of a table of frames as a plain value. Internal to harness/lerobot.
#pragma once

#include <arrow/api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "harness/lerobot/dataset_info.h"
#include "sim/image.h"

namespace divla {

// A column of a batch. All functions throw InputError naming file, column and row for a missing value or another type
// than the function's.
class FrameColumn {
 public:
  // InputError when the batch has no such column.
  FrameColumn(const arrow::RecordBatch& batch, const std::string& name, const std::string& file);

  std::int64_t Integer(std::int64_t row) const;                      // int64
  std::vector<float> Numbers(std::int64_t row, int elements) const;  // float or double, alone or as a list; finite
  bool Flag(std::int64_t row) const;
  std::string Text(std::int64_t row) const;
  Image Picture(std::int64_t row) const;                      // struct of PNG bytes and path
  std::vector<LanguageRow> Language(std::int64_t row) const;  // of either language column

 private:
  [[noreturn]] void Fail(std::int64_t row, const std::string& expected, const std::string& found) const;
  template <typename ArrayType>
  const ArrayType& As(std::int64_t row, const char* expected) const;

  std::shared_ptr<arrow::Array> array_;
  std::string name_, file_;
};

}  // namespace divla
