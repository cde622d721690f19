// Tests for policy/divla/weights/safetensors.cc: round trips, the exact bytes, and each way a file can be broken.
#include "policy/divla/weights/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "sim/check.h"
#include "sim/rng.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

template <class T>
TensorView View(const std::string& name, Dtype dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  return {name, dtype, std::move(shape), std::as_bytes(std::span(values))};
}

// A file made by hand: the length, the header, the data.
std::string Raw(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + header + std::string(data_bytes, '\1');
}

class Safetensors : public testing::Test {
 protected:
  void ExpectRefused(const std::string& content, const std::vector<std::string>& parts) {
    PutFile(path_, content);
    std::vector<std::string> all = parts;
    all.push_back("file " + path_);
    ExpectInputError([&] { SafetensorsFile::Open(path_); }, all);
  }

  TempFolder folder_;
  std::string path_ = folder_.File("model.safetensors");
};

TEST_F(Safetensors, RoundTrip) {
  const std::vector<float> floats = {1.5F, -2.0F, 3.25F, 0.0F, 5.0F, 1e-30F};
  const std::vector<std::int64_t> longs = {-1, INT64_MAX};
  const std::vector<std::uint8_t> bytes = {1, 2, 255};
  const std::vector<std::int32_t> ints = {-7};
  const std::vector<std::uint16_t> halves = {0x3C00, 0x3F80};
  const std::vector<float> none;
  WriteSafetensors(
      path_,
      std::vector<TensorView>{View("z.floats", Dtype::kF32, {2, 3}, floats), View("bytes", Dtype::kU8, {3}, bytes),
                              View("longs", Dtype::kI64, {2}, longs), View("scalar", Dtype::kI32, {}, ints),
                              View("half", Dtype::kF16, {1, 2}, halves), View("bf", Dtype::kBF16, {2}, halves),
                              View("none", Dtype::kF32, {0, 4}, none)},
      {{"note", "caf\u00e9 \"quoted\""}, {"a", ""}});
  SafetensorsFile opened = SafetensorsFile::Open(path_);
  const SafetensorsFile file = std::move(opened);
  EXPECT_EQ(file.Names(), (std::vector<std::string>{"bf", "bytes", "half", "longs", "none", "scalar", "z.floats"}));
  EXPECT_EQ(file.Metadata(), (std::map<std::string, std::string>{{"note", "caf\u00e9 \"quoted\""}, {"a", ""}}));
  EXPECT_EQ(CopyElements<float>(file.Tensor("z.floats")), floats);
  EXPECT_EQ(file.Tensor("z.floats").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(CopyElements<std::int64_t>(file.Tensor("longs")), longs);
  EXPECT_EQ(CopyElements<std::uint8_t>(file.Tensor("bytes")), bytes);
  EXPECT_EQ(CopyElements<std::int32_t>(file.Tensor("scalar")), ints);
  EXPECT_TRUE(file.Tensor("scalar").shape.empty());
  EXPECT_EQ(file.Tensor("bf").dtype, Dtype::kBF16);
  EXPECT_EQ(CopyElements<std::uint16_t>(file.Tensor("half")), halves);
  EXPECT_TRUE(file.Tensor("none").data.empty());
  for (const std::string& name : file.Names()) {
    const TensorView& tensor = file.Tensor(name);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data.data()) % DtypeSize(tensor.dtype), 0U) << name;
  }
  ExpectInputError([&] { file.Tensor("missing"); }, {"'missing'", path_});
}

TEST_F(Safetensors, WritesExactlyTheseBytes) {
  const std::vector<std::uint8_t> bytes = {7, 8};
  const std::vector<float> floats = {1.0F};
  WriteSafetensors(path_,
                   std::vector<TensorView>{View("a", Dtype::kU8, {2}, bytes), View("b", Dtype::kF32, {1}, floats)},
                   {{"k", "v"}});
  std::string header = R"({"__metadata__":{"k":"v"},"a":{"data_offsets":[4,6],"dtype":"U8","shape":[2]},)"
                       R"("b":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}})";
  while (header.size() % 8 != 0) header += ' ';
  EXPECT_EQ(GetFile(path_), Raw(header, 0) + std::string("\0\0\x80\x3f\7\10", 6));
}

TEST_F(Safetensors, ReadsAFileWithoutTensors) {
  PutFile(path_, Raw("{}", 0));
  EXPECT_TRUE(SafetensorsFile::Open(path_).Names().empty());
}

TEST_F(Safetensors, RefusesEveryTruncation) {
  const std::vector<float> floats = {1, 2, 3};
  WriteSafetensors(path_, std::vector<TensorView>{View("w", Dtype::kF32, {3}, floats)}, {});
  const std::string whole = GetFile(path_);
  for (std::size_t size = 0; size < whole.size(); ++size) ExpectRefused(whole.substr(0, size), {});
  ExpectRefused(whole + "x", {"expected 12 bytes of data, found 13"});
}

