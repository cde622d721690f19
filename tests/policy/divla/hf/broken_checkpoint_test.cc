// A folder that is broken in any way is refused with one line, never read as something else: cases with a name, then
// random corruption of every file. Run under AddressSanitizer this also shows that nothing is read past its end.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "policy/file_io.h"
#include "policy/probe.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kModels = fs::path(DIVLA_SOURCE_DIR) / "tests/golden/references/models";
constexpr int kCorruptions = 1000;

class BrokenCheckpoint : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("broken_checkpoint_" + std::to_string(::getpid()));
    Restore("qwen_gqa_f32", "qwen_gqa_f32.hard_text.input.safetensors");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Restore(const std::string& model, const std::string& input) {
    fs::remove_all(folder_);
    fs::copy(kModels / model, folder_, fs::copy_options::recursive);
    input_ = (kModels / input).string();
  }
  std::string Path(const std::string& file) const { return (folder_ / file).string(); }

  // What the probe says; "fine" when it computes.
  std::string Outcome() const {
    try {
      Probe(folder_.string(), input_, Path("out.safetensors"));
    } catch (const InputError& error) {
      return error.what();
    }
    return "fine";
  }
  void EditJson(const std::string& file, const std::function<void(json&)>& edit) {
    json value = json::parse(ReadFile(Path(file)));
    edit(value);
    WriteFile(Path(file), value.dump());
  }
  // Changes the JSON header of a safetensors file, keeping its data.
  void EditHeader(const std::string& file, const std::function<void(json&)>& edit) {
    const std::string bytes = ReadFile(Path(file));
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    json header = json::parse(bytes.substr(8, length));
    const std::string data = bytes.substr(8 + length);
    edit(header);
    const std::string text = header.dump();
    length = text.size();
    WriteFile(Path(file), std::string(reinterpret_cast<const char*>(&length), 8) + text + data);
  }
  void ExpectRefused(const std::string& part) const { EXPECT_NE(Outcome().find(part), std::string::npos) << Outcome(); }

  fs::path folder_;
  std::string input_;
};

TEST_F(BrokenCheckpoint, TheUnbrokenOneIsFine) { EXPECT_EQ(Outcome(), "fine"); }

TEST_F(BrokenCheckpoint, Truncated) {
  const std::string bytes = ReadFile(Path("model.safetensors"));
  for (const std::size_t keep :
       {std::size_t{0}, std::size_t{7}, std::size_t{100}, bytes.size() / 2, bytes.size() - 1}) {
    WriteFile(Path("model.safetensors"), bytes.substr(0, keep));
    ExpectRefused("model.safetensors");
  }
}

TEST_F(BrokenCheckpoint, HugeHeader) {
  std::string bytes = ReadFile(Path("model.safetensors"));
  const std::uint64_t length = UINT64_MAX - 3;
  std::memcpy(bytes.data(), &length, 8);
  WriteFile(Path("model.safetensors"), bytes);
  ExpectRefused("header length");
}

TEST_F(BrokenCheckpoint, WrongTypesRangesAndShapes) {
  const std::string name = "model.norm.weight";
  const auto with = [&](const std::function<void(json&)>& edit, const std::string& part) {
    Restore("qwen_gqa_f32", "qwen_gqa_f32.hard_text.input.safetensors");
    EditHeader("model.safetensors", edit);
    ExpectRefused(part);
  };
  with([&](json& header) { header[name]["dtype"] = "F64"; }, name);
  with([&](json& header) { header[name]["dtype"] = "I32"; }, name);
  with([&](json& header) { header[name]["data_offsets"][0] = -8; }, name);
  with([&](json& header) { header[name]["data_offsets"][1] = 1LL << 60; }, name);
  with([&](json& header) { header[name]["shape"] = {-1}; }, name);
  with([&](json& header) { header[name]["shape"] = {1LL << 62, 8}; }, name);
  with([&](json& header) { header.erase(name); }, "model.safetensors");
  with([&](json& header) { header["model.extra.weight"] = header[name]; }, "overlap");
}

TEST_F(BrokenCheckpoint, AMissingAndAnExtraTensor) {
  EditHeader("model.safetensors", [](json& header) {
    header["model.norm.weights"] = header["model.norm.weight"];
    header.erase("model.norm.weight");
  });
  ExpectRefused("model.norm.weight");
}

TEST_F(BrokenCheckpoint, SizesThatDoNotFitTheWeights) {
  EditJson("config.json", [](json& config) {
    json& text = config.contains("text_config") ? config["text_config"] : config;
    text["intermediate_size"] = text["intermediate_size"].get<int>() + 8;
  });
  ExpectRefused("expected shape");
}

TEST_F(BrokenCheckpoint, NoConfigOrNoTokenizer) {
  fs::remove(Path("config.json"));
  ExpectRefused("config.json");
  Restore("qwen_gqa_f32", "qwen_gqa_f32.hard_text.input.safetensors");
  fs::remove(Path("tokenizer.json"));
  EXPECT_NE(Outcome(), "fine");
}

// Bytes of every file flipped, cut out or repeated: the answer is "fine" (a weight that is another number) or one line.
TEST_F(BrokenCheckpoint, RandomCorruption) {
  for (const auto& [model, input] : {std::pair<std::string, std::string>{"qwen_tied_shards_bf16", "three_equal"},
                                     {"divla_released_bf16", "one_token"}}) {
    Restore(model, model + "." + input + ".input.safetensors");
    std::vector<std::string> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
      files.push_back(entry.path().filename().string());
    }
    std::sort(files.begin(), files.end());
    int refused = 0;
    for (int i = 0; i < kCorruptions / 2; ++i) {
      Rng rng({.seed = 1, .task = model, .stream = "corruption", .index = static_cast<std::uint64_t>(i)});
      const std::string& file = files[static_cast<std::size_t>(rng.Int(static_cast<int>(files.size())))];
      const std::string good = ReadFile(Path(file));
      std::string bad = good;
      // Mostly in the part that says what the rest means.
      const int reach =
          rng.Uniform() < 0.8 ? std::min<int>(4000, static_cast<int>(bad.size())) : static_cast<int>(bad.size());
      const auto at = static_cast<std::size_t>(rng.Int(std::max(1, reach)));
      const auto count = static_cast<std::size_t>(1 + rng.Int(16));
      switch (rng.Int(3)) {
        case 0:
          for (std::size_t j = at; j < std::min(bad.size(), at + count); ++j) bad[j] = static_cast<char>(rng.Int(256));
          break;
        case 1:
          bad.erase(at, count);
          break;
        default:
          bad.insert(at, bad.substr(at, count));
      }
      WriteFile(Path(file), bad);
      refused += Outcome() != "fine";  // any other exception fails the test, a crash ends it
      WriteFile(Path(file), good);
    }
    EXPECT_GT(refused, kCorruptions / 8) << model;
  }
}

}  // namespace
}  // namespace divla
