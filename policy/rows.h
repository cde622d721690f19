// The pre-rendered training folder: what the demonstration renderer (harness) writes and the trainer reads. Standard
// types only; harness may include this header. One folder DATA/<task>/ holds
//   meta.json         {"format":"divla-rows","version":3,"task","robot","renderer","rows","cameras":[...],"height",
//                      "width","state_dim","joint_dim","tool_action_dim"}; written last, so a folder without it is
//                      unfinished
//   frames.bin        u8 [pictured rows][cameras][height][width][3]
//   rows.safetensors  state f32 [N,S], tool f32 [N,arms*9], joint_target f32 [N,J], tool_target f32 [N,arms*10],
//                     episode i32 [N], label_valid u8 [N], points f32 [N,6], frame i32 [N]: which of frames.bin, -1:
//                     no picture, so this row only says what was commanded after the pictured ones before it. Without
//                     `frame` (version 2) row n has frame n
//   labels.jsonl      one line per row: {"instruction","reasoning","object_pixels":{camera:[u,v]|null},
//                     "destination_pixels":{...},"alternatives":[{"instruction","reasoning","object_pixels",
//                     "destination_pixels","points":[6]}],"objects":[{"class","pixels":{camera:[u,v]|null}}]}
// u and v are fractions of the image's width and height in [0, 1]; null where the thing is outside the picture.
// Rows of an episode stand together, in the order of control steps.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/image.h"

namespace divla {

struct RowsInfo {
  std::string task;
  std::string robot;
  std::string renderer;  // what drew the frames: Renderer::Description, "software 1"
  int rows{};            // filled in by the writer
  std::vector<std::string> cameras;
  int height{};           // pixels
  int width{};            // pixels
  int state_dim{};        // S
  int joint_dim{};        // J, of a joint-position action
  int tool_action_dim{};  // arms x 10, of an end-effector action

  int ToolDim() const { return tool_action_dim / 10 * 9; }
  std::size_t FrameBytes() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 3; }
};

using Pixels = std::map<std::string, std::optional<std::array<float, 2>>>;  // camera -> (u, v)

// Another instruction that would have been true in the same scene, with what it refers to. The action does not belong
// to it.
struct RowAlternative {
  std::string instruction;
  std::string reasoning;
  Pixels object_pixels;
  Pixels destination_pixels;
  std::array<float, 6> points{};  // as TrainingRow::points
};

struct RowObject {
  std::string object_class;  // "bread"
  Pixels pixels;
};

struct RowLabels {
  std::string instruction;
  std::string reasoning;
  Pixels object_pixels;
  Pixels destination_pixels;
  std::vector<RowAlternative> alternatives;
  std::vector<RowObject> objects;
};

// One control step.
struct TrainingRow {
  std::map<std::string, Image> images;  // every camera of RowsInfo, or none: a row without a picture
  std::vector<float> state;             // (S), Observation::state
  std::vector<float> tool;              // (arms x 9), Observation::tool
  std::vector<float> joint_target;      // (J), the commanded joint-position action of this step
  std::vector<float> tool_target;       // (arms x 10), the commanded end-effector action of this step
  int episode{};
  bool label_valid{};             // false: a perturbed step, or a static scene: its command must not be a label
  std::array<float, 6> points{};  // object xyz, destination xyz (m, world frame); privileged
  RowLabels labels;
};

// Writes one folder. Rows that do not fit RowsInfo are our mistake (DIVLA_CHECK); a camera that a Pixels map leaves out
// counts as null. Throws MachineError when the folder cannot be written. Not thread-safe.
class RowsWriter {
 public:
  RowsWriter(const std::string& folder, RowsInfo info);  // makes the folder; an older content is replaced
  ~RowsWriter();                                         // without Finish() the folder stays unreadable
  RowsWriter(const RowsWriter&) = delete;
  RowsWriter& operator=(const RowsWriter&) = delete;

  void Append(const TrainingRow& row);
  void Finish();  // at least one row; after it nothing may be appended

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads one folder; frames are memory-mapped. Opening checks everything: sizes, types, each line of labels.jsonl
// (throws InputError). Spans stay valid while the reader lives. Const members are thread-safe.
class RowsReader {
 public:
  explicit RowsReader(const std::string& folder);
  ~RowsReader();
  RowsReader(RowsReader&&) noexcept;
  RowsReader& operator=(RowsReader&&) noexcept;

  const RowsInfo& Info() const;
  int size() const;  // rows
  bool Pictured(int row) const;
  // (height x width x 3) of a pictured row; camera: index in Info().cameras
  std::span<const std::uint8_t> Frame(int row, int camera) const;
  std::span<const float> State(int row) const;        // (S)
  std::span<const float> Tool(int row) const;         // (arms x 9)
  std::span<const float> JointTarget(int row) const;  // (J)
  std::span<const float> ToolTarget(int row) const;   // (arms x 10)
  int Episode(int row) const;
  bool LabelValid(int row) const;
  std::span<const float> Points(int row) const;  // (6)
  RowLabels Labels(int row) const;               // parsed at each call, about 20 microseconds

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

}  // namespace divla
