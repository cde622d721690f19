// Tests for policy/rows.h: what the writer wrote, the reader gives back; broken folders are refused.
#include "policy/rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/weights/safetensors.h"
#include "sim/check.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

RowsInfo TestInfo() {
  RowsInfo info;
  info.task = "transfer_cube";
  info.robot = "agilex";
  info.renderer = "software 1";
  info.cameras = {"cam_high", "cam_wrist"};
  info.height = 4;
  info.width = 6;
  info.state_dim = 14;
  info.joint_dim = 14;
  info.tool_action_dim = 20;
  return info;
}

std::vector<float> Ramp(std::size_t size, int row, float scale) {
  std::vector<float> values;
  for (std::size_t i = 0; i < size; ++i) values.push_back(scale * static_cast<float>(i) + static_cast<float>(row));
  return values;
}

TrainingRow TestRow(int row) {
  TrainingRow result;
  for (const std::string& camera : TestInfo().cameras) {
    Image image{4, 6, {}};
    for (std::size_t i = 0; i < image.ByteCount(); ++i) {
      image.rgb.push_back(static_cast<std::uint8_t>(i + camera.size() * 40 + static_cast<std::size_t>(row) * 3));
    }
    result.images[camera] = image;
  }
  result.state = Ramp(14, row, 0.1F);
  result.tool = Ramp(18, row, 0.2F);
  result.joint_target = Ramp(14, row, 0.3F);
  result.tool_target = Ramp(20, row, 0.4F);
  result.episode = row / 2;
  result.label_valid = row != 1;
  result.points = {0.1F, 0.2F, 0.3F, 0.4F, 0.5F, static_cast<float>(row)};
  RowLabels& labels = result.labels;
  labels.instruction = "Pick \"it\"\n up, caf\u00e9";
  labels.reasoning = "Row " + std::to_string(row);
  labels.object_pixels = {{"cam_high", std::array<float, 2>{0.1F, 1.0F}}, {"cam_wrist", std::nullopt}};
  labels.destination_pixels = {{"cam_wrist", std::array<float, 2>{0, 0.25F}}};
  labels.alternatives.push_back(
      {"Other", "Because", {{"cam_high", std::array<float, 2>{0.5F, 0.5F}}}, {}, {1, 2, 3, 4, 5, 6}});
  labels.objects.push_back({"bread", {{"cam_high", std::array<float, 2>{0.75F, 0.125F}}}});
  labels.objects.push_back({"tape", {}});
  return result;
}

void WriteRows(const std::string& folder, int rows) {
  RowsWriter writer(folder, TestInfo());
  for (int row = 0; row < rows; ++row) writer.Append(TestRow(row));
  writer.Finish();
}

// What the reader must give for pixels in which the writer was not told of every camera.
Pixels Filled(Pixels pixels) {
  for (const std::string& camera : TestInfo().cameras) pixels.try_emplace(camera, std::nullopt);
  return pixels;
}

class Rows : public testing::Test {
 protected:
  Rows() { WriteRows(path_, 3); }
  void ExpectRefused(const std::vector<std::string>& parts) {
    ExpectInputError([&] { RowsReader reader(path_); }, parts);
  }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

  TempFolder folder_;
  std::string path_ = folder_.File("data/transfer_cube");
};

// Rows between pictured ones keep their commands; their episode goes on.
TEST_F(Rows, RowsWithoutAPictureOnlyHaveNumbers) {
  RowsWriter writer(path_, TestInfo());
  for (int row = 0; row < 4; ++row) {
    TrainingRow one = TestRow(row);
    if (row % 2 == 1) one.images.clear();
    writer.Append(one);
  }
  writer.Finish();
  const RowsReader reader(path_);
  ASSERT_EQ(reader.size(), 4);
  for (int row = 0; row < 4; ++row) {
    EXPECT_EQ(reader.Pictured(row), row % 2 == 0);
    EXPECT_TRUE(std::ranges::equal(reader.ToolTarget(row), TestRow(row).tool_target));
  }
  EXPECT_TRUE(std::ranges::equal(reader.Frame(2, 1), TestRow(2).images.at("cam_wrist").rgb));
  EXPECT_DEATH(reader.Frame(1, 0), "without a picture");
  std::filesystem::resize_file(File("frames.bin"), 3 * 2 * 4 * 6 * 3);
  ExpectRefused({"frames.bin", "expected 288 bytes (2 rows"});
}

