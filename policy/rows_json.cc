#include "policy/rows_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "divla-rows";
constexpr int kVersion = 3;
constexpr int kAllPictured = 2;  // the version before rows without a picture; otherwise the same
// Bounds of meta.json, so that the size of frames.bin never overflows.
constexpr int kMaxRows = 100'000'000;
constexpr int kMaxSide = 16'384;  // pixels
constexpr int kMaxDim = 4'096;

// Reads the keys of one object and knows where it stands; every key must be asked for once.
class ObjectReader {
 public:
  ObjectReader(std::string where, const json& object) : where_(std::move(where)), object_(object) {
    if (!object.is_object())
      throw InputError(fmt::format("{}: expected a JSON object, found {}", where_, Short(object)));
  }

  const json& Get(const std::string& key) {
    const auto found = object_.find(key);
    if (found == object_.end()) Fail(key, "missing");
    used_.insert(key);
    return *found;
  }

  std::string Text(const std::string& key) {
    const json& value = Get(key);
    if (!value.is_string()) Fail(key, "expected text, found " + Short(value));
    return value.get<std::string>();
  }

  int Size(const std::string& key, int least, int most) {
    const json& value = Get(key);
    if (!value.is_number_integer() || value < least || value > most) {
      Fail(key, fmt::format("expected a whole number from {} to {}, found {}", least, most, Short(value)));
    }
    return value.get<int>();
  }

  const json& List(const std::string& key) {
    const json& value = Get(key);
    if (!value.is_array()) Fail(key, "expected a list, found " + Short(value));
    return value;
  }

  std::string Where(const std::string& key) const { return fmt::format("{}: key '{}'", where_, key); }

  void Done() const {
    for (const auto& [key, value] : object_.items()) {
      if (!used_.contains(key)) Fail(key, "unknown");
    }
  }

  [[noreturn]] void Fail(const std::string& key, const std::string& what) const {
    throw InputError(Where(key) + ": " + what);
  }

  static std::string Short(const json& value) {
    const std::string text = value.dump();
    return text.size() <= 60 ? text : text.substr(0, 57) + "...";
  }

 private:
  std::string where_;
  const json& object_;
  std::set<std::string> used_;
};

json PixelsToJson(const RowsInfo& info, const Pixels& pixels) {
  json result = json::object();
  for (const std::string& camera : info.cameras) result[camera] = nullptr;
  for (const auto& [camera, pixel] : pixels) {
    DIVLA_CHECK(result.contains(camera), "pixels of an unknown camera: " + camera);
    if (!pixel) continue;
    const auto [u, v] = *pixel;
    DIVLA_CHECK(u >= 0 && u <= 1 && v >= 0 && v <= 1, "pixel outside the picture of camera " + camera);
    result[camera] = {u, v};
  }
  return result;
}

Pixels PixelsFromJson(const std::string& where, const RowsInfo& info, const json& value) {
  ObjectReader reader(where, value);
  Pixels pixels;
  for (const std::string& camera : info.cameras) {
    const json& pixel = reader.Get(camera);
    std::optional<std::array<float, 2>> entry;
    if (!pixel.is_null()) {
      const auto fraction = [](const json& number) { return number.is_number() && number >= 0.0 && number <= 1.0; };
      if (!pixel.is_array() || pixel.size() != 2 || !fraction(pixel[0]) || !fraction(pixel[1])) {
        reader.Fail(camera, "expected null or [u, v] in [0, 1], found " + ObjectReader::Short(pixel));
      }
      entry = std::array<float, 2>{pixel[0].get<float>(), pixel[1].get<float>()};
    }
    pixels[camera] = entry;
  }
  reader.Done();
  return pixels;
}

}  // namespace

std::string RowsInfoToJson(const RowsInfo& info) {
  const json meta = {
      {"format", kFormat},           {"version", kVersion},         {"task", info.task},
      {"robot", info.robot},         {"renderer", info.renderer},   {"rows", info.rows},
      {"cameras", info.cameras},     {"height", info.height},       {"width", info.width},
      {"state_dim", info.state_dim}, {"joint_dim", info.joint_dim}, {"tool_action_dim", info.tool_action_dim}};
  return meta.dump(1) + "\n";
}

