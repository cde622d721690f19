#include "sim/render/software/prepare_geom.h"

#include <algorithm>
#include <cmath>

#include "sim/check.h"

namespace divla::software {
namespace {

bool ShapeOf(int type, Shape& shape) {
  switch (type) {
    case mjGEOM_PLANE:
      shape = Shape::kPlane;
      return true;
    case mjGEOM_SPHERE:
      shape = Shape::kSphere;
      return true;
    case mjGEOM_ELLIPSOID:
      shape = Shape::kEllipsoid;
      return true;
    case mjGEOM_CAPSULE:
      shape = Shape::kCapsule;
      return true;
    case mjGEOM_CYLINDER:
      shape = Shape::kCylinder;
      return true;
    case mjGEOM_BOX:
      shape = Shape::kBox;
      return true;
    case mjGEOM_MESH:
    case mjGEOM_SDF:
      shape = Shape::kMesh;
      return true;
    case mjGEOM_HFIELD:
    case mjGEOM_FLEX:
    case mjGEOM_SKIN:
      throw InputError("scene: height fields, flexes and skins cannot be drawn by the software renderer");
    default:
      return false;
  }
}

void SetMaterial(const mjModel& model, const mjvGeom& source, const Assets& assets, Geom& geom) {
  for (int k = 0; k < 3; ++k) geom.color[k] = source.rgba[k];
  geom.alpha = source.rgba[3];
  geom.emission = source.emission;
  geom.specular = source.specular;
  // OpenGL's exponent is 128 x shininess; an even one needs no square root in the kernels.
  geom.half_exponent = static_cast<std::int32_t>(std::clamp(64.0f * source.shininess + 0.5f, 0.0f, 64.0f));
  // (1 - 7 / n)^n is a little less than exp(-7), that is 1/1000.
  const auto n = static_cast<float>(geom.half_exponent);
  geom.highlight_floor = n >= 8 ? 1.0f - 7.0f / n : 0.0f;

  int texture = source.texid;
  if (texture < 0 && source.matid >= 0) texture = model.mat_texid[source.matid * mjNTEXROLE + mjTEXROLE_RGB];
  geom.texture = assets.FindTexture(texture);
  geom.mapping = Mapping::kNone;
  if (geom.texture == nullptr) return;
  geom.mapping = model.tex_type[texture] == mjTEXTURE_2D ? Mapping::k2d : Mapping::kCube;
  for (int k = 0; k < 2; ++k) {
    const bool by_size = source.texuniform != 0 && source.size[k] > 0;
    geom.repeat[k] = source.texrepeat[k] * (by_size ? source.size[k] : 1.0f);
  }
  const bool mesh = geom.shape == Shape::kMesh;
  for (int k = 0; k < 3; ++k) {
    geom.cube_scale[k] = source.texuniform != 0 || mesh ? 1.0f : geom.inverse[k];
  }
}

}  // namespace

bool MakeGeom(const mjModel& model, const mjvGeom& source, const Camera& camera, const Assets& assets, Geom& geom) {
  if (!ShapeOf(source.type, geom.shape)) return false;
  geom.mesh = geom.shape == Shape::kMesh ? assets.FindMesh(source.dataid) : nullptr;
  if (geom.shape == Shape::kMesh && geom.mesh == nullptr) return false;
  geom.model_id = source.objtype == mjOBJ_GEOM ? source.objid : -1;
  for (int k = 0; k < 3; ++k) {
    geom.size[k] = source.size[k];
    if (geom.shape == Shape::kSphere) geom.size[k] = source.size[0];
    geom.inverse[k] = geom.size[k] > 0 ? 1.0f / geom.size[k] : 0.0f;
  }
  const Vector3 o = ToLocal(source.mat, camera.position - FromArray(source.pos));
  const Vector3 a = ToLocal(source.mat, camera.forward), b = ToLocal(source.mat, camera.right);
  const Vector3 c = ToLocal(source.mat, camera.up);
  Store(o, geom.o), Store(a, geom.a), Store(b, geom.b), Store(c, geom.c);
  for (int k = 0; k < 3; ++k) {
    geom.so[k] = geom.o[k] * geom.inverse[k];
    geom.sa[k] = geom.a[k] * geom.inverse[k];
    geom.sb[k] = geom.b[k] * geom.inverse[k];
    geom.sc[k] = geom.c[k] * geom.inverse[k];
  }
  geom.faces_away = geom.shape == Shape::kPlane && geom.o[2] < 0;
  SetMaterial(model, source, assets, geom);
  return geom.alpha > 0;
}

Corners CornersOf(const mjvGeom& source, const Geom& geom) {
  Vector3 low, high;
  const float* s = geom.size;
  switch (geom.shape) {
    case Shape::kPlane:
      high = {s[0] > 0 ? s[0] : 1000.0f, s[1] > 0 ? s[1] : 1000.0f, 0.0f};
      low = high * -1.0f;
      break;
    case Shape::kCapsule:
      high = {s[0], s[0], s[0] + s[2]};
      low = high * -1.0f;
      break;
    case Shape::kCylinder:
      high = {s[0], s[0], s[2]};
      low = high * -1.0f;
      break;
    case Shape::kSphere:
    case Shape::kEllipsoid:
    case Shape::kBox:
      high = {s[0], s[1], s[2]};
      low = high * -1.0f;
      break;
    case Shape::kMesh:
      low = FromArray(geom.mesh->nodes[0].low);
      high = FromArray(geom.mesh->nodes[0].high);
      break;
  }
  Corners corners;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Vector3 local{(i & 1) != 0 ? high.x : low.x, (i & 2) != 0 ? high.y : low.y, (i & 4) != 0 ? high.z : low.z};
    corners[i] = FromArray(source.pos) + ToWorld(source.mat, local);
  }
  return corners;
}

