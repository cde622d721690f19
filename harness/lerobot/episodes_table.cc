// meta/episodes and meta/tasks.parquet.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "harness/lerobot/dataset_tables.h"
#include "sim/check.h"

namespace divla {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

constexpr const char* kTask = "divla/task";
constexpr const char* kKey = "divla/key";

void Good(const arrow::Status& status) { DIVLA_CHECK(status.ok(), "an Arrow array: " + status.ToString()); }
template <typename T>
T Good(arrow::Result<T> result) {
  Good(result.status());
  return std::move(result).ValueUnsafe();
}

// Columns of one table, in order.
struct Columns {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;

  void Add(const std::string& name, const ArrayPtr& array) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
};

template <typename Value>
ArrayPtr Integers(const std::vector<EpisodeEntry>& episodes, Value value) {
  arrow::Int64Builder builder;
  for (const EpisodeEntry& episode : episodes) Good(builder.Append(static_cast<std::int64_t>(value(episode))));
  return Good(builder.Finish());
}

template <typename Value>
ArrayPtr Doubles(const std::vector<EpisodeEntry>& episodes, Value value) {
  arrow::DoubleBuilder builder;
  for (const EpisodeEntry& episode : episodes) Good(builder.Append(value(episode)));
  return Good(builder.Finish());
}

template <typename Value>
ArrayPtr Texts(const std::vector<EpisodeEntry>& episodes, Value value) {
  arrow::StringBuilder builder;
  for (const EpisodeEntry& episode : episodes) Good(builder.Append(value(episode)));
  return Good(builder.Finish());
}

// Lists of numbers, the first `depth` - 1 levels with one list for each number: [[[x]], [[y]], [[z]]] for depth 3.
template <typename Builder, typename Value>
ArrayPtr Lists(const std::vector<EpisodeEntry>& episodes, int depth, Value value) {
  Builder numbers;
  std::int32_t total = 0;
  std::vector<std::int32_t> ends{0};
  for (const EpisodeEntry& episode : episodes) {
    for (const auto& number : value(episode)) {
      Good(numbers.Append(number));
      ++total;
    }
    ends.push_back(total);
  }
  ArrayPtr array = Good(numbers.Finish());
  const auto offsets = [](const std::vector<std::int32_t>& places) {
    arrow::Int32Builder builder;
    Good(builder.AppendValues(places));
    return Good(builder.Finish());
  };
  std::vector<std::int32_t> single;
  for (std::int32_t i = 0; i <= total; ++i) single.push_back(i);
  for (int level = 1; level < depth; ++level) array = Good(arrow::ListArray::FromArrays(*offsets(single), *array));
  return Good(arrow::ListArray::FromArrays(*offsets(ends), *array));
}

void AddStatistics(const DatasetFeature& feature, const std::vector<EpisodeEntry>& episodes, Columns& columns) {
  const std::string prefix = "stats/" + feature.name + "/";
  const int depth = feature.IsPicture() ? 3 : 1;
  const auto of = [&feature](const EpisodeEntry& episode) -> const FeatureStatistics& {
    return episode.statistics.at(feature.name);
  };
  const auto add = [&](const std::string& name, auto member) {
    columns.Add(prefix + name, Lists<arrow::DoubleBuilder>(
                                   episodes, depth, [&](const EpisodeEntry& episode) { return member(of(episode)); }));
  };
  add("min", [](const FeatureStatistics& s) { return s.min; });
  add("max", [](const FeatureStatistics& s) { return s.max; });
  add("mean", [](const FeatureStatistics& s) { return s.mean; });
  add("std", [](const FeatureStatistics& s) { return s.std; });
  columns.Add(prefix + "count", Lists<arrow::Int64Builder>(episodes, 1, [&](const EpisodeEntry& episode) {
                return std::vector<std::int64_t>{of(episode).count};
              }));
  for (std::size_t q = 0; q < kStatisticQuantiles.size(); ++q) {
    add(QuantileName(q), [q](const FeatureStatistics& s) { return s.quantiles[q]; });
  }
}

Columns EpisodesColumns(const DatasetInfo& info, const std::vector<EpisodeEntry>& episodes) {
  Columns columns;
  const auto integers = [&](const std::string& name, auto value) { columns.Add(name, Integers(episodes, value)); };
  integers("episode_index", [](const auto& e) { return e.index; });
  columns.Add("tasks", Lists<arrow::StringBuilder>(episodes, 1, [](const auto& e) { return e.instructions; }));
  integers("length", [](const auto& e) { return e.length; });
  integers("data/chunk_index", [](const auto& e) { return e.data_chunk; });
  integers("data/file_index", [](const auto& e) { return e.data_file; });
  integers("dataset_from_index", [](const auto& e) { return e.from; });
  integers("dataset_to_index", [](const auto& e) { return e.to; });
  for (const DatasetFeature& feature : info.features) {
    if (feature.dtype != "video") continue;
    const std::string prefix = "videos/" + feature.name + "/";
    const auto of = [name = feature.name](const EpisodeEntry& e) -> const EpisodeVideoPlace& {
      return e.videos.at(name);
    };
    integers(prefix + "chunk_index", [of](const auto& e) { return of(e).chunk; });
    integers(prefix + "file_index", [of](const auto& e) { return of(e).file; });
    columns.Add(prefix + "from_timestamp", Doubles(episodes, [of](const auto& e) { return of(e).from; }));
    columns.Add(prefix + "to_timestamp", Doubles(episodes, [of](const auto& e) { return of(e).to; }));
  }
  for (const DatasetFeature& feature : info.features) {
    if (feature.dtype != "string" && feature.dtype != "language") AddStatistics(feature, episodes, columns);
  }
  integers("meta/episodes/chunk_index", [](const auto&) { return 0; });
  integers("meta/episodes/file_index", [](const auto&) { return 0; });
  columns.Add(kTask, Texts(episodes, [](const auto& e) { return e.task; }));
  columns.Add(kKey, Texts(episodes, [](const auto& e) { return e.key; }));
  return columns;
}

// Reads columns of a table that another program may have written.
class TableReader {
 public:
  TableReader(const arrow::Table& table, std::string file) : table_(table), file_(std::move(file)) {}

