// FrameSchema and FrameTable.
#include <arrow/extension/json.h>

#include <utility>

#include "harness/lerobot/dataset_tables.h"
#include "sim/check.h"

namespace divla {
namespace {

using arrow::DataType;
using TypePtr = std::shared_ptr<DataType>;
using ArrayPtr = std::shared_ptr<arrow::Array>;

// Building in memory fails only without memory.
void Good(const arrow::Status& status) { DIVLA_CHECK(status.ok(), "an Arrow array: " + status.ToString()); }
template <typename T>
T Good(arrow::Result<T> result) {
  Good(result.status());
  return std::move(result).ValueUnsafe();
}

TypePtr ScalarType(const std::string& dtype) {
  if (dtype == "float32") return arrow::float32();
  if (dtype == "int64") return arrow::int64();
  if (dtype == "bool") return arrow::boolean();
  DIVLA_CHECK(dtype == "string", "a dtype that is written, found " + dtype);
  return arrow::utf8();
}

int Elements(const DatasetFeature& feature) {
  DIVLA_CHECK(feature.shape.size() == 1, "features of one dimension");
  return feature.shape[0];
}

TypePtr PictureType() {
  return arrow::struct_({arrow::field("bytes", arrow::binary()), arrow::field("path", arrow::utf8())});
}

TypePtr LanguageRowType(bool persistent) {
  arrow::FieldVector fields{arrow::field("role", arrow::utf8(), false), arrow::field("content", arrow::utf8()),
                            arrow::field("style", arrow::utf8())};
  if (persistent) fields.push_back(arrow::field("timestamp", arrow::float32(), false));
  fields.push_back(arrow::field("camera", arrow::utf8()));
  fields.push_back(arrow::field("tool_calls", arrow::list(arrow::extension::json())));
  return arrow::struct_(fields);
}

TypePtr TypeOf(const DatasetFeature& feature) {
  if (feature.dtype == "language") return arrow::list(LanguageRowType(feature.name == kLanguagePersistent));
  if (feature.dtype == "image") return PictureType();
  const TypePtr scalar = ScalarType(feature.dtype);
  const int elements = Elements(feature);
  return elements == 1 ? scalar : arrow::fixed_size_list(scalar, elements);
}

ArrayPtr Numbers(const std::vector<double>& values, const std::string& dtype) {
  if (dtype == "float32") {
    arrow::FloatBuilder builder;
    for (const double value : values) Good(builder.Append(static_cast<float>(value)));
    return Good(builder.Finish());
  }
  if (dtype == "int64") {
    arrow::Int64Builder builder;
    for (const double value : values) Good(builder.Append(static_cast<std::int64_t>(value)));
    return Good(builder.Finish());
  }
  arrow::BooleanBuilder builder;
  for (const double value : values) Good(builder.Append(value != 0));
  return Good(builder.Finish());
}

ArrayPtr Texts(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  Good(builder.AppendValues(values));
  return Good(builder.Finish());
}

ArrayPtr Pictures(const std::vector<std::vector<std::byte>>& values) {
  arrow::BinaryBuilder bytes;
  arrow::StringBuilder paths;
  for (const std::vector<std::byte>& value : values) {
    Good(bytes.Append(reinterpret_cast<const std::uint8_t*>(value.data()), static_cast<std::int32_t>(value.size())));
    Good(paths.AppendNull());
  }
  return Good(arrow::StructArray::Make({Good(bytes.Finish()), Good(paths.Finish())}, PictureType()->fields()));
}

// One list of rows for each frame.
ArrayPtr Language(const std::vector<std::vector<LanguageRow>>& frames, bool persistent) {
  arrow::StringBuilder role, content, style, camera;
  arrow::FloatBuilder timestamp;
  arrow::Int32Builder offsets;
  std::int32_t rows = 0;
  Good(offsets.Append(0));
  for (const std::vector<LanguageRow>& frame : frames) {
    for (const LanguageRow& row : frame) {
      Good(role.Append(row.role));
      Good(content.Append(row.content));
      Good(style.Append(row.style));
      Good(timestamp.Append(row.timestamp));
      Good(row.camera.empty() ? camera.AppendNull() : camera.Append(row.camera));
      ++rows;
    }
    Good(offsets.Append(rows));
  }
  const TypePtr type = LanguageRowType(persistent);
  arrow::ArrayVector columns{Good(role.Finish()), Good(content.Finish()), Good(style.Finish())};
  if (persistent) columns.push_back(Good(timestamp.Finish()));
  columns.push_back(Good(camera.Finish()));
  columns.push_back(Good(arrow::MakeArrayOfNull(type->fields().back()->type(), rows)));
  const ArrayPtr structs = Good(arrow::StructArray::Make(columns, type->fields()));
  return Good(arrow::ListArray::FromArrays(*Good(offsets.Finish()), *structs));
}

}  // namespace

std::shared_ptr<arrow::Schema> FrameSchema(const DatasetInfo& info) {
  arrow::FieldVector fields;
  for (const DatasetFeature& feature : info.features) {
    if (feature.dtype != "video") fields.push_back(arrow::field(feature.name, TypeOf(feature)));
  }
  return arrow::schema(fields);
}

std::shared_ptr<arrow::Table> FrameTable(const DatasetInfo& info, const FrameColumns& columns) {
  arrow::ArrayVector arrays;
  for (const DatasetFeature& feature : info.features) {
    if (feature.dtype == "video") continue;
    if (feature.dtype == "language") {
      const bool persistent = feature.name == kLanguagePersistent;
      const std::vector<std::vector<LanguageRow>> same(static_cast<std::size_t>(columns.frames), columns.persistent);
      arrays.push_back(Language(persistent ? same : columns.events, persistent));
    } else if (feature.dtype == "image") {
      arrays.push_back(Pictures(columns.pictures.at(feature.name)));
    } else if (feature.dtype == "string") {
      arrays.push_back(Texts(columns.texts.at(feature.name)));
    } else {
      const ArrayPtr flat = Numbers(columns.numbers.at(feature.name), feature.dtype);
      const int elements = Elements(feature);
      arrays.push_back(elements == 1 ? flat : Good(arrow::FixedSizeListArray::FromArrays(flat, elements)));
    }
    DIVLA_CHECK(arrays.back()->length() == columns.frames, "a row for each frame in " + feature.name);
  }
  return arrow::Table::Make(FrameSchema(info), arrays);
}

}  // namespace divla
