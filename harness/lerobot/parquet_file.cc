#include "harness/lerobot/parquet_file.h"

#include <arrow/io/file.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/schema.h>

#include <algorithm>
#include <utility>

#include "harness/file_write.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kBatchRows = 64;  // with pictures of 100 kB from three cameras, 20 MB

[[noreturn]] void FailRead(const fs::path& path, const std::string& reason) {
  throw InputError(
      fmt::format("file {}: expected a Parquet file, found one that cannot be read: {}", path.string(), reason));
}

void RequireRead(const arrow::Status& status, const fs::path& path) {
  if (!status.ok()) FailRead(path, status.message());
}

template <typename T>
T RequireRead(arrow::Result<T> result, const fs::path& path) {
  RequireRead(result.status(), path);
  return std::move(result).ValueUnsafe();
}

// Parquet throws where Arrow answers with a status.
template <typename Function>
auto Reading(const fs::path& path, Function read) {
  try {
    return read();
  } catch (const ::parquet::ParquetException& error) {
    FailRead(path, error.what());
  }
}

std::unique_ptr<parquet::arrow::FileReader> Open(const fs::path& path) {
  if (!fs::is_regular_file(path)) {
    throw InputError(fmt::format("file {}: expected a Parquet file of the dataset, found none", path.string()));
  }
  parquet::arrow::FileReaderBuilder builder;
  RequireRead(builder.OpenFile(path.string()), path);
  parquet::ArrowReaderProperties properties = parquet::default_arrow_reader_properties();
  properties.set_batch_size(kBatchRows);
  properties.set_use_threads(false);
  builder.properties(properties);
  std::unique_ptr<parquet::arrow::FileReader> reader;
  RequireRead(builder.Build(&reader), path);
  return reader;
}

}  // namespace

void RequireWritten(const arrow::Status& status, const fs::path& path) {
  if (!status.ok()) throw MachineError(fmt::format("file {}: cannot be written: {}", path.string(), status.message()));
}

ParquetOutput::ParquetOutput(fs::path path, const std::shared_ptr<arrow::Schema>& schema)
    : path_(std::move(path)), temporary_(path_.string() + kTemporarySuffix) {
  std::error_code error;
  fs::create_directories(path_.parent_path(), error);
  if (error)
    throw MachineError(fmt::format("folder {}: cannot be made: {}", path_.parent_path().string(), error.message()));
  stream_ = RequireWritten(arrow::io::FileOutputStream::Open(temporary_.string()), path_);
  const auto properties =
      parquet::WriterProperties::Builder().compression(parquet::Compression::SNAPPY)->enable_dictionary()->build();
  // With the Arrow schema, which says that a list has a fixed length.
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  writer_ = RequireWritten(
      parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(), stream_, properties, arrow_properties),
      path_);
}

ParquetOutput::~ParquetOutput() {
  if (!writer_) return;
  writer_.reset();
  stream_.reset();
  std::error_code ignored;  // it is in nobody's way
  fs::remove(temporary_, ignored);
}

void ParquetOutput::Write(const arrow::Table& table) {
  DIVLA_CHECK(writer_ != nullptr && table.num_rows() > 0, "rows for an open file");
  RequireWritten(writer_->WriteTable(table, table.num_rows()), path_);
}

std::int64_t ParquetOutput::Bytes() const { return RequireWritten(stream_->Tell(), path_); }

void ParquetOutput::Close() {
  DIVLA_CHECK(writer_ != nullptr, "closed once");
  RequireWritten(writer_->Close(), path_);
  RequireWritten(stream_->Close(), path_);
  std::error_code error;
  fs::rename(temporary_, path_, error);
  if (error) throw MachineError(fmt::format("file {}: cannot be written: {}", path_.string(), error.message()));
  writer_.reset();
}

std::shared_ptr<arrow::Table> ReadParquet(const fs::path& path) {
  return Reading(path, [&] {
    const auto reader = Open(path);
    const auto table = RequireRead(reader->ReadTable(), path);
    return RequireRead(table->CombineChunks(), path);
  });
}

void ReadParquet(const fs::path& path, const std::vector<std::string>& columns,
                 const std::function<void(const arrow::RecordBatch&)>& visit) {
  Reading(path, [&] {
    const auto reader = Open(path);
    std::shared_ptr<arrow::Schema> schema;
    RequireRead(reader->GetSchema(&schema), path);
    // Parquet numbers the leaves of nested columns.
    std::vector<int> leaves, groups;
    const parquet::SchemaDescriptor& descriptor = *reader->parquet_reader()->metadata()->schema();
    for (int leaf = 0; leaf < descriptor.num_columns(); ++leaf) {
      const std::string& name = descriptor.GetColumnRoot(leaf)->name();
      if (std::find(columns.begin(), columns.end(), name) != columns.end()) leaves.push_back(leaf);
    }
    for (int group = 0; group < reader->num_row_groups(); ++group) groups.push_back(group);
    const auto batches = RequireRead(reader->GetRecordBatchReader(groups, leaves), path);
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> batch;
      RequireRead(batches->ReadNext(&batch), path);
      if (batch == nullptr) return;
      visit(*batch);
    }
  });
}

}  // namespace divla
