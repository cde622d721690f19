// Parquet files through Arrow C++: written whole or not at all, read with an error that names the file. Internal to
// harness/lerobot: the only headers with Arrow in them are here.
#pragma once

#include <arrow/api.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace arrow::io {
class FileOutputStream;
}
namespace parquet::arrow {
class FileWriter;
}

namespace divla {

// Throws MachineError "file PATH: cannot be written: REASON".
void RequireWritten(const arrow::Status& status, const std::filesystem::path& path);
template <typename T>
T RequireWritten(arrow::Result<T> result, const std::filesystem::path& path) {
  RequireWritten(result.status(), path);
  return std::move(result).ValueUnsafe();
}

// Snappy with dictionaries, as LeRobot writes; each Write is a row group. The same tables give the same bytes with one
// Arrow. Until Close there is only PATH.tmp, which goes when the object does. Not thread-safe.
class ParquetOutput {
 public:
  ParquetOutput(std::filesystem::path path, const std::shared_ptr<arrow::Schema>& schema);  // makes its folder
  ~ParquetOutput();
  ParquetOutput(const ParquetOutput&) = delete;
  ParquetOutput& operator=(const ParquetOutput&) = delete;

  void Write(const arrow::Table& table);
  std::int64_t Bytes() const;  // written so far
  void Close();

 private:
  std::filesystem::path path_, temporary_;
  std::shared_ptr<arrow::io::FileOutputStream> stream_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

// A small file whole; one chunk a column. Throws InputError naming the file when it is missing or damaged.
std::shared_ptr<arrow::Table> ReadParquet(const std::filesystem::path& path);
// A large one piece by piece, in order, only these columns (those that it lacks are left out); a few hundred rows at a
// time.
void ReadParquet(const std::filesystem::path& path, const std::vector<std::string>& columns,
                 const std::function<void(const arrow::RecordBatch&)>& visit);

}  // namespace divla
