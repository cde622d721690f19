#include "policy/divla/weights/checkpoint_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

class CheckpointFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("checkpoint_files_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void WriteShard(const std::string& file, const std::vector<std::string>& names) {
    const std::vector<float> numbers = {1, 2, 3, 4};
    std::vector<TensorView> views;
    for (const std::string& name : names)
      views.push_back({name, Dtype::kF32, {2, 2}, std::as_bytes(std::span(numbers))});
    WriteSafetensors((folder_ / file).string(), views, {});
  }
  void WriteIndex(const std::string& text) { WriteFile((folder_ / "model.safetensors.index.json").string(), text); }

  // The message of the InputError; empty when there is none.
  std::string Problem() {
    try {
      OpenCheckpointFiles(folder_.string());
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(CheckpointFiles, OneFile) {
  WriteShard("model.safetensors", {"a", "b"});
  const auto tensors = OpenCheckpointFiles(folder_.string());
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(CopyElements<float>(tensors.at("b").view), (std::vector<float>{1, 2, 3, 4}));
}

TEST_F(CheckpointFiles, Shards) {
  WriteShard("one.safetensors", {"a"});
  WriteShard("two.safetensors", {"b", "c"});
  WriteIndex(
      R"({"metadata": {}, "weight_map": {"a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"}})");
  const auto tensors = OpenCheckpointFiles(folder_.string());
  EXPECT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors.at("c").file->Path(), (folder_ / "two.safetensors").string());
  EXPECT_EQ(CheckpointFileNames(folder_.string()), (std::vector<std::string>{"one.safetensors", "two.safetensors"}));
}

TEST_F(CheckpointFiles, NothingThere) { EXPECT_NE(Problem().find("found neither"), std::string::npos); }

TEST_F(CheckpointFiles, AShardIsMissing) {
  WriteShard("one.safetensors", {"a"});
  WriteIndex(R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}})");
  EXPECT_NE(Problem().find("two.safetensors"), std::string::npos);
}

TEST_F(CheckpointFiles, ATensorIsNotWhereTheIndexSays) {
  WriteShard("one.safetensors", {"a", "b"});
  WriteShard("two.safetensors", {"c"});
  WriteIndex(R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"}})");
  EXPECT_NE(Problem().find("tensor 'b'"), std::string::npos);
}

TEST_F(CheckpointFiles, ATensorThatTheIndexDoesNotKnow) {
  WriteShard("one.safetensors", {"a", "b"});
  WriteIndex(R"({"weight_map": {"a": "one.safetensors"}})");
  EXPECT_NE(Problem().find("tensor 'b'"), std::string::npos);
}

TEST_F(CheckpointFiles, ATensorInTwoShards) {
  WriteShard("one.safetensors", {"a"});
  WriteShard("two.safetensors", {"a", "b"});
  WriteIndex(R"({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}})");
  EXPECT_NE(Problem().find("stands in"), std::string::npos);
}

TEST_F(CheckpointFiles, AnIndexStaysInItsFolderAndNamesNoIndex) {
  for (const char* file :
       {"../other.safetensors", "/etc/passwd", "model.safetensors.index.json", "", ".safetensors/x"}) {
    WriteIndex(R"({"weight_map": {"a": ")" + std::string(file) + "\"}}");
    EXPECT_NE(Problem().find("expected a file name NAME.safetensors"), std::string::npos) << file;
  }
}

TEST_F(CheckpointFiles, AnIndexThatIsNone) {
  for (const char* text : {"", "[]", "{}", R"({"weight_map": []})", R"({"weight_map": {}})",
                           R"({"weight_map": {"a": 1}})", R"({"weight_map": {"a": {"weight_map": {}}}})"}) {
    WriteIndex(text);
    EXPECT_NE(Problem(), "") << text;
  }
}

}  // namespace
}  // namespace divla
