#include "tasks/object_family.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "tasks/expression.h"
#include "tasks/json_reader.h"
#include "tasks/object_geom.h"

namespace divla {
namespace {

using Json = nlohmann::json;
using Names = std::map<std::string, double>;

constexpr int kMaxRepeat = 100;

Json ReadJson(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw InputError(file.string() + ": cannot be opened");
  try {
    return Json::parse(stream);
  } catch (const Json::exception& error) {
    throw InputError(file.string() + ": " + error.what());
  }
}

double Number(const Json& value, const Names& names, const std::string& where) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) throw InputError(where + ": expected a number or an expression, found " + value.dump());
  try {
    return EvaluateExpression(value.get_ref<const std::string&>(), names);
  } catch (const InputError& error) {
    throw InputError(where + ": " + error.what());
  }
}

// Numbers in place of every expression, so that a family's part reads like the catalogue's own.
Json Evaluated(const Json& value, const Names& names, const std::string& where) {
  if (!value.is_array()) return Number(value, names, where);
  Json numbers = Json::array();
  for (const Json& element : value) numbers.push_back(Number(element, names, where));
  return numbers;
}

std::string KnownKeys(const auto& map) {
  std::string known;
  for (const auto& [key, value] : map) known += (known.empty() ? "" : ", ") + key;
  return known.empty() ? "none" : known;
}

}  // namespace

ObjectFamilies::ObjectFamilies(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder / "families")) return;
  const std::filesystem::path palette_file = folder / "palette.json";
  const Json palette = ReadJson(palette_file);
  const JsonReader colours(palette, palette_file.string());
  for (const auto& [name, rgba] : palette.items()) palette_[name] = colours.Get<std::array<float, 4>>(name.c_str());

  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "families")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    const Json json = ReadJson(file);
    const JsonReader root(json, file.string());
    root.AllowOnly({"format", "families"});
    if (root.Get<int>("format") != 1) root.Fail("format", "expected 1");
    for (const auto& [name, body] : root.At("families").items()) {
      const JsonReader reader(body, file.string() + ": family '" + name + "'");
      reader.AllowOnly({"parameters", "colours", "geoms", "grasps", "container"});
      Family family{reader.Where(),
                    reader.Get<Names>("parameters"),
                    reader.Get<std::map<std::string, std::string>>("colours"),
                    reader.Get<Json>("geoms"),
                    reader.GetOr<Json>("grasps", Json::array()),
                    reader.GetOr<Json>("container", Json())};
      if (family.parameters.contains("i")) reader.Fail("parameters", "'i' is the number of a repeated geom");
      if (!family.geoms.is_array() || family.geoms.empty()) reader.Fail("geoms", "expected one or more");
      if (!families_.emplace(name, std::move(family)).second) {
        throw InputError(reader.Where() + ": is in another file already");
      }
    }
  }
}

void ObjectFamilies::Apply(const std::string& name, const std::map<std::string, double>& parameters,
                           const std::map<std::string, std::string>& colours, const std::string& where,
                           ObjectInfo& object) const {
  const auto found = families_.find(name);
  if (found == families_.end()) {
    throw InputError(where + ": key 'family': '" + name + "' is not known; known: " + KnownKeys(families_));
  }
  const Family& family = found->second;
  Names names = family.parameters;
  for (const auto& [key, value] : parameters) {
    if (!names.contains(key)) {
      throw InputError(where + ": key 'parameters': family '" + name + "' has no '" + key +
                       "'; known: " + KnownKeys(family.parameters));
    }
    names[key] = value;
  }
  std::map<std::string, std::string> slots = family.colours;
  for (const auto& [key, value] : colours) {
    if (!slots.contains(key)) {
      throw InputError(where + ": key 'colours': family '" + name + "' has no '" + key +
                       "'; known: " + KnownKeys(family.colours));
    }
    slots[key] = value;
  }

  for (std::size_t g = 0; g < family.geoms.size(); ++g) {
    const std::string geom_where = family.where + ": geom " + std::to_string(g) + " (for " + where + ")";
    const JsonReader reader(family.geoms[g], geom_where);
    reader.AllowOnly({"type", "size", "pos", "fromto", "euler", "colour", "visual", "hidden", "repeat"});
    const double repeat = reader.Has("repeat") ? Number(reader.At("repeat"), names, geom_where) : 1.0;
    if (repeat < 0 || repeat > kMaxRepeat || repeat != std::floor(repeat)) {
      reader.Fail("repeat", "expected a whole number from 0 to 100, found " + std::to_string(repeat));
    }
    const std::string colour = reader.GetOr<std::string>("colour", reader.GetOr("hidden", false) ? "white" : "");
    const auto slot = slots.find(colour);
    const auto paint = palette_.find(slot == slots.end() ? colour : slot->second);
    if (paint == palette_.end()) {
      reader.Fail("colour", "'" + (slot == slots.end() ? colour : slot->second) +
                                "' is neither a colour of the family nor of palette.json");
    }
    for (int i = 0; i < static_cast<int>(repeat); ++i) {
      names["i"] = i;
      Json geom = family.geoms[g];
      geom.erase("repeat");
      geom.erase("colour");
      geom["rgba"] = paint->second;
      for (const char* key : {"size", "pos", "fromto", "euler"}) {
        if (geom.contains(key)) geom[key] = Evaluated(geom[key], names, geom_where + ": key '" + key + "'");
      }
      object.geoms.push_back(ReadGeom(geom, geom_where));
    }
  }
  names.erase("i");
  for (const Json& grasp : family.grasps) {
    const std::string grasp_where = family.where + ": grasp (for " + where + ")";
    Json evaluated = Json::object();
    for (const auto& [key, value] : grasp.items()) evaluated[key] = Evaluated(value, names, grasp_where);
    object.grasps.push_back(ReadGrasp(evaluated, grasp_where));
  }
  if (!family.container.is_null()) {
    const std::string container_where = family.where + ": container (for " + where + ")";
    Json evaluated = Json::object();
    for (const auto& [key, value] : family.container.items()) {
      evaluated[key] = Evaluated(value, names, container_where);
    }
    object.container = ReadContainer(evaluated, container_where);
  }
}

}  // namespace divla
