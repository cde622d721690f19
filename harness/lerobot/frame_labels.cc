// LabelsText and ReadLabels: the labels of a training row as JSON,
//   {"instruction", "reasoning", "object_pixels": {camera: [u, v] or null}, "destination_pixels", "points": [6],
//    "alternatives": [{"instruction", "reasoning", "object_pixels", "destination_pixels", "points"}],
//    "objects": [{"class", "pixels"}]}
#include <nlohmann/json.hpp>

#include "harness/json_fields.h"
#include "harness/lerobot/robot_dataset.h"

namespace divla {
namespace {

using nlohmann::json;

json PixelsJson(const Pixels& pixels) {
  json value = json::object();
  for (const auto& [camera, place] : pixels) value[camera] = place ? json{(*place)[0], (*place)[1]} : json(nullptr);
  return value;
}

json PointsJson(const std::array<float, 6>& points) { return json(points); }

Pixels PixelsFrom(JsonFields fields, const std::vector<std::string>& cameras) {
  Pixels pixels;
  for (const std::string& camera : cameras) {
    auto& place = pixels[camera];
    if (!fields.Has(camera) || fields.IsNull(camera)) continue;
    const json& pair = fields.Array(camera);
    const auto good = [](const json& value) { return value.is_number() && value >= 0.0 && value <= 1.0; };
    if (pair.size() != 2 || !good(pair[0]) || !good(pair[1])) fields.Fail(camera, "two fractions", pair.dump());
    place = {pair[0].get<float>(), pair[1].get<float>()};
  }
  return pixels;
}

std::array<float, 6> PointsFrom(JsonFields& fields) {
  const json& values = fields.Array("points");
  std::array<float, 6> points{};
  if (values.size() != points.size()) fields.Fail("points", "6 numbers", std::to_string(values.size()));
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!values[i].is_number()) fields.Fail("points", "numbers", values[i].dump());
    points[i] = values[i].get<float>();
  }
  return points;
}

}  // namespace

std::string LabelsText(const TrainingRow& row) {
  const RowLabels& labels = row.labels;
  json alternatives = json::array(), objects = json::array();
  for (const RowAlternative& other : labels.alternatives) {
    alternatives.push_back({{"instruction", other.instruction},
                            {"reasoning", other.reasoning},
                            {"object_pixels", PixelsJson(other.object_pixels)},
                            {"destination_pixels", PixelsJson(other.destination_pixels)},
                            {"points", PointsJson(other.points)}});
  }
  for (const RowObject& object : labels.objects) {
    objects.push_back({{"class", object.object_class}, {"pixels", PixelsJson(object.pixels)}});
  }
  return json{{"instruction", labels.instruction},
              {"reasoning", labels.reasoning},
              {"object_pixels", PixelsJson(labels.object_pixels)},
              {"destination_pixels", PixelsJson(labels.destination_pixels)},
              {"points", PointsJson(row.points)},
              {"alternatives", std::move(alternatives)},
              {"objects", std::move(objects)}}
      .dump();
}

void ReadLabels(const std::string& text, const std::string& where, const std::vector<std::string>& cameras,
                TrainingRow& row) {
  const json value = ParseJson(text, where);
  JsonFields fields(value, where);
  RowLabels& labels = row.labels;
  labels = {};
  labels.instruction = fields.String("instruction");
  labels.reasoning = fields.String("reasoning");
  labels.object_pixels = PixelsFrom(fields.Object("object_pixels"), cameras);
  labels.destination_pixels = PixelsFrom(fields.Object("destination_pixels"), cameras);
  row.points = PointsFrom(fields);
  for (const json& element : fields.Array("alternatives")) {
    JsonFields other(element, where + ": alternatives");
    RowAlternative& alternative = labels.alternatives.emplace_back();
    alternative.instruction = other.String("instruction");
    alternative.reasoning = other.String("reasoning");
    alternative.object_pixels = PixelsFrom(other.Object("object_pixels"), cameras);
    alternative.destination_pixels = PixelsFrom(other.Object("destination_pixels"), cameras);
    alternative.points = PointsFrom(other);
    other.Finish();
  }
  for (const json& element : fields.Array("objects")) {
    JsonFields other(element, where + ": objects");
    labels.objects.push_back({other.String("class"), PixelsFrom(other.Object("pixels"), cameras)});
    other.Finish();
  }
  fields.Finish();
}

}  // namespace divla
