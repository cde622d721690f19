#include <fmt/format.h>

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

// One column of rows.safetensors, growing row by row.
template <class T>
struct Column {
  Dtype dtype;
  int width;  // numbers per row; 0: a scalar per row
  std::vector<T> values{};

  void Add(std::span<const T> row) {
    DIVLA_CHECK(row.size() == static_cast<std::size_t>(width), "a row of another size than RowsInfo says");
    values.insert(values.end(), row.begin(), row.end());
  }

  TensorView View(const std::string& name, int rows) const {
    TensorView view{name, dtype, {rows}, std::as_bytes(std::span(values))};
    if (width > 0) view.shape.push_back(width);
    return view;
  }
};

void CheckInfo(const RowsInfo& info) {
  DIVLA_CHECK(!info.cameras.empty() && info.height > 0 && info.width > 0, "rows without pictures");
  DIVLA_CHECK(!info.renderer.empty(), "rows without the name of what drew them");
  DIVLA_CHECK(info.state_dim > 0 && info.joint_dim > 0, "rows without numbers");
  DIVLA_CHECK(info.tool_action_dim > 0 && info.tool_action_dim % 10 == 0, "10 tool numbers for each arm");
}

// Makes the folder and takes an older meta.json away first, so that a reader never sees new frames with an old table.
std::string PrepareFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder)) {
    throw MachineError(fmt::format("folder {}: cannot be made: {}", folder, error.message()));
  }
  fs::remove(fs::path(folder) / "meta.json", error);
  if (error) throw MachineError(fmt::format("folder {}: cannot be written: {}", folder, error.message()));
  return folder;
}

}  // namespace

struct RowsWriter::State {
  State(const std::string& path, RowsInfo rows_info)
      : folder(PrepareFolder(path)),
        info(std::move(rows_info)),
        frames((folder / "frames.bin").string()),
        labels((folder / "labels.jsonl").string()),
        state{Dtype::kF32, info.state_dim},
        tool{Dtype::kF32, info.ToolDim()},
        joint_target{Dtype::kF32, info.joint_dim},
        tool_target{Dtype::kF32, info.tool_action_dim},
        points{Dtype::kF32, 6},
        episode{Dtype::kI32, 0},
        frame{Dtype::kI32, 0},
        label_valid{Dtype::kU8, 0} {}

  fs::path folder;
  RowsInfo info;
  AtomicFile frames;
  AtomicFile labels;
  Column<float> state, tool, joint_target, tool_target, points;
  Column<std::int32_t> episode, frame;
  std::int32_t pictured{};  // rows so far
  Column<std::uint8_t> label_valid;
  bool finished{};
};

RowsWriter::RowsWriter(const std::string& folder, RowsInfo info) {
  CheckInfo(info);
  info.rows = 0;
  state_ = std::make_unique<State>(folder, std::move(info));
}

RowsWriter::~RowsWriter() = default;

void RowsWriter::Append(const TrainingRow& row) {
  State& state = *state_;
  DIVLA_CHECK(!state.finished, "append after finish");
  state.frame.values.push_back(row.images.empty() ? -1 : state.pictured++);
  for (const std::string& camera : state.info.cameras) {
    if (row.images.empty()) break;
    const auto image = row.images.find(camera);
    DIVLA_CHECK(image != row.images.end(), "a row without a picture of camera " + camera);
    DIVLA_CHECK(image->second.height == state.info.height && image->second.width == state.info.width &&
                    image->second.rgb.size() == state.info.FrameBytes(),
                "a picture of another size, camera " + camera);
    state.frames.Write(std::as_bytes(std::span(image->second.rgb)));
  }
  state.state.Add(row.state);
  state.tool.Add(row.tool);
  state.joint_target.Add(row.joint_target);
  state.tool_target.Add(row.tool_target);
  state.points.Add(row.points);
  state.episode.values.push_back(row.episode);
  state.label_valid.values.push_back(row.label_valid ? 1 : 0);
  state.labels.Write(RowLabelsToJson(state.info, row.labels) + "\n");
  ++state.info.rows;
}

void RowsWriter::Finish() {
  State& state = *state_;
  DIVLA_CHECK(!state.finished && state.pictured > 0, "finish needs rows, pictured ones, once");
  state.finished = true;
  const int rows = state.info.rows;
  const std::vector<TensorView> tensors = {
      state.state.View("state", rows),
      state.tool.View("tool", rows),
      state.joint_target.View("joint_target", rows),
      state.tool_target.View("tool_target", rows),
      state.points.View("points", rows),
      state.episode.View("episode", rows),
      state.label_valid.View("label_valid", rows),
      state.frame.View("frame", rows),
  };
  state.frames.Commit();
  state.labels.Commit();
  WriteSafetensors((state.folder / "rows.safetensors").string(), tensors, {});
  WriteFile((state.folder / "meta.json").string(), RowsInfoToJson(state.info));
}

}  // namespace divla