// Whatever the damage: a file opens with every byte of every view readable, or is refused as bad input.
TEST_F(Safetensors, SurvivesRandomDamage) {
  const std::vector<float> floats = {1, 2, 3};
  const std::vector<std::uint8_t> bytes = {4, 5};
  WriteSafetensors(path_,
                   std::vector<TensorView>{View("w", Dtype::kF32, {3}, floats), View("v", Dtype::kU8, {1, 2}, bytes)},
                   {{"k", "v"}});
  const std::string whole = GetFile(path_);
  Rng rng(StreamKey{.seed = 1, .stream = "damage"});
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string broken = whole;
    for (int i = 1 + rng.Int(3); i > 0; --i) {
      const auto at = static_cast<std::size_t>(rng.Int(static_cast<int>(broken.size())));
      // Digits and signs are the likeliest to get past the JSON parser.
      broken[at] = rng.Int(2) == 0 ? "0123456789-,:[]{}\""[rng.Int(18)] : static_cast<char>(rng.Int(256));
    }
    PutFile(path_, broken);
    try {
      const SafetensorsFile file = SafetensorsFile::Open(path_);
      for (const std::string& name : file.Names()) {
        const TensorView& tensor = file.Tensor(name);
        EXPECT_EQ(CopyElements<std::uint8_t>(tensor).size(), tensor.data.size());
      }
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST_F(Safetensors, RefusesBadHeaders) {
  ExpectRefused("", {"at least 8 bytes, found 0"});
  ExpectRefused(std::string(8, '\xff'), {"header length", "at most 0", "18446744073709551615"});
  std::string huge = Raw("{}", 0);
  huge[5] = 1;  // 2^40
  ExpectRefused(huge, {"header length", "1099511627778"});
  ExpectRefused(Raw("", 0), {"header"});
  ExpectRefused(Raw(" {}", 0), {"'{' first"});
  ExpectRefused(Raw("{\"a\":", 0), {"valid JSON"});
  ExpectRefused(Raw("{} {}", 0), {"valid JSON"});
  ExpectRefused(Raw("{\"\xff\":1}", 0), {"valid JSON"});
  ExpectRefused(Raw(std::string("{\"a\":").append(50'000, '['), 0), {"valid JSON"});
  ExpectRefused(Raw(R"({"__metadata__":[]})", 0), {"__metadata__"});
  ExpectRefused(Raw(R"({"__metadata__":{"k":1}})", 0), {"metadata 'k'"});
}

TEST_F(Safetensors, RefusesBadTensors) {
  struct Case {
    const char* entries;
    std::size_t data;
    std::vector<std::string> parts;
  };
  const Case cases[] = {
      {R"("w":3)", 0, {"'w'", "object"}},
      {R"("w":{"dtype":"F64","shape":[1],"data_offsets":[0,8]})", 8, {"'w'", "dtype", "F64", "BF16"}},
      {R"("w":{"dtype":7,"shape":[1],"data_offsets":[0,8]})", 8, {"'w'", "dtype"}},
      {R"("w":{"shape":[1],"data_offsets":[0,4]})", 4, {"'w'", "dtype", "nothing"}},
      {R"("w":{"dtype":"F32","data_offsets":[0,4]})", 4, {"'w'", "shape"}},
      {R"("w":{"dtype":"F32","shape":[1]})", 4, {"'w'", "data_offsets"}},
      {R"("w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})", 4, {"'w'", "unknown key 'x'"}},
      {R"("w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", 4, {"'w'", "shape", "-1"}},
      {R"("w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]})", 4, {"'w'", "shape", "1.5"}},
      {R"("w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]})", 4, {"'w'", "data_offsets", "-4"}},
      {R"("w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]})", 4, {"'w'", "begin <= end"}},
      {R"("w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]})", 8, {"'w'", "begin <= end"}},
      {R"("w":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]})", 4, {"'w'", "data_offsets"}},
      {R"("w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 4, {"'w'", "at most 4", "8"}},
      {R"("w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]})", 8, {"'w'", "12 bytes", "8 bytes"}},
      {R"("w":{"dtype":"F32","shape":[4611686018427387904,4,4],"data_offsets":[0,0]})", 0, {"'w'", "too many"}},
      {R"("w":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]})", 0, {"'w'", "too many"}},
      {R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]})",
       6,
       {"'b'", "overlap", "begin 4, found 2"}},
      {R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]})",
       4,
       {"'b'", "overlap"}},
      {R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]})",
       6,
       {"'b'", "gap", "begin 2, found 4"}},
      {R"("a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]})", 4, {"'a'", "gap"}},
      {R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})",
       2,
       {"'a'", "twice"}},
  };
  for (const Case& example : cases) {
    SCOPED_TRACE(example.entries);
    ExpectRefused(Raw(std::string("{") + example.entries + "}", example.data), example.parts);
  }
}

TEST_F(Safetensors, UnwritableFolderIsAFailingMachine) {
  EXPECT_THROW(WriteSafetensors(folder_.File("no/such/file"), {}, {}), MachineError);
}

TEST_F(Safetensors, OurMistakesStopTheProgram) {
  const std::vector<float> floats = {1, 2};
  const TensorView wrong = View("w", Dtype::kF32, {3}, floats);
  const TensorView right = View("w", Dtype::kF32, {2}, floats);
  EXPECT_DEATH(WriteSafetensors(path_, std::vector<TensorView>{wrong}, {}), "shape and bytes differ: w");
  EXPECT_DEATH(WriteSafetensors(path_, std::vector<TensorView>{right, right}, {}), "twice: w");
}

}  // namespace
}  // namespace divla
