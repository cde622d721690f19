// Object families (assets/objects/families/*.json): shapes whose sizes and colours take parameters, so that a red car
// and a long blue one are two short entries of the catalogue. Format, with lengths in m and angles in degrees:
//
//   {"format": 1, "families": {"ring": {
//     "parameters": {"radius": 0.03, "height": 0.02},    every parameter with its default
//     "colours": {"body": "red"},                        every colour slot with its default, a name of palette.json
//     "geoms": [{"type": "cylinder", "size": ["radius", "height / 2"], "pos": [0, 0, "height / 2"], "colour": "body"}],
//     "grasps": [{"position": [0, 0, "height / 2"], "width": "2 * radius"}]}}}
//
// Numbers may be expressions (tasks/expression.h) over the parameters. A geom is like one of the catalogue, except that
// `colour` is a slot or a palette name; "repeat": n makes n copies with i = 0 .. n-1 in its expressions (n = 0: none,
// which is how a parameter switches a part on or off).
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tasks/catalogue.h"

namespace divla {

class ObjectFamilies {
 public:
  // Reads folder/palette.json and, sorted by name, folder/families/*.json; without that folder there are no families.
  // Throws InputError with file, family and key.
  explicit ObjectFamilies(const std::filesystem::path& folder);

  // Gives `object` the geoms, grasps and container of a family. `parameters` and `colours` replace defaults. Throws
  // InputError beginning with `where` for names that are not known, and for what the family itself gets wrong.
  void Apply(const std::string& family, const std::map<std::string, double>& parameters,
             const std::map<std::string, std::string>& colours, const std::string& where, ObjectInfo& object) const;

 private:
  struct Family {
    std::string where;  // "<file>: family 'car'"
    std::map<std::string, double> parameters;
    std::map<std::string, std::string> colours;
    nlohmann::json geoms, grasps, container;
  };
  std::map<std::string, std::array<float, 4>> palette_;
  std::map<std::string, Family> families_;
};

}  // namespace divla
