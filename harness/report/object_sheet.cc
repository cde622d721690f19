#include "harness/report/object_sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "harness/report/pixel_font.h"
#include "harness/report/sheet.h"
#include "sim/check.h"
#include "sim/scene_builder.h"
#include "tasks/object_geom.h"

namespace divla {
namespace {

// Far from the robot, which every scene of ours has.
constexpr std::array<double, 3> kSpot{0, 0, 10};
constexpr double kAzimuth = -52 * std::numbers::pi / 180;   // of the camera around the object, from x
constexpr double kElevation = 36 * std::numbers::pi / 180;  // of the camera above the table
constexpr double kFieldOfView = 14;                         // degrees: far away, so that shapes are hardly distorted
constexpr double kMargin = 1.06;

void AddCamera(SceneBuilder& builder, const std::array<double, 3>& centre, double radius) {
  const double distance = kMargin * radius / std::sin(kFieldOfView / 2 * std::numbers::pi / 180);
  mjsCamera* camera = mjs_addCamera(builder.World(), nullptr);
  mjs_setName(camera->element, "sheet");
  const std::array<double, 3> back{std::cos(kElevation) * std::cos(kAzimuth), std::cos(kElevation) * std::sin(kAzimuth),
                                   std::sin(kElevation)};
  for (std::size_t i = 0; i < 3; ++i) camera->pos[i] = centre[i] + distance * back[i];
  camera->fovy = kFieldOfView;
  camera->alt.type = mjORIENTATION_XYAXES;
  const std::array<double, 6> axes{-std::sin(kAzimuth),
                                   std::cos(kAzimuth),
                                   0,
                                   -std::sin(kElevation) * std::cos(kAzimuth),
                                   -std::sin(kElevation) * std::sin(kAzimuth),
                                   std::cos(kElevation)};
  for (std::size_t i = 0; i < 6; ++i) camera->alt.xyaxes[i] = axes[i];
}

Image Picture(const ObjectInfo& object, Renderer& renderer, int size) {
  SceneBuilder builder(AssetsDir() / "scenes" / "object_sheet.xml", FindRobot("panda"));
  AddObject(builder, object, "object", kSpot, 0);
  std::vector<ObjectGeom> drawn;
  for (const ObjectGeom& geom : object.geoms) {
    if (!geom.hidden) drawn.push_back(geom);
  }
  // The box around what is drawn, seen as the sphere around it, shrunk: no object fills the corners of its box.
  std::array<double, 3> centre{};
  double radius = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    std::array<double, 3> axis{};
    axis[i] = 1;
    const double high = ReachAlong(drawn, axis);
    axis[i] = -1;
    const double low = -ReachAlong(drawn, axis);
    centre[i] = kSpot[i] + (high + low) / 2;
    radius += std::pow((high - low) / 2, 2);
  }
  AddCamera(builder, centre, 0.92 * std::sqrt(radius));
  const Scene scene = builder.Build();
  return renderer.Render(scene, scene.CameraId("sheet"), size, size);
}

}  // namespace

Image ObjectSheet(const std::vector<ObjectInfo>& objects, RendererKind kind, int size, int columns) {
  DIVLA_CHECK(columns > 0 && !objects.empty(), "a sheet needs columns and objects");
  constexpr int kLabelHeight = kGlyphHeight + 3;
  const std::unique_ptr<Renderer> renderer = MakeRenderer(kind);
  std::vector<std::vector<Image>> rows;
  for (const ObjectInfo& object : objects) {
    if (rows.empty() || static_cast<int>(rows.back().size()) == columns) rows.emplace_back();
    const Image picture = Picture(object, *renderer, size);
    Image labelled{size + kLabelHeight, size, {}};
    labelled.rgb.assign(labelled.ByteCount(), 255);
    std::copy(picture.rgb.begin(), picture.rgb.end(), labelled.rgb.begin() + 3 * kLabelHeight * size);
    DrawLabel(labelled, 1, 1, object.id);
    rows.back().push_back(std::move(labelled));
  }
  return Sheet(rows);
}

}  // namespace divla