void FindRectangle(const Corners& corners, const Camera& camera, int height, int width, Geom& geom) {
  float x_low = kFar, x_high = -kFar, y_low = kFar, y_high = -kFar;
  bool cut = false;  // by the near plane
  const auto enclose = [&](Vector3 p, float depth) {
    const float x = Dot(camera.right, p) / depth, y = Dot(camera.up, p) / depth;
    x_low = std::min(x_low, x), x_high = std::max(x_high, x);
    y_low = std::min(y_low, y), y_high = std::max(y_high, y);
  };
  std::array<Vector3, 8> from_camera;
  std::array<float, 8> depth{};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    from_camera[i] = corners[i] - camera.position;
    depth[i] = Dot(camera.forward, from_camera[i]);
    if (depth[i] >= camera.near) enclose(from_camera[i], depth[i]);
  }
  // Only what is in front of the near plane is seen: of an edge through it, the part up to there.
  for (std::size_t i = 0; i < corners.size(); ++i) {
    for (const std::size_t axis : {1, 2, 4}) {
      const std::size_t j = i ^ axis;
      if (depth[i] >= camera.near || depth[j] < camera.near) continue;
      cut = true;
      const float share = (camera.near - depth[i]) / (depth[j] - depth[i]);
      enclose(from_camera[i] + (from_camera[j] - from_camera[i]) * share, camera.near);
    }
  }
  geom.x0 = geom.x1 = geom.y0 = geom.y1 = 0;
  if (x_low > x_high) return;  // behind the camera
  const auto columns = static_cast<float>(width), rows = static_cast<float>(height);
  const auto column = [&](float x) { return (x - camera.x_of.front()) / camera.pixel_x; };
  const auto row = [&](float y) { return (y - camera.y_of.front()) / camera.pixel_y; };  // downwards
  // Half a pixel more on each side: an outline's points lie up to 3/8 from the pixel's centre, the rest covers rounding,
  // of which there is more where a large geom is cut off close to the camera.
  const float margin = cut ? 2.0f : 0.5f;
  geom.x0 = static_cast<std::int32_t>(std::clamp(std::ceil(column(x_low) - margin), 0.0f, columns));
  geom.x1 = static_cast<std::int32_t>(std::clamp(std::floor(column(x_high) + margin) + 1.0f, 0.0f, columns));
  geom.y0 = static_cast<std::int32_t>(std::clamp(std::ceil(row(y_high) - margin), 0.0f, rows));
  geom.y1 = static_cast<std::int32_t>(std::clamp(std::floor(row(y_low) + margin) + 1.0f, 0.0f, rows));
}

bool IsTransparent(const Geom& geom) { return geom.alpha < 0.995f || geom.faces_away; }

void SortTransparent(const mjvScene& view, const Camera& camera, const std::vector<Geom>& geoms,
                     const std::vector<std::int32_t>& sources, std::vector<std::int32_t>& transparent) {
  const auto distance = [&](std::int32_t index) {
    const auto at = static_cast<std::size_t>(index);
    if (geoms[at].shape == Shape::kPlane) return kFar;
    const mjvGeom& source = view.geoms[sources[at]];
    const Vector3 offset = FromArray(source.pos) - camera.position;
    return std::sqrt(Dot(offset, offset)) - source.modelrbound;
  };
  std::sort(transparent.begin(), transparent.end(), [&](std::int32_t a, std::int32_t b) {
    const float da = distance(a), db = distance(b);
    return da != db ? da < db : a < b;
  });
}

}  // namespace divla::software
