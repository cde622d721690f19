// Every reference folder under tests/golden/references/models/, probed and compared with what transformers (and for the
// policy the released formulas) computed: the README there says how the files were made.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "policy/divla/weights/safetensors.h"
#include "policy/probe.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = fs::path(DIVLA_SOURCE_DIR) / "tests/golden/references/models";
constexpr double kTolerance = 1e-4;  // of float32 values, the project's promise
const std::string kInput = ".input.safetensors", kExpected = ".expected.safetensors";

// "MODEL.CASE" of every input.
std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  for (const fs::directory_entry& entry : fs::directory_iterator(kModels)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(kInput)) cases.push_back(name.substr(0, name.size() - kInput.size()));
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

class ProbeGolden : public testing::TestWithParam<std::string> {};

double LargestDifference(const TensorView& a, const TensorView& b) {
  const std::vector<float> left = CopyElements<float>(a), right = CopyElements<float>(b);
  double largest = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double difference = std::abs(static_cast<double>(left[i]) - static_cast<double>(right[i]));
    largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
  }
  return largest;
}

std::vector<std::int64_t> Whole(const TensorView& view) {
  if (view.dtype == Dtype::kI64) return CopyElements<std::int64_t>(view);
  const std::vector<std::int32_t> narrow = CopyElements<std::int32_t>(view);
  return {narrow.begin(), narrow.end()};
}

TEST_P(ProbeGolden, IsWhatTheReferenceComputed) {
  const std::string name = GetParam(), model = name.substr(0, name.find('.'));
  const std::string output = (fs::path(testing::TempDir()) / (name + ".probe.safetensors")).string();
  Probe((kModels / model).string(), (kModels / (name + kInput)).string(), output);
  const SafetensorsFile ours = SafetensorsFile::Open(output);
  const SafetensorsFile reference = SafetensorsFile::Open((kModels / (name + kExpected)).string());
  for (const std::string& tensor : reference.Names()) {
    ASSERT_TRUE(ours.Has(tensor)) << tensor;
    const TensorView &mine = ours.Tensor(tensor), &theirs = reference.Tensor(tensor);
    ASSERT_EQ(mine.shape, theirs.shape) << tensor;
    if (theirs.dtype == Dtype::kF32) {
      EXPECT_LE(LargestDifference(mine, theirs), kTolerance) << tensor;
    } else {
      EXPECT_EQ(Whole(mine), Whole(theirs)) << tensor;
    }
  }
  if (reference.Metadata().contains("reasoning")) {
    EXPECT_EQ(ours.Metadata().at("reasoning"), reference.Metadata().at("reasoning"));
  }
  fs::remove(output);
}

INSTANTIATE_TEST_SUITE_P(References, ProbeGolden, testing::ValuesIn(Cases()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

}  // namespace
}  // namespace divla