TEST_F(Rows, RoundTrip) {
  RowsReader opened(path_);
  const RowsReader reader = std::move(opened);
  ASSERT_EQ(reader.size(), 3);
  EXPECT_EQ(reader.Info().task, "transfer_cube");
  EXPECT_EQ(reader.Info().robot, "agilex");
  EXPECT_EQ(reader.Info().renderer, "software 1");
  EXPECT_EQ(reader.Info().cameras, TestInfo().cameras);
  EXPECT_EQ(reader.Info().ToolDim(), 18);
  for (int row = 0; row < 3; ++row) {
    const TrainingRow expected = TestRow(row);
    for (int camera = 0; camera < 2; ++camera) {
      EXPECT_TRUE(std::ranges::equal(reader.Frame(row, camera),
                                     expected.images.at(reader.Info().cameras[static_cast<std::size_t>(camera)]).rgb));
    }
    EXPECT_TRUE(std::ranges::equal(reader.State(row), expected.state));
    EXPECT_TRUE(std::ranges::equal(reader.Tool(row), expected.tool));
    EXPECT_TRUE(std::ranges::equal(reader.JointTarget(row), expected.joint_target));
    EXPECT_TRUE(std::ranges::equal(reader.ToolTarget(row), expected.tool_target));
    EXPECT_TRUE(std::ranges::equal(reader.Points(row), expected.points));
    EXPECT_EQ(reader.Episode(row), expected.episode);
    EXPECT_EQ(reader.LabelValid(row), expected.label_valid);
    const RowLabels labels = reader.Labels(row);
    EXPECT_EQ(labels.instruction, expected.labels.instruction);
    EXPECT_EQ(labels.reasoning, expected.labels.reasoning);
    EXPECT_EQ(labels.object_pixels, Filled(expected.labels.object_pixels));
    EXPECT_EQ(labels.destination_pixels, Filled(expected.labels.destination_pixels));
    ASSERT_EQ(labels.alternatives.size(), 1U);
    EXPECT_EQ(labels.alternatives[0].instruction, "Other");
    EXPECT_EQ(labels.alternatives[0].reasoning, "Because");
    EXPECT_EQ(labels.alternatives[0].object_pixels, Filled(expected.labels.alternatives[0].object_pixels));
    EXPECT_EQ(labels.alternatives[0].points, expected.labels.alternatives[0].points);
    ASSERT_EQ(labels.objects.size(), 2U);
    EXPECT_EQ(labels.objects[0].object_class, "bread");
    EXPECT_EQ(labels.objects[0].pixels, Filled(expected.labels.objects[0].pixels));
    EXPECT_EQ(labels.objects[1].pixels, Filled({}));
  }
}

TEST_F(Rows, SameRowsGiveSameBytes) {
  const std::string other = folder_.File("other");
  WriteRows(other, 3);
  for (const char* name : {"meta.json", "frames.bin", "rows.safetensors", "labels.jsonl"}) {
    EXPECT_EQ(GetFile(other + "/" + name), GetFile(File(name))) << name;
  }
}

TEST_F(Rows, AnUnfinishedFolderCannotBeRead) {
  {
    RowsWriter writer(path_, TestInfo());  // over the finished one
    writer.Append(TestRow(0));
  }
  ExpectRefused({"meta.json"});
  WriteRows(path_, 1);
  EXPECT_EQ(RowsReader(path_).size(), 1);
}

