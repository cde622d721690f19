// Sizes, resizing and pixel values against transformers and Pillow, from tests/golden/.
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "policy/divla/images/patches.h"
#include "policy/divla/images/resize.h"
#include "policy/divla/weights/safetensors.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

using nlohmann::json;

const std::string kGolden = std::string(DIVLA_SOURCE_DIR) + "/tests/golden/";

Image ReadImage(const SafetensorsFile& file, const std::string& name) {
  const TensorView& tensor = file.Tensor(name);
  EXPECT_EQ(tensor.dtype, Dtype::kU8);
  Image image{static_cast<int>(tensor.shape.at(0)), static_cast<int>(tensor.shape.at(1)), {}};
  image.rgb.resize(image.ByteCount());
  std::memcpy(image.rgb.data(), tensor.data.data(), tensor.data.size());
  return image;
}

TEST(ImagesReference, SmartResizeGivesTheSizesOfTransformers) {
  int refused = 0;
  for (const json& one : json::parse(GetFile(kGolden + "references/images/smart_resize.json"))) {
    const ImageSize image{one.at("height").get<int>(), one.at("width").get<int>()};
    const auto ask = [&] {
      return SmartResize(image, one.at("factor").get<int>(), one.at("min_pixels").get<int>(),
                         one.at("max_pixels").get<int>());
    };
    SCOPED_TRACE(one.dump());
    if (one.at("result").is_null()) {
      ExpectInputError(ask, {"image", "200"});
      ++refused;
      continue;
    }
    EXPECT_EQ(ask(), (ImageSize{one.at("result").at(0).get<int>(), one.at("result").at(1).get<int>()}));
  }
  EXPECT_GT(refused, 5);
}

TEST(ImagesReference, ResizeEqualsPillowInEveryBit) {
  const SafetensorsFile file = SafetensorsFile::Open(kGolden + "references/images/resize.safetensors");
  int pictures = 0;
  for (const std::string& name : file.Names()) {
    if (!name.ends_with(".input")) continue;
    const Image expected = ReadImage(file, name.substr(0, name.size() - 5) + "output");
    EXPECT_EQ(ResizeBicubic(ReadImage(file, name), {expected.height, expected.width}), expected) << name;
    ++pictures;
  }
  EXPECT_GE(pictures, 30);
}

TEST(ImagesReference, PixelValuesEqualThoseOfTransformersInEveryBit) {
  const SafetensorsFile file = SafetensorsFile::Open(kGolden + "images/pixel_values.safetensors");
  for (const json& one : json::parse(GetFile(kGolden + "images/pixel_values.json"))) {
    const auto name = one.at("name").get<std::string>();
    SCOPED_TRACE(name);
    TempFolder folder;
    PutFile(folder.File("preprocessor_config.json"), one.at("file").dump());
    const Image image = ReadImage(file, name + ".input");
    const TensorView& output = file.Tensor(name + ".output");
    std::vector<float> expected(output.data.size() / sizeof(float));
    std::memcpy(expected.data(), output.data.data(), output.data.size());
    if (one.at("siglip").get<bool>()) {
      EXPECT_EQ(MakePlanes(image, ReadSiglipImages(folder.Path(), static_cast<int>(output.shape.at(1)))), expected);
      continue;
    }
    const ImagePatches patches = MakePatches(image, ReadQwen2VlImages(folder.Path()));
    EXPECT_EQ((std::vector<int>{1, patches.grid_height, patches.grid_width}), one.at("grid").get<std::vector<int>>());
    EXPECT_EQ(patches.row_size, output.shape.at(1));
    EXPECT_EQ(patches.values, expected);
  }
}

}  // namespace
}  // namespace divla
