// Tests for policy/divla/images/image_config.cc and the refusals of patches.cc.
#include "policy/divla/images/image_config.h"

#include <gtest/gtest.h>

#include "policy/divla/images/patches.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

class ImageConfigFile : public testing::Test {
 protected:
  ImageConfig Qwen(const std::string& text) {
    PutFile(folder_.File("preprocessor_config.json"), text);
    return ReadQwen2VlImages(folder_.Path());
  }
  void ExpectRefused(const std::string& text, const std::vector<std::string>& parts) {
    SCOPED_TRACE(text);
    ExpectInputError([&] { Qwen(text); }, parts);
  }
  TempFolder folder_;
};

TEST_F(ImageConfigFile, MissingFileKeyOrNullMeansTheClassDefault) {
  const auto expect_default = [](const ImageConfig& config) {
    EXPECT_EQ(config.min_pixels, 3136);
    EXPECT_EQ(config.max_pixels, 1003520);
    EXPECT_EQ(config.patch_size * 100 + config.temporal_patch_size * 10 + config.merge_size, 1422);
    EXPECT_EQ(config.mean[2], 0.40821073);
    EXPECT_EQ(config.std[0], 0.26862954);
    EXPECT_TRUE(config.do_resize && config.do_rescale && config.do_normalize);
  };
  expect_default(ReadQwen2VlImages(folder_.Path()));
  expect_default(Qwen(R"({"min_pixels": null, "size": null, "patch_size": null, "image_mean": null})"));
  expect_default(Qwen(R"({"image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen2VLProcessor"})"));
}

TEST_F(ImageConfigFile, LimitsAreSpelledInThreeWays) {
  EXPECT_EQ(Qwen(R"({"min_pixels": 784, "max_pixels": 9000})").max_pixels, 9000);
  EXPECT_EQ(Qwen(R"({"size": {"shortest_edge": 784, "longest_edge": 9000}})").max_pixels, 9000);
  EXPECT_EQ(Qwen(R"({"size": {"min_pixels": 784, "max_pixels": 9000}})").min_pixels, 784);
  const ImageConfig both = Qwen(R"({"max_pixels": 7000, "size": {"shortest_edge": 784, "longest_edge": 9000}})");
  EXPECT_EQ(both.max_pixels, 7000);
  EXPECT_EQ(both.min_pixels, 784);
}

TEST_F(ImageConfigFile, ProcessorConfigComesFirstWhenItHasAnImageProcessor) {
  PutFile(folder_.File("processor_config.json"), R"({"processor_class": "Qwen2VLProcessor"})");
  EXPECT_EQ(Qwen(R"({"patch_size": 16})").patch_size, 16);
  PutFile(folder_.File("processor_config.json"), R"({"image_processor": {"patch_size": 8, "size": null}})");
  EXPECT_EQ(ReadQwen2VlImages(folder_.Path()).patch_size, 8);
  PutFile(folder_.File("processor_config.json"), R"({"image_processor": {"patch_size": 0}})");
  ExpectInputError([&] { ReadQwen2VlImages(folder_.Path()); }, {"processor_config.json", "image_processor.patch_size"});
}

TEST_F(ImageConfigFile, RefusesWhatIsWrongOrNotDone) {
  ExpectRefused("[]", {"preprocessor_config.json", "JSON object"});
  ExpectRefused(R"({"resample": 2})", {"resample", "3 (bicubic)", "2"});
  ExpectRefused(R"({"do_resize": 1})", {"do_resize", "true or false"});
  ExpectRefused(R"({"do_pad": true})", {"do_pad", "false"});
  ExpectRefused(R"({"patch_size": -14})", {"patch_size", "-14"});
  ExpectRefused(R"({"merge_size": 99999999})", {"merge_size", "99999999"});
  ExpectRefused(R"({"image_mean": [0.5, 0.5]})", {"image_mean", "3 numbers"});
  ExpectRefused(R"({"image_std": [0.5, 0, 0.5]})", {"image_std", "above 0"});
  ExpectRefused(R"({"size": {"height": 224, "width": 224}})", {"size.height"});
  ExpectRefused(R"({"min_pixels": 9000, "max_pixels": 784})", {"max_pixels", "9000 and 784"});
  ExpectRefused(R"({"max_pixels": 1e30})", {"max_pixels", "integer"});
  ExpectRefused(R"({"size": {"longest_edge": 9223372036854775807}})", {"size", "9223372036854775807"});
}

TEST_F(ImageConfigFile, SiglipIsASquareOfTheNetworksSide) {
  const ImageConfig config = ReadSiglipImages(folder_.Path(), 384);
  EXPECT_EQ(config.side, 384);
  EXPECT_EQ(config.mean[1], 0.5);
  PutFile(folder_.File("preprocessor_config.json"), R"({"size": {"height": 224, "width": 224}})");
  EXPECT_EQ(ReadSiglipImages(folder_.Path(), 224).side, 224);
  ExpectInputError([&] { ReadSiglipImages(folder_.Path(), 384); }, {"size.height", "384", "224"});
}

TEST(MakePatches, RefusesSizesThatItMayNotChange) {
  ImageConfig config = DefaultQwen2VlImages();
  config.do_resize = false;
  const Image image{28, 30, std::vector<std::uint8_t>(28 * 30 * 3)};
  ExpectInputError([&] { MakePatches(image, config); }, {"image", "28", "28 x 30"});
  ImageConfig square = DefaultSiglipImages(28);
  square.do_resize = false;
  ExpectInputError([&] { MakePlanes(image, square); }, {"image", "28 x 28", "28 x 30"});
}

}  // namespace
}  // namespace divla