TEST_F(Rows, RefusesBrokenMeta) {
  const nlohmann::json good = nlohmann::json::parse(GetFile(File("meta.json")));
  const auto with = [&](const std::string& key, const nlohmann::json& value) {
    nlohmann::json meta = good;
    meta[key] = value;
    PutFile(File("meta.json"), meta.dump());
  };
  with("version", 1);
  ExpectRefused({"meta.json", "'version'", "expected 2 or 3, found 1"});
  with("renderer", 1);
  ExpectRefused({"'renderer'", "text"});
  with("format", "other");
  ExpectRefused({"'format'", "divla-rows", "other"});
  with("rows", 4);
  ExpectRefused({"rows.safetensors", "'state'", "[4, 14]", "[3, 14]"});
  with("rows", -1);
  ExpectRefused({"'rows'", "-1"});
  with("height", 1e9);
  ExpectRefused({"'height'"});
  with("state_dim", 13);
  ExpectRefused({"rows.safetensors", "'state'", "[3, 13]", "[3, 14]"});
  with("tool_action_dim", 15);
  ExpectRefused({"'tool_action_dim'", "15"});
  with("cameras", {"a", "a"});
  ExpectRefused({"'cameras'"});
  with("cameras", "a");
  ExpectRefused({"'cameras'", "list"});
  with("extra", 1);
  ExpectRefused({"'extra'", "unknown"});
  PutFile(File("meta.json"), "{");
  ExpectRefused({"meta.json", "JSON object"});
}

TEST_F(Rows, RefusesBrokenFiles) {
  PutFile(File("frames.bin"), GetFile(File("frames.bin")).substr(1));
  ExpectRefused({"frames.bin", "found 431"});
  WriteRows(path_, 3);
  const std::vector<float> one = {1};
  WriteSafetensors(File("rows.safetensors"),
                   std::vector<TensorView>{{"state", Dtype::kF32, {1}, std::as_bytes(std::span(one))}}, {});
  ExpectRefused({"rows.safetensors", "'state'", "[3, 14]"});
  WriteRows(path_, 3);
  std::filesystem::remove(File("labels.jsonl"));
  ExpectRefused({"labels.jsonl"});
}

TEST_F(Rows, RefusesBrokenLabels) {
  const std::string text = GetFile(File("labels.jsonl"));
  const std::string first = text.substr(0, text.find('\n') + 1);
  const nlohmann::json good = nlohmann::json::parse(first);
  const auto second_line = [&](const nlohmann::json& line) {
    PutFile(File("labels.jsonl"), first + line.dump() + "\n" + first);
  };
  const auto with = [&](const std::string& pointer, const nlohmann::json& value) {
    nlohmann::json line = good;
    line[nlohmann::json::json_pointer(pointer)] = value;
    second_line(line);
  };
  second_line(good);
  EXPECT_EQ(RowsReader(path_).size(), 3);
  with("/object_pixels/cam_high", {0.5, 1.5});
  ExpectRefused({"labels.jsonl", "line 2", "object_pixels", "cam_high", "1.5"});
  with("/object_pixels/cam_high", {0.5});
  ExpectRefused({"line 2", "cam_high"});
  with("/objects/0/pixels/another", nullptr);
  ExpectRefused({"line 2", "'another'", "unknown"});
  with("/alternatives/0/points", {1, 2});
  ExpectRefused({"line 2", "points", "6 numbers"});
  with("/instruction", 3);
  ExpectRefused({"line 2", "'instruction'", "text"});
  nlohmann::json line = good;
  line.erase("reasoning");
  second_line(line);
  ExpectRefused({"line 2", "'reasoning'", "missing"});
  PutFile(File("labels.jsonl"), first + "{\n" + first);
  ExpectRefused({"line 2", "JSON object"});
  PutFile(File("labels.jsonl"), first + first);
  ExpectRefused({"labels.jsonl", "expected 3 lines, found 2"});
}

TEST_F(Rows, OurMistakesStopTheProgram) {
  RowsWriter writer(folder_.File("w"), TestInfo());
  TrainingRow row = TestRow(0);
  row.state.pop_back();
  EXPECT_DEATH(writer.Append(row), "another size");
  row = TestRow(0);
  row.images.erase("cam_high");
  EXPECT_DEATH(writer.Append(row), "cam_high");
  row = TestRow(0);
  row.labels.object_pixels["cam_high"] = std::array<float, 2>{0.5F, -0.1F};
  EXPECT_DEATH(writer.Append(row), "outside the picture");
  EXPECT_DEATH(writer.Finish(), "finish needs rows");
  PutFile(folder_.File("file"), "");
  EXPECT_THROW(RowsWriter(folder_.File("file/sub"), TestInfo()), MachineError);
}

}  // namespace
}  // namespace divla