  [[noreturn]] void Fail(const std::string& column, const std::string& expected, const std::string& found) const {
    throw InputError(fmt::format("file {}: column '{}': expected {}, found {}", file_, column, expected, found));
  }

  bool Has(const std::string& name) const { return table_.GetColumnByName(name) != nullptr; }

  // The column as one array of this type; no nulls.
  template <typename ArrayType>
  std::shared_ptr<ArrayType> Get(const std::string& name, const char* expected) const {
    const auto column = table_.GetColumnByName(name);
    if (column == nullptr) Fail(name, expected, "no such column");
    auto array = column->num_chunks() == 1 ? std::dynamic_pointer_cast<ArrayType>(column->chunk(0)) : nullptr;
    if (array == nullptr) Fail(name, expected, column->type()->ToString());
    if (array->null_count() > 0) Fail(name, expected, "missing values");
    return array;
  }

  std::int64_t Integer(const std::string& name, std::int64_t row, std::int64_t high) const {
    const auto array = Get<arrow::Int64Array>(name, "whole numbers (int64)");
    const std::int64_t value = array->Value(row);
    if (value < 0 || value > high) Fail(name, fmt::format("0 to {}", high), std::to_string(value));
    return value;
  }

 private:
  const arrow::Table& table_;
  std::string file_;
};

constexpr std::int64_t kMostFiles = 1'000'000, kMostFrames = 2'000'000'000;

}  // namespace

std::shared_ptr<arrow::Schema> EpisodesSchema(const DatasetInfo& info) {
  return arrow::schema(EpisodesColumns(info, {}).fields);
}

std::shared_ptr<arrow::Table> EpisodesTable(const DatasetInfo& info, const std::vector<EpisodeEntry>& episodes) {
  Columns columns = EpisodesColumns(info, episodes);
  return arrow::Table::Make(arrow::schema(columns.fields), columns.arrays);
}