RowsInfo RowsInfoFromJson(const std::string& file, std::string_view text) {
  const json meta = json::parse(text, nullptr, /*allow_exceptions=*/false);
  ObjectReader reader("file " + file, meta);
  const std::string format = reader.Text("format");
  if (format != kFormat) reader.Fail("format", fmt::format("expected '{}', found '{}'", kFormat, format));
  const int version = reader.Size("version", 0, kMaxDim);
  if (version != kVersion && version != kAllPictured) {
    reader.Fail("version", fmt::format("expected {} or {}, found {}", kAllPictured, kVersion, version));
  }
  RowsInfo info;
  info.task = reader.Text("task");
  info.robot = reader.Text("robot");
  info.renderer = reader.Text("renderer");
  info.rows = reader.Size("rows", 1, kMaxRows);
  info.height = reader.Size("height", 1, kMaxSide);
  info.width = reader.Size("width", 1, kMaxSide);
  info.state_dim = reader.Size("state_dim", 1, kMaxDim);
  info.joint_dim = reader.Size("joint_dim", 1, kMaxDim);
  info.tool_action_dim = reader.Size("tool_action_dim", 10, kMaxDim);
  if (info.tool_action_dim % 10 != 0) {
    reader.Fail("tool_action_dim", fmt::format("expected 10 for each arm, found {}", info.tool_action_dim));
  }
  for (const json& camera : reader.List("cameras")) {
    const bool fresh =
        camera.is_string() && std::find(info.cameras.begin(), info.cameras.end(), camera) == info.cameras.end();
    if (!fresh) reader.Fail("cameras", "expected different names, found " + ObjectReader::Short(camera));
    info.cameras.push_back(camera.get<std::string>());
  }
  if (info.cameras.empty() || info.cameras.size() > 64) reader.Fail("cameras", "expected 1 to 64 names");
  reader.Done();
  return info;
}

std::string RowLabelsToJson(const RowsInfo& info, const RowLabels& labels) {
  json line = {{"instruction", labels.instruction},
               {"reasoning", labels.reasoning},
               {"object_pixels", PixelsToJson(info, labels.object_pixels)},
               {"destination_pixels", PixelsToJson(info, labels.destination_pixels)},
               {"alternatives", json::array()},
               {"objects", json::array()}};
  for (const RowAlternative& other : labels.alternatives) {
    line["alternatives"].push_back({{"instruction", other.instruction},
                                    {"reasoning", other.reasoning},
                                    {"object_pixels", PixelsToJson(info, other.object_pixels)},
                                    {"destination_pixels", PixelsToJson(info, other.destination_pixels)},
                                    {"points", other.points}});
  }
  for (const RowObject& object : labels.objects) {
    line["objects"].push_back({{"class", object.object_class}, {"pixels", PixelsToJson(info, object.pixels)}});
  }
  return line.dump();
}

RowLabels RowLabelsFromJson(const std::string& file, int row, const RowsInfo& info, std::string_view line) {
  const json value = json::parse(line, nullptr, /*allow_exceptions=*/false);
  ObjectReader reader(fmt::format("file {}: line {}", file, row + 1), value);
  RowLabels labels;
  const auto pixels = [&](ObjectReader& from, const std::string& key) {
    return PixelsFromJson(from.Where(key), info, from.Get(key));
  };
  labels.instruction = reader.Text("instruction");
  labels.reasoning = reader.Text("reasoning");
  labels.object_pixels = pixels(reader, "object_pixels");
  labels.destination_pixels = pixels(reader, "destination_pixels");
  for (const json& entry : reader.List("alternatives")) {
    ObjectReader item(reader.Where("alternatives"), entry);
    RowAlternative other;
    other.instruction = item.Text("instruction");
    other.reasoning = item.Text("reasoning");
    other.object_pixels = pixels(item, "object_pixels");
    other.destination_pixels = pixels(item, "destination_pixels");
    const json& points = item.List("points");
    if (points.size() != other.points.size())
      item.Fail("points", "expected 6 numbers, found " + ObjectReader::Short(points));
    for (std::size_t i = 0; i < other.points.size(); ++i) {
      if (!points[i].is_number()) item.Fail("points", "expected numbers, found " + ObjectReader::Short(points[i]));
      other.points[i] = points[i].get<float>();
    }
    item.Done();
    labels.alternatives.push_back(std::move(other));
  }
  for (const json& entry : reader.List("objects")) {
    ObjectReader item(reader.Where("objects"), entry);
    RowObject object;
    object.object_class = item.Text("class");
    object.pixels = pixels(item, "pixels");
    item.Done();
    labels.objects.push_back(std::move(object));
  }
  reader.Done();
  return labels;
}

}  // namespace divla
