// Byte for byte against openpi's own Python, and messages that no honest peer sends.
#include "policy/remote/wire/value.h"

#include <gtest/gtest.h>

#include <limits>

#include "policy/remote/wire/ndarray.h"
#include "tests/policy/policy_test_support.h"
#include "tests/policy/remote/wire/python_dumps.h"

namespace divla {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

WireValue FloatArray(std::vector<float> values, std::vector<std::int64_t> shape) {
  return WireValue::OfNdArray(ArrayOf(std::span<const float>(values), std::move(shape)));
}

WireValue ObservationValue() {
  const std::vector<double> state = {0, 0.25, 0.5};
  const std::vector<std::uint8_t> picture = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  WireValue images = WireValue::OfMap();
  images.Set("cam_high", WireValue::OfNdArray(ArrayOf(std::span<const std::uint8_t>(picture), {3, 2, 2})));
  WireValue::Array list;
  for (const std::int64_t n :
       {-1LL, -33LL, -129LL, -32769LL, -2147483649LL, 127LL, 128LL, 256LL, 65536LL, 4294967296LL}) {
    list.push_back(WireValue::Int(n));
  }
  list.push_back(WireValue::Uint(std::uint64_t{1} << 63));
  list.push_back(WireValue::Uint(std::numeric_limits<std::uint64_t>::max()));
  WireValue value = WireValue::OfMap();
  value.Set("state", WireValue::OfNdArray(ArrayOf(std::span<const double>(state), {3})));
  value.Set("images", images);
  value.Set("prompt", WireValue::Text("lift the cup \xe2\x80\x93 now"));
  value.Set("step", WireValue::Int(300));
  value.Set("reset", WireValue::Bool(true));
  value.Set("none", WireValue());
  value.Set("list", WireValue::OfArray(list));
  return value;
}

struct DumpCase {
  const char* name;
  const char* hex;
  WireValue value;
};

std::vector<DumpCase> DumpCases() {
  WireValue actions = WireValue::OfMap();
  actions.Set("actions", FloatArray({1, -2, 0.5F, 3e38F}, {2, 2}));
  WireValue::Array floats;
  for (const double number : {1.0, -0.0, 0.1, std::numeric_limits<double>::infinity(), 1e300}) {
    floats.push_back(WireValue::Double(number));
  }
  WireValue metadata = WireValue::OfMap();
  metadata.Set("reset_pose", WireValue::OfArray({WireValue::Int(0), WireValue::Double(-1.5), WireValue::Double(1.5),
                                                 WireValue::Int(0), WireValue::Int(0), WireValue::Int(0)}));
  WireValue bytes = WireValue::OfMap();
  bytes.Set("b", WireValue::Bytes(std::string("\0\xff", 2)));
  bytes.Set("s16", WireValue::Text(std::string(40, 'x')));
  const std::vector<double> number = {2.5};
  return {{"actions", kActionsDump, actions},
          {"observation", kObservationDump, ObservationValue()},
          {"floats", kFloatsDump, WireValue::OfArray(floats)},
          {"zero dimensions", kZeroDimensionsDump, WireValue::OfNdArray(ArrayOf(std::span<const double>(number), {}))},
          {"empty", kEmptyArrayDump, FloatArray({}, {0, 7})},
          {"metadata", kMetadataDump, metadata},
          {"bytes", kBytesDump, bytes}};
}

TEST(Wire, PacksWhatPythonPacks) {
  for (const DumpCase& example : DumpCases()) {
    EXPECT_EQ(Pack(example.value), FromHex(example.hex)) << example.name;
  }
}

TEST(Wire, UnpacksWhatPythonPacks) {
  for (const DumpCase& example : DumpCases()) {
    const WireValue found = Unpack(FromHex(example.hex));
    EXPECT_EQ(found, example.value) << example.name;
  }
}

TEST(Wire, NumpyScalarsBecomeNumbers) {
  const WireValue found = Unpack(FromHex(kScalarsDump));
  EXPECT_EQ(found, WireValue::OfArray(
                       {WireValue::Double(0.5), WireValue::Int(-7), WireValue::Int(200), WireValue::Bool(true)}));
}

TEST(Wire, ReadsEveryDtype) {
  const WireValue found = Unpack(FromHex(kDtypesDump));
  ASSERT_NE(found.AsArray(), nullptr);
  std::vector<std::vector<double>> values;
  for (const WireValue& item : *found.AsArray()) {
    ASSERT_NE(item.AsNdArray(), nullptr);
    values.push_back(ToDoubles(*item.AsNdArray()));
  }
  // The last line as numpy converts it: np.array([0.5, -65504, 6e-8], np.float16).astype(float)
  const std::vector<std::vector<double>> expected = {{1, 0},
                                                     {-2},
                                                     {-300},
                                                     {70000},
                                                     {-1099511627776.0},
                                                     {65535},
                                                     {4000000000.0},
                                                     {9223372036854775808.0},
                                                     {0.5, -65504, 5.960464477539063e-08}};
  EXPECT_EQ(values, expected);
}

TEST(Wire, UnderstandsTextMarkersAndSaysSo) {
  std::string bytes = FromHex(kActionsDump);
  // The four marker keys as text (fixstr) in place of bytes (bin 8).
  for (const std::string key : {"__ndarray__", "data", "dtype", "shape"}) {
    const std::string bin = std::string("\xc4") + static_cast<char>(key.size()) + key;
    const std::size_t at = bytes.find(bin);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, bin.size(), static_cast<char>(0xa0 + key.size()) + key);
  }
  const WireValue found = Unpack(bytes);
  const NdArray* array = found.Find("actions")->AsNdArray();
  ASSERT_NE(array, nullptr);
  EXPECT_TRUE(array->text_markers);
  EXPECT_EQ(ToDoubles(*array)[1], -2.0);
  EXPECT_FALSE(Unpack(FromHex(kActionsDump)).Find("actions")->AsNdArray()->text_markers);
}

