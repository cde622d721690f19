#include "tasks/catalogue.h"

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>

#include "sim/check.h"

namespace divla {
namespace {

using Json = nlohmann::json;

// One object of the file, with an error that says which one and which key.
class Reader {
 public:
  Reader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  template <class T>
  T Get(const char* key) const {
    if (!json_.contains(key)) throw InputError(where_ + ": key '" + key + "': expected a value, found none");
    try {
      return json_.at(key).get<T>();
    } catch (const Json::exception& error) {
      throw InputError(where_ + ": key '" + key + "': " + error.what());
    }
  }
  template <class T>
  T GetOr(const char* key, T fallback) const {
    return json_.contains(key) ? Get<T>(key) : fallback;
  }
  bool Has(const char* key) const { return json_.contains(key); }
  const std::string& Where() const { return where_; }

 private:
  const Json& json_;
  std::string where_;
};

ObjectGeom ReadGeom(const Json& json, const std::string& where) {
  const Reader reader(json, where);
  ObjectGeom geom;
  geom.type = reader.Get<std::string>("type");
  geom.size = reader.Get<std::vector<double>>("size");
  geom.position = reader.Get<std::array<double, 3>>("pos");
  geom.euler = reader.GetOr<std::array<double, 3>>("euler", {0, 0, 0});
  geom.rgba = reader.Get<std::array<float, 4>>("rgba");
  geom.visual = reader.GetOr("visual", false);
  const std::map<std::string, std::size_t> sizes{
      {"sphere", 1}, {"capsule", 2}, {"cylinder", 2}, {"box", 3}, {"ellipsoid", 3}};
  const auto expected = sizes.find(geom.type);
  if (expected == sizes.end()) {
    throw InputError(where + ": key 'type': expected sphere, capsule, cylinder, box or ellipsoid, found '" + geom.type +
                     "'");
  }
  if (geom.size.size() != expected->second) {
    throw InputError(where + ": key 'size': expected " + std::to_string(expected->second) + " numbers, found " +
                     std::to_string(geom.size.size()));
  }
  return geom;
}

ObjectInfo ReadObject(const Json& json, const std::string& file) {
  ObjectInfo object;
  object.id = Reader(json, file).Get<std::string>("id");
  const Reader reader(json, file + ": object '" + object.id + "'");
  object.category = reader.Get<std::string>("category");
  object.object_class = reader.Get<std::string>("class");
  object.colour = reader.Get<std::string>("colour");
  object.split = reader.Get<std::string>("split");
  object.mass = reader.Get<double>("mass");
  object.radius = reader.Get<double>("radius");
  object.fixed = reader.GetOr("fixed", false);
  const auto phrases = reader.Get<std::map<std::string, std::vector<std::string>>>("noun_phrases");
  for (const auto& [split, list] : phrases) {
    if (split != "seen" && split != "unseen") {
      throw InputError(reader.Where() + ": key 'noun_phrases': expected seen and unseen, found '" + split + "'");
    }
    (split == "seen" ? object.phrases_seen : object.phrases_unseen) = list;
  }
  if (object.phrases_seen.empty())
    throw InputError(reader.Where() + ": key 'noun_phrases': expected a seen phrase, found none");
  for (const Json& geom : json.at("geoms")) {
    object.geoms.push_back(ReadGeom(geom, reader.Where() + ": geom " + std::to_string(object.geoms.size())));
  }
  for (const Json& grasp : json.value("grasps", Json::array())) {
    const Reader grasp_reader(grasp, reader.Where() + ": grasp");
    object.grasps.push_back({grasp_reader.Get<std::array<double, 3>>("position"), grasp_reader.Get<double>("width")});
  }
  if (reader.Has("container")) {
    const Reader inner(json.at("container"), reader.Where() + ": container");
    object.container = {inner.Get<std::array<double, 2>>("half_size"), inner.Get<double>("floor"),
                        inner.Get<double>("rim")};
  }
  if (!object.fixed && object.grasps.empty())
    throw InputError(reader.Where() + ": key 'grasps': expected one or more, found none");
  return object;
}

mjtGeom GeomType(const std::string& type) {
  if (type == "sphere") return mjGEOM_SPHERE;
  if (type == "capsule") return mjGEOM_CAPSULE;
  if (type == "cylinder") return mjGEOM_CYLINDER;
  if (type == "ellipsoid") return mjGEOM_ELLIPSOID;
  return mjGEOM_BOX;
}

}  // namespace

std::vector<ObjectInfo> ReadCatalogue(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw InputError("object catalogue " + file.string() + ": cannot be opened");
  Json json;
  try {
    json = Json::parse(stream);
  } catch (const Json::exception& error) {
    throw InputError("object catalogue " + file.string() + ": " + error.what());
  }
  if (!json.is_object() || json.value("format", 0) != 1 || !json.contains("objects")) {
    throw InputError("object catalogue " + file.string() + ": key 'format': expected 1 and a list 'objects'");
  }
  std::vector<ObjectInfo> objects;
  for (const Json& object : json.at("objects")) objects.push_back(ReadObject(object, file.string()));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (objects[i].id == objects[j].id)
        throw InputError(file.string() + ": object '" + objects[i].id + "' is listed twice");
    }
  }
  return objects;
}

const std::vector<ObjectInfo>& Catalogue() {
  static const std::vector<ObjectInfo> objects = ReadCatalogue(AssetsDir() / "objects" / "catalogue.json");
  return objects;
}

const ObjectInfo& FindObject(const std::string& id) {
  std::string known;
  for (const ObjectInfo& object : Catalogue()) {
    if (object.id == id) return object;
    known += (known.empty() ? "" : ", ") + object.id;
  }
  throw InputError("object '" + id + "' is not in the catalogue; known: " + known);
}

void AddObject(SceneBuilder& builder, const ObjectInfo& object, const std::string& body_name,
               const std::array<double, 3>& position, double yaw) {
  mjsBody* body = mjs_addBody(builder.World(), nullptr);
  mjs_setName(body->element, body_name.c_str());
  for (std::size_t i = 0; i < 3; ++i) body->pos[i] = position[i];
  body->quat[0] = std::cos(yaw / 2);
  body->quat[3] = std::sin(yaw / 2);
  if (!object.fixed) {
    mjsJoint* joint = mjs_addFreeJoint(body);
    mjs_setName(joint->element, (body_name + "_joint").c_str());
  }
  int solid = 0;
  for (const ObjectGeom& geom : object.geoms) solid += geom.visual ? 0 : 1;
  for (const ObjectGeom& info : object.geoms) {
    mjsGeom* geom = mjs_addGeom(body, nullptr);
    geom->type = GeomType(info.type);
    for (std::size_t i = 0; i < info.size.size(); ++i) geom->size[i] = info.size[i];
    for (std::size_t i = 0; i < 3; ++i) geom->pos[i] = info.position[i];
    geom->alt.type = mjORIENTATION_EULER;
    // Angles set through MjSpec are in radians whatever the file's compiler says.
    for (std::size_t i = 0; i < 3; ++i) geom->alt.euler[i] = info.euler[i] * std::numbers::pi / 180.0;
    for (std::size_t i = 0; i < 4; ++i) geom->rgba[i] = info.rgba[i];
    if (info.visual) {
      geom->contype = 0;
      geom->conaffinity = 0;
      geom->mass = 0;
      geom->group = 2;
    } else {
      geom->mass = object.mass / solid;
      geom->condim = 4;
      geom->friction[0] = 1.0;
      geom->friction[1] = 0.02;
      geom->friction[2] = 0.001;
    }
  }
}

}  // namespace divla
