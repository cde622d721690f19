#include "tasks/object_geom.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>

#include "tasks/json_reader.h"

namespace divla {
namespace {

constexpr double kDegree = std::numbers::pi / 180.0;

bool IsLong(const std::string& type) { return type == "capsule" || type == "cylinder"; }

double ReachOf(const ObjectGeom& geom, const std::array<double, 3>& direction) {
  mjtNum rotation[4] = {1, 0, 0, 0};
  std::array<double, 3> centre = geom.position;
  double half_length = geom.size.size() > 1 ? geom.size[1] : 0;
  if (geom.fromto) {
    const std::array<double, 6>& ends = *geom.fromto;
    mjtNum axis[3];
    for (std::size_t i = 0; i < 3; ++i) {
      centre[i] = (ends[i] + ends[i + 3]) / 2;
      axis[i] = ends[i + 3] - ends[i];
    }
    half_length = mju_norm3(axis) / 2;
    mju_quatZ2Vec(rotation, axis);
  } else {
    const mjtNum euler[3] = {geom.euler[0] * kDegree, geom.euler[1] * kDegree, geom.euler[2] * kDegree};
    mju_euler2Quat(rotation, euler, "xyz");
  }
  mjtNum back[4];
  mjtNum local[3];
  mju_negQuat(back, rotation);
  mju_rotVecQuat(local, direction.data(), back);
  double reach = mju_dot3(centre.data(), direction.data());
  const std::vector<double>& size = geom.size;
  if (geom.type == "sphere") return reach + size[0];
  if (geom.type == "capsule") return reach + size[0] + half_length * std::abs(local[2]);
  if (geom.type == "cylinder") {
    return reach + size[0] * std::hypot(local[0], local[1]) + half_length * std::abs(local[2]);
  }
  if (geom.type == "ellipsoid") {
    return reach + std::hypot(size[0] * local[0], size[1] * local[1], size[2] * local[2]);
  }
  for (std::size_t i = 0; i < 3; ++i) reach += size[i] * std::abs(local[i]);
  return reach;
}

}  // namespace

ObjectGeom ReadGeom(const nlohmann::json& json, const std::string& where) {
  const JsonReader reader(json, where);
  reader.AllowOnly({"type", "size", "pos", "fromto", "euler", "rgba", "visual", "hidden"});
  ObjectGeom geom;
  geom.type = reader.Get<std::string>("type");
  geom.size = reader.Get<std::vector<double>>("size");
  geom.rgba = reader.Get<std::array<float, 4>>("rgba");
  geom.visual = reader.GetOr("visual", false);
  geom.hidden = reader.GetOr("hidden", false);
  if (geom.visual && geom.hidden) reader.Fail("hidden", "a geom that is visual only cannot be hidden");
  const std::map<std::string, std::size_t> sizes{
      {"sphere", 1}, {"capsule", 2}, {"cylinder", 2}, {"box", 3}, {"ellipsoid", 3}};
  const auto expected = sizes.find(geom.type);
  if (expected == sizes.end()) {
    reader.Fail("type", "expected sphere, capsule, cylinder, box or ellipsoid, found '" + geom.type + "'");
  }
  std::size_t count = expected->second;
  if (reader.Has("fromto")) {
    if (!IsLong(geom.type)) reader.Fail("fromto", "is for capsules and cylinders, found '" + geom.type + "'");
    if (reader.Has("pos") || reader.Has("euler")) reader.Fail("fromto", "stands in place of pos and euler");
    geom.fromto = reader.Get<std::array<double, 6>>("fromto");
    count = 1;
  } else {
    geom.position = reader.Get<std::array<double, 3>>("pos");
    geom.euler = reader.GetOr<std::array<double, 3>>("euler", {0, 0, 0});
  }
  if (geom.size.size() != count) {
    reader.Fail("size", "expected " + std::to_string(count) + " numbers, found " + std::to_string(geom.size.size()));
  }
  for (const double size : geom.size) {
    if (!(size > 0)) reader.Fail("size", "expected lengths above 0, found " + std::to_string(size));
  }
  return geom;
}

ObjectGrasp ReadGrasp(const nlohmann::json& json, const std::string& where) {
  const JsonReader reader(json, where);
  reader.AllowOnly({"position", "width", "half_length"});
  return {reader.Get<std::array<double, 3>>("position"), reader.Get<double>("width"), reader.GetOr("half_length", 0.0)};
}

ObjectContainer ReadContainer(const nlohmann::json& json, const std::string& where) {
  const JsonReader reader(json, where);
  reader.AllowOnly({"half_size", "floor", "rim"});
  return {reader.Get<std::array<double, 2>>("half_size"), reader.Get<double>("floor"), reader.Get<double>("rim")};
}

double ReachAlong(const std::vector<ObjectGeom>& geoms, const std::array<double, 3>& direction) {
  double reach = -1e9;
  for (const ObjectGeom& geom : geoms) reach = std::max(reach, ReachOf(geom, direction));
  return reach;
}

std::array<double, 3> SizeOf(const std::vector<ObjectGeom>& geoms) {
  std::array<double, 3> size{};
  for (std::size_t i = 0; i < 3; ++i) {
    std::array<double, 3> axis{};
    axis[i] = 1;
    size[i] = ReachAlong(geoms, axis);
    axis[i] = -1;
    size[i] += ReachAlong(geoms, axis);
  }
  return size;
}

double FootprintRadius(const std::vector<ObjectGeom>& geoms) {
  double radius = 0;
  for (int i = 0; i < 72; ++i) {
    radius = std::max(radius, ReachAlong(geoms, {std::cos(5 * i * kDegree), std::sin(5 * i * kDegree), 0}));
  }
  return radius;
}

}  // namespace divla