std::vector<EpisodeEntry> EpisodesFrom(const arrow::Table& table, const DatasetInfo& info, const std::string& file) {
  const TableReader reader(table, file);
  std::vector<EpisodeEntry> episodes;
  if (table.num_rows() == 0) return episodes;
  const auto tasks = reader.Get<arrow::ListArray>("tasks", "lists of texts");
  const auto texts = std::dynamic_pointer_cast<arrow::StringArray>(tasks->values());
  if (texts == nullptr) reader.Fail("tasks", "lists of texts", tasks->type()->ToString());
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    EpisodeEntry& episode = episodes.emplace_back();
    episode.index = reader.Integer("episode_index", row, kMostFrames);
    for (std::int64_t i = tasks->value_offset(row); i < tasks->value_offset(row + 1); ++i) {
      episode.instructions.push_back(texts->GetString(i));
    }
    episode.length = reader.Integer("length", row, kMostFrames);
    episode.from = reader.Integer("dataset_from_index", row, kMostFrames);
    episode.to = reader.Integer("dataset_to_index", row, kMostFrames);
    if (episode.length < 1 || episode.to - episode.from != episode.length) {
      reader.Fail("length", fmt::format("the frames from {} to {}", episode.from, episode.to),
                  std::to_string(episode.length));
    }
    episode.data_chunk = static_cast<int>(reader.Integer("data/chunk_index", row, kMostFiles));
    episode.data_file = static_cast<int>(reader.Integer("data/file_index", row, kMostFiles));
    for (const DatasetFeature& feature : info.features) {
      if (feature.dtype != "video") continue;
      const std::string prefix = "videos/" + feature.name + "/";
      EpisodeVideoPlace& place = episode.videos[feature.name];
      place.chunk = static_cast<int>(reader.Integer(prefix + "chunk_index", row, kMostFiles));
      place.file = static_cast<int>(reader.Integer(prefix + "file_index", row, kMostFiles));
      place.from = reader.Get<arrow::DoubleArray>(prefix + "from_timestamp", "seconds (double)")->Value(row);
      place.to = reader.Get<arrow::DoubleArray>(prefix + "to_timestamp", "seconds (double)")->Value(row);
      if (!(place.from >= 0 && place.to > place.from)) {
        reader.Fail(prefix + "to_timestamp", "a time after from_timestamp", fmt::format("{}", place.to));
      }
    }
    if (reader.Has(kTask)) episode.task = reader.Get<arrow::StringArray>(kTask, "texts")->GetString(row);
    if (reader.Has(kKey)) episode.key = reader.Get<arrow::StringArray>(kKey, "texts")->GetString(row);
  }
  return episodes;
}

std::shared_ptr<arrow::Table> TasksTable(const std::vector<std::string>& tasks) {
  arrow::Int64Builder indices;
  arrow::StringBuilder texts;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    Good(indices.Append(static_cast<std::int64_t>(i)));
    Good(texts.Append(tasks[i]));
  }
  const auto column = [](const char* name, const char* pandas, const char* numpy) {
    return nlohmann::json{
        {"name", name}, {"field_name", name}, {"pandas_type", pandas}, {"numpy_type", numpy}, {"metadata", nullptr}};
  };
  const nlohmann::json pandas{
      {"index_columns", {"task"}},
      {"column_indexes", nlohmann::json::array()},
      {"columns", {column("task_index", "int64", "int64"), column("task", "unicode", "object")}}};
  const auto schema = arrow::schema({arrow::field("task_index", arrow::int64()), arrow::field("task", arrow::utf8())},
                                    arrow::key_value_metadata({"pandas"}, {pandas.dump()}));
  return arrow::Table::Make(schema, {Good(indices.Finish()), Good(texts.Finish())});
}

std::vector<std::string> TasksFrom(const arrow::Table& table, const std::string& file) {
  const TableReader reader(table, file);
  // Without a name pandas calls the index so.
  const std::string name = reader.Has("task") ? "task" : "__index_level_0__";
  std::vector<std::string> tasks;
  if (table.num_rows() == 0) return tasks;
  const auto texts = reader.Get<arrow::StringArray>(name, "texts");
  tasks.resize(static_cast<std::size_t>(table.num_rows()));
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    tasks[static_cast<std::size_t>(reader.Integer("task_index", row, table.num_rows() - 1))] = texts->GetString(row);
  }
  return tasks;
}

}  // namespace divla
