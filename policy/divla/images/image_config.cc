#include "policy/divla/images/image_config.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/divla/json_reader.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kBicubic = 3;                    // PIL.Image.Resampling
constexpr std::int64_t kMostPixels = 1 << 30;  // keeps a broken file from asking for all memory
constexpr int kMostPatch = 1024;

json WithoutNulls(const json& object) {
  json kept = json::object();
  for (const auto& [key, value] : object.items()) {
    if (!value.is_null()) kept[key] = value.is_object() ? WithoutNulls(value) : value;
  }
  return kept;
}

// The keys of the image processor, and the file and path they stand at.
struct Source {
  json object = json::object();
  std::string file;
  std::string path;
};

Source ReadSource(const std::string& folder) {
  const std::string whole = (fs::path(folder) / "processor_config.json").string();
  if (fs::exists(whole)) {
    const json parsed = ParseJsonObject(ReadFile(whole), whole);
    const auto part = parsed.find("image_processor");
    if (part != parsed.end() && part->is_object()) return {WithoutNulls(*part), whole, "image_processor."};
  }
  const std::string own = (fs::path(folder) / "preprocessor_config.json").string();
  if (!fs::exists(own)) return {json::object(), own, ""};
  return {WithoutNulls(ParseJsonObject(ReadFile(own), own)), own, ""};
}

// Three numbers, or one for all channels.
void ReadChannels(JsonReader& reader, const json& object, const std::string& key, std::array<double, 3>& value) {
  if (!reader.Has(key)) return;
  if (object.at(key).is_number()) {
    value.fill(reader.Get<double>(key));
    return;
  }
  const auto list = reader.Get<std::vector<double>>(key);
  if (list.size() != value.size()) reader.Fail(key, "3 numbers", object.at(key).dump());
  std::copy(list.begin(), list.end(), value.begin());
}

void MustBe(JsonReader& reader, const std::string& key, bool expected) {
  if (reader.Has(key) && reader.Get<bool>(key) != expected) {
    reader.Fail(key, expected ? "true" : "false (not done here)", expected ? "false" : "true");
  }
}

// What both kinds have.
void ReadCommon(JsonReader& reader, const json& object, ImageConfig& config) {
  reader.Read("do_resize", config.do_resize);
  reader.Read("do_rescale", config.do_rescale);
  reader.Read("do_normalize", config.do_normalize);
  reader.Read("rescale_factor", config.rescale_factor);
  ReadChannels(reader, object, "image_mean", config.mean);
  ReadChannels(reader, object, "image_std", config.std);
  for (const double deviation : config.std) {
    if (!(deviation > 0)) reader.Fail("image_std", "numbers above 0", object.at("image_std").dump());
  }
  if (reader.Has("resample") && reader.Get<int>("resample") != kBicubic) {
    reader.Fail("resample", "3 (bicubic)", object.at("resample").dump());
  }
  MustBe(reader, "do_pad", false);
  MustBe(reader, "do_center_crop", false);
}

void ReadSide(JsonReader& reader, const json& object, const std::string& key, int& value) {
  reader.Read(key, value);
  if (value < 1 || value > kMostPatch) {
    reader.Fail(key, fmt::format("an integer from 1 to {}", kMostPatch), object.at(key).dump());
  }
}

void ReadLimits(JsonReader& reader, const json& object, ImageConfig& config) {
  if (reader.Has("size")) {
    JsonReader size = reader.Object("size");
    for (const char* low : {"min_pixels", "shortest_edge"}) size.Read(low, config.min_pixels);
    for (const char* high : {"max_pixels", "longest_edge"}) size.Read(high, config.max_pixels);
    size.Done();  // "height" and "width" belong to other models
  }
  reader.Read("min_pixels", config.min_pixels);
  reader.Read("max_pixels", config.max_pixels);
  const std::string found = fmt::format("{} and {}", config.min_pixels, config.max_pixels);
  const std::string keys = object.contains("size") && !object.contains("max_pixels") ? "size" : "max_pixels";
  if (config.min_pixels < 0 || config.max_pixels < 1 || config.max_pixels > kMostPixels ||
      config.min_pixels > config.max_pixels) {
    reader.Fail(keys, fmt::format("0 <= min_pixels <= max_pixels <= {}", kMostPixels), found);
  }
}

}  // namespace

ImageConfig DefaultQwen2VlImages() {
  ImageConfig config;
  config.mean = {0.48145466, 0.4578275, 0.40821073};
  config.std = {0.26862954, 0.26130258, 0.27577711};
  return config;
}

ImageConfig DefaultSiglipImages(int side) {
  ImageConfig config;
  config.mean = {0.5, 0.5, 0.5};
  config.std = {0.5, 0.5, 0.5};
  config.side = side;
  return config;
}

ImageConfig ReadQwen2VlImages(const std::string& folder) {
  const Source source = ReadSource(folder);
  JsonReader reader(source.object, source.file, source.path);
  ImageConfig config = DefaultQwen2VlImages();
  ReadCommon(reader, source.object, config);
  ReadSide(reader, source.object, "patch_size", config.patch_size);
  ReadSide(reader, source.object, "temporal_patch_size", config.temporal_patch_size);
  ReadSide(reader, source.object, "merge_size", config.merge_size);
  ReadLimits(reader, source.object, config);
  return config;
}

ImageConfig ReadSiglipImages(const std::string& folder, int side) {
  const Source source = ReadSource(folder);
  JsonReader reader(source.object, source.file, source.path);
  ImageConfig config = DefaultSiglipImages(side);
  ReadCommon(reader, source.object, config);
  if (reader.Has("size")) {
    JsonReader size = reader.Object("size");
    for (const char* key : {"height", "width"}) {
      if (size.Get<int>(key) != side) {
        size.Fail(key, fmt::format("{}, the image_size of config.json", side), std::to_string(size.Get<int>(key)));
      }
    }
  }
  return config;
}

}  // namespace divla
