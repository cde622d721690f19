// The object catalogue: assets/objects/catalogue.json as typed data, and its objects as MuJoCo bodies.
// An object's frame lies at the middle of its base, z up, so a pose with z = 0 stands on the table top.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/scene_builder.h"

namespace divla {

struct ObjectGeom {
  std::string type;                  // "box", "sphere", "capsule", "cylinder", "ellipsoid"
  std::vector<double> size;          // m, MuJoCo's half sizes
  std::array<double, 3> position{};  // m, in the object's frame
  std::array<double, 3> euler{};     // degrees, extrinsic as MuJoCo's default "xyz"
  std::array<float, 4> rgba{};
  bool visual{};  // drawn only: no mass, no contact
};

struct ObjectGrasp {
  std::array<double, 3> position{};  // m, of the tool centre point, in the object's frame, gripper pointing down
  double width{};                    // m between the fingers when closed on the object
};

// The space inside an open container.
struct ObjectContainer {
  std::array<double, 2> half_size{};  // m, inner, along the object's x and y
  double floor{};                     // m above the base
  double rim{};                       // m above the base
};

struct ObjectInfo {
  std::string id, category, object_class, colour;
  std::string split;                                      // "seen", "unseen_instance", "unseen_category"
  double mass{};                                          // kg
  double radius{};                                        // m, of the footprint's bounding circle
  bool fixed{};                                           // stands still: no free joint
  std::vector<std::string> phrases_seen, phrases_unseen;  // noun phrases; [0] is what the reasoning says
  std::vector<ObjectGeom> geoms;
  std::vector<ObjectGrasp> grasps;
  std::optional<ObjectContainer> container;
};

// Reads and checks a catalogue. Throws InputError with file, object and key.
std::vector<ObjectInfo> ReadCatalogue(const std::filesystem::path& file);

// The shipped catalogue, read once (thread-safe), in file order.
const std::vector<ObjectInfo>& Catalogue();
// Throws InputError with the known ids.
const ObjectInfo& FindObject(const std::string& id);

// Adds the object to the world as body `body_name`: with a free joint, or standing still when `fixed`.
void AddObject(SceneBuilder& builder, const ObjectInfo& object, const std::string& body_name,
               const std::array<double, 3>& position, double yaw);

}  // namespace divla
