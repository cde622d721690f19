#include "tasks/catalogue.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "tasks/json_reader.h"
#include "tasks/object_family.h"
#include "tasks/object_geom.h"

namespace divla {
namespace {

using Json = nlohmann::json;

struct Category {
  std::string object_class;
  std::vector<std::string> attributes;
};

// The sections that entries refer to.
struct Context {
  std::string file;
  std::map<std::string, std::string> attributes;
  std::map<std::string, Category> categories;
  ObjectFamilies families;
};

std::vector<std::string> ReadAttributes(const JsonReader& reader, const Context& context) {
  const auto names = reader.GetOr<std::vector<std::string>>("attributes", {});
  for (const std::string& name : names) {
    if (!context.attributes.contains(name)) {
      reader.Fail("attributes", "'" + name + "' is not in the file's section 'attributes'");
    }
  }
  return names;
}

void ReadPhrases(const JsonReader& reader, ObjectInfo& object) {
  const auto phrases = reader.Get<std::map<std::string, std::vector<std::string>>>("noun_phrases");
  for (const auto& [split, list] : phrases) {
    if (split != "seen" && split != "unseen") {
      reader.Fail("noun_phrases", "expected seen and unseen, found '" + split + "'");
    }
    (split == "seen" ? object.phrases_seen : object.phrases_unseen) = list;
  }
  if (object.phrases_seen.empty()) reader.Fail("noun_phrases", "expected a seen phrase, found none");
}

// What the entry and its category say together.
void ReadKind(const JsonReader& reader, const Context& context, ObjectInfo& object) {
  object.category = reader.Get<std::string>("category");
  object.attributes = ReadAttributes(reader, context);
  const auto category = context.categories.find(object.category);
  if (category == context.categories.end()) {
    object.object_class = reader.Get<std::string>("class");
  } else {
    object.object_class = reader.GetOr("class", category->second.object_class);
    if (object.object_class != category->second.object_class) {
      reader.Fail("class", "expected '" + category->second.object_class + "' as for all of category '" +
                               object.category + "', found '" + object.object_class + "'");
    }
    const std::vector<std::string>& shared = category->second.attributes;
    object.attributes.insert(object.attributes.end(), shared.begin(), shared.end());
  }
  std::sort(object.attributes.begin(), object.attributes.end());
  object.attributes.erase(std::unique(object.attributes.begin(), object.attributes.end()), object.attributes.end());
  object.split = reader.Get<std::string>("split");
  if (object.split != "seen" && object.split != "unseen_instance" && object.split != "unseen_category") {
    reader.Fail("split", "expected seen, unseen_instance or unseen_category, found '" + object.split + "'");
  }
}

void ReadShape(const JsonReader& reader, const Context& context, ObjectInfo& object) {
  if (reader.Has("family")) {
    for (const char* key : {"geoms", "grasps", "container"}) {
      if (reader.Has(key)) reader.Fail(key, "comes from the family");
    }
    object.family = reader.Get<std::string>("family");
    context.families.Apply(object.family, reader.GetOr<std::map<std::string, double>>("parameters", {}),
                           reader.GetOr<std::map<std::string, std::string>>("colours", {}), reader.Where(), object);
    object.radius = FootprintRadius(object.geoms);
  } else {
    for (const char* key : {"parameters", "colours"}) {
      if (reader.Has(key)) reader.Fail(key, "is for entries with a family");
    }
    for (const Json& geom : reader.At("geoms")) {
      object.geoms.push_back(ReadGeom(geom, reader.Where() + ": geom " + std::to_string(object.geoms.size())));
    }
    for (const Json& grasp : reader.GetOr<Json>("grasps", Json::array())) {
      object.grasps.push_back(ReadGrasp(grasp, reader.Where() + ": grasp"));
    }
    if (reader.Has("container")) {
      object.container = ReadContainer(reader.At("container"), reader.Where() + ": container");
    }
    object.radius = reader.Get<double>("radius");
  }
  if (reader.Has("radius")) object.radius = reader.Get<double>("radius");
  if (!object.geoms.empty()) object.size = SizeOf(object.geoms);
  if (!object.fixed && object.grasps.empty()) reader.Fail("grasps", "expected one or more, found none");
  if (object.two_handed && object.grasps.size() != 2) {
    reader.Fail("grasps", "expected one for each of two hands, found " + std::to_string(object.grasps.size()));
  }
}

ObjectInfo ReadObject(const Json& json, const Context& context) {
  ObjectInfo object;
  object.id = JsonReader(json, context.file).Get<std::string>("id");
  const JsonReader reader(json, context.file + ": object '" + object.id + "'");
  reader.AllowOnly({"id", "category", "class", "colour", "split", "mass", "radius", "fixed", "attributes", "two_handed",
                    "noun_phrases", "geoms", "grasps", "container", "family", "parameters", "colours"});
  ReadKind(reader, context, object);
  object.colour = reader.Get<std::string>("colour");
  object.mass = reader.Get<double>("mass");
  if (!(object.mass > 0)) reader.Fail("mass", "expected kilograms above 0, found " + std::to_string(object.mass));
  object.fixed = reader.GetOr("fixed", false);
  object.two_handed = reader.GetOr("two_handed", false);
  ReadPhrases(reader, object);
  ReadShape(reader, context, object);
  return object;
}

Context ReadContext(const JsonReader& root, const std::filesystem::path& file) {
  Context context{file.string(),
                  root.GetOr<std::map<std::string, std::string>>("attributes", {}),
                  {},
                  ObjectFamilies(file.parent_path())};
  const Json categories = root.GetOr<Json>("categories", Json::object());
  for (const auto& [name, json] : categories.items()) {
    const JsonReader reader(json, file.string() + ": category '" + name + "'");
    reader.AllowOnly({"class", "attributes"});
    context.categories[name] = {reader.Get<std::string>("class"), ReadAttributes(reader, context)};
  }
  return context;
}

// Facts about the catalogue as a whole.
void CheckTogether(const CatalogueData& data, const Context& context) {
  std::map<std::string, std::set<std::string>> splits_of;
  std::set<std::string> ids;
  for (const ObjectInfo& object : data.objects) {
    if (!ids.insert(object.id).second) {
      throw InputError(context.file + ": object '" + object.id + "' is listed twice");
    }
    splits_of[object.category].insert(object.split);
  }
  for (const ObjectInfo& object : data.objects) {
    const std::set<std::string>& splits = splits_of[object.category];
    if ((object.split == "unseen_category" && splits.size() > 1) ||
        (object.split == "unseen_instance" && !splits.contains("seen"))) {
      throw InputError(context.file + ": object '" + object.id + "': key 'split': '" + object.split +
                       "' does not fit the other objects of category '" + object.category + "'");
    }
  }
  for (const auto& [category, info] : context.categories) {
    if (!splits_of.contains(category)) throw InputError(context.file + ": category '" + category + "' has no object");
  }
  for (const auto& [name, list] : data.lists) {
    std::set<std::string> listed;
    for (const std::string& id : list) {
      if (!ids.contains(id) || !listed.insert(id).second) {
        throw InputError(context.file + ": list '" + name + "': '" + id + "' is no object, or is there twice");
      }
    }
  }
}

}  // namespace

CatalogueData ReadCatalogue(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw InputError("object catalogue " + file.string() + ": cannot be opened");
  Json json;
  try {
    json = Json::parse(stream);
  } catch (const Json::exception& error) {
    throw InputError("object catalogue " + file.string() + ": " + error.what());
  }
  const JsonReader root(json, "object catalogue " + file.string());
  root.AllowOnly({"format", "attributes", "categories", "lists", "objects"});
  if (root.Get<int>("format") != 1) root.Fail("format", "expected 1, found " + json.at("format").dump());
  const Context context = ReadContext(root, file);
  CatalogueData data;
  data.attributes = context.attributes;
  data.lists = root.GetOr<std::map<std::string, std::vector<std::string>>>("lists", {});
  for (const Json& object : root.At("objects")) data.objects.push_back(ReadObject(object, context));
  CheckTogether(data, context);
  return data;
}

const CatalogueData& ShippedCatalogue() {
  static const CatalogueData data = ReadCatalogue(AssetsDir() / "objects" / "catalogue.json");
  return data;
}

const std::vector<ObjectInfo>& Catalogue() { return ShippedCatalogue().objects; }

const ObjectInfo& FindObject(const std::string& id) {
  static const std::map<std::string, const ObjectInfo*> by_id = [] {
    std::map<std::string, const ObjectInfo*> map;
    for (const ObjectInfo& object : Catalogue()) map[object.id] = &object;
    return map;
  }();
  const auto found = by_id.find(id);
  if (found != by_id.end()) return *found->second;
  std::string known;
  for (const ObjectInfo& object : Catalogue()) known += (known.empty() ? "" : ", ") + object.id;
  throw InputError("object '" + id + "' is not in the catalogue; known: " + known);
}

const std::vector<std::string>& ObjectList(const std::string& name) {
  const auto& lists = ShippedCatalogue().lists;
  const auto found = lists.find(name);
  if (found != lists.end()) return found->second;
  std::string known;
  for (const auto& [other, ids] : lists) known += (known.empty() ? "" : ", ") + other;
  throw InputError("object list '" + name + "' is not in the catalogue; known: " + known);
}

bool HasAttribute(const ObjectInfo& object, const std::string& attribute) {
  return std::binary_search(object.attributes.begin(), object.attributes.end(), attribute);
}

}  // namespace divla
