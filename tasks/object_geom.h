// Reading the parts of a catalogue object from JSON, and measuring its shape.
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tasks/catalogue.h"

namespace divla {

// Each throws InputError that begins with `where` and names the key.
ObjectGeom ReadGeom(const nlohmann::json& json, const std::string& where);
ObjectGrasp ReadGrasp(const nlohmann::json& json, const std::string& where);
ObjectContainer ReadContainer(const nlohmann::json& json, const std::string& where);

// How far the geoms reach from the origin along a unit vector of the object's frame, m.
double ReachAlong(const std::vector<ObjectGeom>& geoms, const std::array<double, 3>& direction);

// Lengths of the bounding box along the object's x, y, z, m, and the radius of the footprint around the origin, m
// (largest reach of 72 horizontal directions).
std::array<double, 3> SizeOf(const std::vector<ObjectGeom>& geoms);
double FootprintRadius(const std::vector<ObjectGeom>& geoms);

}  // namespace divla
