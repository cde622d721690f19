#include "harness/lerobot/frame_cells.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <span>

#include "harness/report/png.h"
#include "sim/check.h"

namespace divla {
namespace {

// A text of a struct's field; empty when it is null or the struct has no such field.
std::string TextOf(const arrow::StructArray& rows, const char* field, std::int64_t row) {
  const auto texts = std::dynamic_pointer_cast<arrow::StringArray>(rows.GetFieldByName(field));
  return texts == nullptr || texts->IsNull(row) ? std::string() : texts->GetString(row);
}

}  // namespace

FrameColumn::FrameColumn(const arrow::RecordBatch& batch, const std::string& name, const std::string& file)
    : array_(batch.GetColumnByName(name)), name_(name), file_(file) {
  if (array_ == nullptr) throw InputError(fmt::format("file {}: expected a column '{}', found none", file, name));
}

void FrameColumn::Fail(std::int64_t row, const std::string& expected, const std::string& found) const {
  throw InputError(fmt::format("file {}: column '{}', row {} of its batch: expected {}, found {}", file_, name_, row,
                               expected, found));
}

template <typename ArrayType>
const ArrayType& FrameColumn::As(std::int64_t row, const char* expected) const {
  const auto* array = dynamic_cast<const ArrayType*>(array_.get());
  if (array == nullptr) Fail(row, expected, array_->type()->ToString());
  if (array->IsNull(row)) Fail(row, expected, "no value");
  return *array;
}

std::int64_t FrameColumn::Integer(std::int64_t row) const {
  return As<arrow::Int64Array>(row, "a whole number (int64)").Value(row);
}

bool FrameColumn::Flag(std::int64_t row) const { return As<arrow::BooleanArray>(row, "a bool").Value(row); }

std::string FrameColumn::Text(std::int64_t row) const { return As<arrow::StringArray>(row, "a text").GetString(row); }

std::vector<float> FrameColumn::Numbers(std::int64_t row, int elements) const {
  const arrow::Array* values = array_.get();
  std::int64_t first = row, count = 1;
  if (array_->IsNull(row)) Fail(row, "numbers", "no value");
  if (const auto* fixed = dynamic_cast<const arrow::FixedSizeListArray*>(values)) {
    first = fixed->value_offset(row);
    count = fixed->value_length();
    values = fixed->values().get();
  } else if (const auto* list = dynamic_cast<const arrow::ListArray*>(values)) {
    first = list->value_offset(row);
    count = list->value_length(row);
    values = list->values().get();
  }
  if (count != elements) Fail(row, fmt::format("{} numbers", elements), std::to_string(count));
  const auto* floats = dynamic_cast<const arrow::FloatArray*>(values);
  const auto* doubles = dynamic_cast<const arrow::DoubleArray*>(values);
  if (floats == nullptr && doubles == nullptr) Fail(row, "floating-point numbers", array_->type()->ToString());
  std::vector<float> numbers;
  for (std::int64_t i = first; i < first + count; ++i) {
    const bool missing = values->IsNull(i);
    const float number = missing ? 0.0F : floats != nullptr ? floats->Value(i) : static_cast<float>(doubles->Value(i));
    if (missing || !std::isfinite(number)) Fail(row, "finite numbers", missing ? "none" : fmt::format("{}", number));
    numbers.push_back(number);
  }
  return numbers;
}

Image FrameColumn::Picture(std::int64_t row) const {
  const auto& pictures = As<arrow::StructArray>(row, "a picture (struct of bytes and path)");
  const auto bytes = std::dynamic_pointer_cast<arrow::BinaryArray>(pictures.GetFieldByName("bytes"));
  if (bytes == nullptr || bytes->IsNull(row)) {
    Fail(row, "a picture's bytes", bytes == nullptr ? array_->type()->ToString() : "a path to a file");
  }
  const auto view = bytes->GetView(row);
  return DecodePng(std::as_bytes(std::span(view.data(), view.size())),
                   fmt::format("file {}: column '{}'", file_, name_));
}

std::vector<LanguageRow> FrameColumn::Language(std::int64_t row) const {
  const auto* lists = dynamic_cast<const arrow::ListArray*>(array_.get());
  const auto* rows = lists == nullptr ? nullptr : dynamic_cast<const arrow::StructArray*>(lists->values().get());
  if (rows == nullptr) Fail(row, "language rows (list of struct)", array_->type()->ToString());
  std::vector<LanguageRow> language;
  if (lists->IsNull(row)) return language;
  const auto times = std::dynamic_pointer_cast<arrow::FloatArray>(rows->GetFieldByName("timestamp"));
  for (std::int64_t i = lists->value_offset(row); i < lists->value_offset(row + 1); ++i) {
    LanguageRow& entry = language.emplace_back();
    entry.role = TextOf(*rows, "role", i);
    entry.content = TextOf(*rows, "content", i);
    entry.style = TextOf(*rows, "style", i);
    entry.camera = TextOf(*rows, "camera", i);
    if (times != nullptr && !times->IsNull(i)) entry.timestamp = times->Value(i);
  }
  return language;
}

}  // namespace divla
