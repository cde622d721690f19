#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "policy/divla/weights/safetensors.h"
#include "policy/file_io.h"
#include "policy/rows.h"
#include "policy/rows_json.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// A tensor of rows.safetensors, copied; its dtype and shape must be these.
template <class T>
std::vector<T> LoadColumn(const SafetensorsFile& file, const std::string& name, Dtype dtype,
                          const std::vector<std::int64_t>& shape) {
  const TensorView& tensor = file.Tensor(name);
  if (tensor.dtype != dtype || tensor.shape != shape) {
    throw InputError(fmt::format("file {}: tensor '{}': expected {} [{}], found {} [{}]", file.Path(), name,
                                 DtypeName(dtype), fmt::join(shape, ", "), DtypeName(tensor.dtype),
                                 fmt::join(tensor.shape, ", ")));
  }
  return CopyElements<T>(tensor);
}

std::vector<float> LoadNumbers(const SafetensorsFile& file, const std::string& name, int rows, int width) {
  std::vector<float> values = LoadColumn<float>(file, name, Dtype::kF32, {rows, width});
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw InputError(fmt::format("file {}: tensor '{}': row {}: expected finite numbers, found {}", file.Path(), name,
                                   i / static_cast<std::size_t>(width), values[i]));
    }
  }
  return values;
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

struct RowsReader::Data {
  explicit Data(const fs::path& folder)
      : info(RowsInfoFromJson((folder / "meta.json").string(), ReadFile((folder / "meta.json").string()))),
        labels_path((folder / "labels.jsonl").string()),
        frames((folder / "frames.bin").string()),
        labels(labels_path) {
    LoadTable((folder / "rows.safetensors").string());
    const std::size_t frame_bytes = info.FrameBytes() * info.cameras.size() * static_cast<std::size_t>(pictured);
    if (frames.Bytes().size() != frame_bytes) {
      throw InputError(fmt::format("file {}: expected {} bytes ({} rows of {} frames of {}x{}), found {}",
                                   (folder / "frames.bin").string(), frame_bytes, pictured, info.cameras.size(),
                                   info.height, info.width, frames.Bytes().size()));
    }
    LoadLabels();
  }

  void LoadTable(const std::string& path) {
    const SafetensorsFile file = SafetensorsFile::Open(path);
    state = LoadNumbers(file, "state", info.rows, info.state_dim);
    tool = LoadNumbers(file, "tool", info.rows, info.ToolDim());
    joint_target = LoadNumbers(file, "joint_target", info.rows, info.joint_dim);
    tool_target = LoadNumbers(file, "tool_target", info.rows, info.tool_action_dim);
    points = LoadNumbers(file, "points", info.rows, 6);
    episode = LoadColumn<std::int32_t>(file, "episode", Dtype::kI32, {info.rows});
    label_valid = LoadColumn<std::uint8_t>(file, "label_valid", Dtype::kU8, {info.rows});
    for (const std::uint8_t flag : label_valid) {
      if (flag > 1)
        throw InputError(fmt::format("file {}: tensor 'label_valid': expected 0 or 1, found {}", path, flag));
    }
    const std::vector<std::string> names = file.Names();
    const bool numbered = std::find(names.begin(), names.end(), "frame") != names.end();
    if (names.size() != (numbered ? 8 : 7)) {
      throw InputError(
          fmt::format("file {}: expected {} tensors, found {}", path, numbered ? 8 : 7, fmt::join(names, ", ")));
    }
    if (numbered) frame = LoadColumn<std::int32_t>(file, "frame", Dtype::kI32, {info.rows});
    for (int row = 0; row < info.rows; ++row) {
      if (!numbered) frame.push_back(row);
      const std::int32_t number = frame[static_cast<std::size_t>(row)];
      if (number == -1) continue;
      if (number != pictured) {
        throw InputError(
            fmt::format("file {}: tensor 'frame': row {}: expected -1 or {}, found {}", path, row, pictured, number));
      }
      ++pictured;
    }
  }

  void LoadLabels() {
    const auto* text = reinterpret_cast<const char*>(labels.Bytes().data());
    lines = SplitLines({text, labels.Bytes().size()});
    if (lines.size() != static_cast<std::size_t>(info.rows)) {
      throw InputError(fmt::format("file {}: expected {} lines, found {}", labels_path, info.rows, lines.size()));
    }
    // Parsed once to find errors now; not kept, because thousands of small maps cost more memory than the text.
    for (int row = 0; row < info.rows; ++row) ParseLabels(row);
  }

  RowLabels ParseLabels(int row) const {
    return RowLabelsFromJson(labels_path, row, info, lines[static_cast<std::size_t>(row)]);
  }

  template <class T>
  std::span<const T> Row(const std::vector<T>& values, int row, int width) const {
    DIVLA_CHECK(row >= 0 && row < info.rows, "row out of range");
    return std::span(values).subspan(static_cast<std::size_t>(row) * static_cast<std::size_t>(width),
                                     static_cast<std::size_t>(width));
  }

  RowsInfo info;
  std::string labels_path;
  MappedFile frames;
  MappedFile labels;
  std::vector<std::string_view> lines;
  std::vector<float> state, tool, joint_target, tool_target, points;
  std::vector<std::int32_t> episode, frame;
  std::int32_t pictured{};  // rows
  std::vector<std::uint8_t> label_valid;
};

RowsReader::RowsReader(const std::string& folder) : data_(std::make_unique<Data>(folder)) {}
RowsReader::~RowsReader() = default;
RowsReader::RowsReader(RowsReader&&) noexcept = default;
RowsReader& RowsReader::operator=(RowsReader&&) noexcept = default;

const RowsInfo& RowsReader::Info() const { return data_->info; }
int RowsReader::size() const { return data_->info.rows; }

std::span<const std::uint8_t> RowsReader::Frame(int row, int camera) const {
  const RowsInfo& info = data_->info;
  DIVLA_CHECK(row >= 0 && row < info.rows, "row out of range");
  DIVLA_CHECK(camera >= 0 && static_cast<std::size_t>(camera) < info.cameras.size(), "camera out of range");
  DIVLA_CHECK(Pictured(row), "a row without a picture");
  const auto frame = static_cast<std::size_t>(data_->frame[static_cast<std::size_t>(row)]);
  const std::size_t index = frame * info.cameras.size() + static_cast<std::size_t>(camera);
  const std::span<const std::byte> bytes = data_->frames.Bytes().subspan(index * info.FrameBytes(), info.FrameBytes());
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

bool RowsReader::Pictured(int row) const { return data_->Row(data_->frame, row, 1)[0] >= 0; }

std::span<const float> RowsReader::State(int row) const { return data_->Row(data_->state, row, Info().state_dim); }
std::span<const float> RowsReader::Tool(int row) const { return data_->Row(data_->tool, row, Info().ToolDim()); }
std::span<const float> RowsReader::JointTarget(int row) const {
  return data_->Row(data_->joint_target, row, Info().joint_dim);
}
std::span<const float> RowsReader::ToolTarget(int row) const {
  return data_->Row(data_->tool_target, row, Info().tool_action_dim);
}
std::span<const float> RowsReader::Points(int row) const { return data_->Row(data_->points, row, 6); }
int RowsReader::Episode(int row) const { return data_->Row(data_->episode, row, 1)[0]; }
bool RowsReader::LabelValid(int row) const { return data_->Row(data_->label_valid, row, 1)[0] != 0; }

RowLabels RowsReader::Labels(int row) const {
  DIVLA_CHECK(row >= 0 && row < size(), "row out of range");
  return data_->ParseLabels(row);
}

}  // namespace divla