// A marker map made by hand, so that it can lie.
std::string RawArray(std::string_view dtype, const std::string& shape, std::string_view data) {
  std::string bytes = "\x84";
  bytes += std::string("\xc4\x0b") + "__ndarray__" + "\xc3";
  bytes += std::string("\xc4\x04") + "data" + "\xc4" + static_cast<char>(data.size()) + std::string(data);
  bytes += std::string("\xc4\x05") + "dtype" + static_cast<char>(0xa0 + dtype.size()) + std::string(dtype);
  bytes += std::string("\xc4\x05") + "shape" + shape;
  return bytes;
}

TEST(Wire, RefusesArraysThatLie) {
  const auto expect = [](const std::string& bytes, const std::vector<std::string>& parts) {
    ExpectInputError([&] { Unpack(bytes, {}, "peer"); }, parts);
  };
  const std::string huge_shape = "\x92" + std::string("\xcf\x20\0\0\0\0\0\0\x01", 9) + "\x08";
  const std::string huge_with_zero =
      "\x93" + std::string("\xcf\x20\0\0\0\0\0\0\x01", 9) + "\x7f" + std::string(1, '\0');
  expect(RawArray("<f4", "\x91\x03", "12345678"), {"peer: data: expected 12 bytes for <f4 [3], found 8"});
  expect(RawArray("<f4", huge_shape, "12345678"), {"shape: expected sizes", "product"});
  expect(RawArray("<f4", "\x91\xff", "1234"), {"shape: expected sizes from 0", "[-1]"});
  expect(RawArray("<f4", "\x91\xa1x", "1234"), {"shape: expected integers, found text"});
  expect(RawArray("<f4", "\x01", "1234"), {"shape: expected an array, found int"});
  expect(RawArray("<f4", "\xdc" + std::string("\0\x21", 2) + std::string(33, '\x01'), "1234"), {"32 dimensions"});
  for (const char* dtype : {"|O", "<c8", "|V4", "<U4", "<M8", "f4", "<f16", "<f3", "|f4", "<b4", "=f4", ""}) {
    expect(RawArray(dtype, "\x91\x01", "1234"), {"dtype: expected little-endian", dtype});
  }
  EXPECT_EQ(Unpack(RawArray("<f4", huge_with_zero, "")).AsNdArray()->ElementCount(), 0U);
  expect(FromHex(kBigEndianDump), {"big-endian '>f4'"});
}

TEST(Wire, RefusesWhatIsNoMessage) {
  const auto expect = [](const std::string& bytes, const std::vector<std::string>& parts) {
    ExpectInputError([&] { Unpack(bytes, {}, "peer"); }, parts);
  };
  expect("", {"peer: expected a whole message, found its end"});
  expect("\xc1", {"expected msgpack"});
  expect("\x01\x02", {"one value, found 1 bytes behind"});
  expect("\x81\x01\x02", {"expected text keys, found int"});
  expect("\x81\x80\x02", {"expected text keys, found an array or map"});
  expect("\x81\xc4\x01k\x02", {"expected text keys", "bytes 'k'"});
  expect("\x82\xa1k\x01\xa1k\x02", {"every key once, found 'k' twice"});
  expect("\x81\xa1k\xa1\xff", {"peer: k: expected UTF-8"});
  expect("\x81\xa1k\xd6\xff" + std::string(4, '\0'), {"peer: k: expected no extension types"});
  expect("\x81\xa1k\x92\x01\x81\xa1j\x81\xa1i\xc1", {"peer: k[1].j.i: expected msgpack"});
}

TEST(Wire, KeepsItsLimits) {
  const std::string nested(17, '\x91');
  ExpectInputError([&] { Unpack(nested + "\x01"); }, {"at most 16 arrays and maps within one another"});
  EXPECT_NO_THROW(Unpack(nested.substr(1) + "\x01"));
  ExpectInputError([] { Unpack(std::string(100000, '\x91')); }, {"16"});
  // Four thousand million elements are claimed, none is there.
  ExpectInputError([] { Unpack("\xdd\xff\xff\xff\xff"); }, {"at most 100000 elements", "4294967295"});
  ExpectInputError([] { Unpack("\xdf\xff\xff\xff\xff"); }, {"at most 100000 elements"});
  ExpectInputError([] { Unpack("\xdb\xff\xff\xff\xffx"); }, {"found its end"});
  WireLimits limits;
  limits.bytes = 68;
  ExpectInputError([&] { Unpack(FromHex(kActionsDump), limits); }, {"at most 68 bytes, found 69"});
  // The sum over all containers counts, not each alone.
  limits = {.elements = 5};
  ExpectInputError([&] { Unpack("\x92\x92\x01\x02\x92\x01\x02", limits); }, {"at most 5 elements"});
}

}  // namespace
}  // namespace divla
