// Rectangles that objects cover on the table: for layouts with little room, for the question whether a hand's
// fingers find room beside an object, and for stowing things side by side.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tasks/catalogue.h"
#include "tasks/table_top.h"
#include "tasks/task.h"

namespace divla {

struct Footprint {
  std::array<double, 2> centre{};  // m, world x and y
  double yaw{};                    // rad about world z
  std::array<double, 2> half{};    // m, along its own x and y
  double base{}, top{};            // m, world z; the top of what is solid
};

// Of an object that stands at `position` (its base point, m) turned by `yaw`.
Footprint FootprintOf(const ObjectInfo& object, const std::array<double, 3>& position, double yaw);
// Of a placed body as it is now. What has toppled counts as if it stood.
Footprint FootprintOf(const Scene& scene, const EpisodePlan& plan, const std::string& body);

// Least distance between the two along one of their four axes, m: never more than the true distance, negative when they
// overlap.
double Gap(const Footprint& a, const Footprint& b);

// A gripper that points down with open fingers, m.
struct HandShape {
  double finger_half{};   // of a finger's width, along the object's x
  double finger_outer{};  // from the tool centre point to the outside of an open finger
  double palm_half_x{}, palm_half_y{};
  double palm_height{};  // of the palm over the tool centre point
};
// Of a robot, 2 mm of grace included. Throws InputError for an unknown robot.
const HandShape& HandOf(const std::string& robot);

// True when the open fingers that go down across the object's y axis touch none of `others`, and the palm above is
// higher than they are or beside them. `others` must not hold the object itself.
bool FingersFit(const ObjectInfo& object, const std::array<double, 3>& position, double yaw,
                const std::vector<Footprint>& others, const HandShape& hand = HandOf("panda"));

struct CrowdOptions {
  Region region;                // of the objects' base points
  std::vector<Region> regions;  // of each object's, where they differ; else empty
  double height{};              // m, world z of their base points
  double yaw{};                 // rad, most turn either way
  double gap{};                 // m, least distance between two objects; less when there is no room (never below 1 mm)
  double reach{};               // m, each object but the first has another one at most so far away; 0: no such rule
  HandShape hand{HandOf("panda")};
};

// Draws a layout of many objects, body "object_<id>" each, that can be cleared: when an object was placed, the fingers
// fit beside it (FingersFit with those placed before), so in the opposite order of placing each can be grasped. Appends
// the placements in a drawn order. Throws InputError when 400 layouts fail: the region is too small.
void PlaceCrowd(Rng& rng, const std::vector<std::string>& ids, const CrowdOptions& options,
                std::vector<ObjectPlacement>& placed);

}  // namespace divla
