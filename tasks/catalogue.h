// The object catalogue: assets/objects/catalogue.json as typed data, and its objects as MuJoCo bodies.
// An object's frame lies at the middle of its base, z up, so a pose with z = 0 stands on the table top. Long objects
// lie along x, so that a gripper whose fingers move along y takes them across.
//
// An entry of the file lists its geoms, or names a family (tasks/object_family.h) with parameters and colours. Sections
// beside "objects", all optional: "attributes" (every attribute that may be used, with its meaning), "categories"
// (class and attributes that all objects of a category share) and "lists" (fixed lists of ids by name).
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/scene_builder.h"

namespace divla {

struct ObjectGeom {
  std::string type;                  // "box", "sphere", "capsule", "cylinder", "ellipsoid"
  std::vector<double> size;          // m, MuJoCo's half sizes
  std::array<double, 3> position{};  // m, in the object's frame
  std::array<double, 3> euler{};     // degrees, MuJoCo's default "xyz"
  // Both ends of a capsule's or cylinder's axis, m, in place of position, euler and half length.
  std::optional<std::array<double, 6>> fromto;
  std::array<float, 4> rgba{};
  bool visual{};  // drawn only: no mass, no contact
  bool hidden{};  // mass and contact only: what a round thing stands on, what the fingers close on
};

struct ObjectGrasp {
  std::array<double, 3> position{};  // m, of the tool centre point, in the object's frame, gripper pointing down
  double width{};                    // m between the fingers when closed on the object
  // m to either side of `position`, along the object's x: a hand that closes there holds it, too. A handle, a bar.
  double half_length{};
};

// The space inside an open container.
struct ObjectContainer {
  std::array<double, 2> half_size{};  // m, inner, along the object's x and y
  double floor{};                     // m above the base
  double rim{};                       // m above the base
};

struct ObjectInfo {
  std::string id, category, object_class, colour;
  // "seen": may be in demonstrations. "unseen_instance": another one of a category that has seen objects.
  // "unseen_category": of a category without any. No training text names what is unseen (training_text_test.cc).
  std::string split;
  std::string family;                   // empty: the entry lists its geoms
  std::vector<std::string> attributes;  // what it is good for ("edible"): its own and its category's, sorted
  double mass{};                        // kg
  double radius{};                      // m, of the footprint's bounding circle
  std::array<double, 3> size{};         // m, of the bounding box along x, y, z
  bool fixed{};                         // stands still: no free joint
  bool two_handed{};                    // taken by two hands at once: one grasp for each, the left hand's first
  // Noun phrases: the everyday names, of which [0] is what the reasoning says, and synonyms that are held out.
  std::vector<std::string> phrases_seen, phrases_unseen;
  std::vector<ObjectGeom> geoms;
  std::vector<ObjectGrasp> grasps;
  std::optional<ObjectContainer> container;
};

struct CatalogueData {
  std::vector<ObjectInfo> objects;                        // in file order
  std::map<std::string, std::string> attributes;          // name -> what it means
  std::map<std::string, std::vector<std::string>> lists;  // name -> ids, in the file's order
};

// Reads and checks a catalogue, with palette.json and families/ beside it. Throws InputError with file, object and key;
// unknown keys are refused.
CatalogueData ReadCatalogue(const std::filesystem::path& file);

// The shipped catalogue, read once (thread-safe).
const CatalogueData& ShippedCatalogue();
// Its objects, in file order.
const std::vector<ObjectInfo>& Catalogue();
// Throws InputError with the known ids.
const ObjectInfo& FindObject(const std::string& id);
// The object at another size: lengths in percent of the catalogue's (25 to 400), mass with the volume. Made once for
// each id and percentage and kept (thread-safe); 100 is FindObject. Throws InputError for another percentage.
const ObjectInfo& SizedObject(const std::string& id, int percent);
// A named list of the shipped catalogue ("bin_picking"). Throws InputError with the known lists.
const std::vector<std::string>& ObjectList(const std::string& name);
bool HasAttribute(const ObjectInfo& object, const std::string& attribute);

// Adds the object to the world as body `body_name`: with a free joint, or standing still when `fixed`.
void AddObject(SceneBuilder& builder, const ObjectInfo& object, const std::string& body_name,
               const std::array<double, 3>& position, double yaw);

}  // namespace divla
