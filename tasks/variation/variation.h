// Variation: how an episode's world differs from the training distribution beside which objects lie where. Plain data,
// part of the plan; the axes (tasks/axes/) write it, BuildTableTop reads it. All defaults: no difference.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

namespace divla {

using Colour = std::array<double, 3>;  // red, green, blue, 0 to 1

// The outer cameras (those that are not on the robot), each orbited around the point on the table that it looks at.
struct ViewChange {
  double azimuth{};      // rad about world z
  double elevation{};    // rad upwards
  double roll{};         // rad about the viewing direction
  double distance{1.0};  // factor
  bool operator==(const ViewChange&) const = default;
};

struct LightChange {
  double intensity{1.0};  // factor of every light
  Colour tint{1, 1, 1};   // factor of every light, by colour
  double turn{};          // rad about world z, of the key light
  // The key light swings to and fro by so much, rad, once in so many seconds.
  double swing{}, swing_period{1.0};
  // A coloured spot that circles over the table; black: there is none. It has gone round `spot_phase` rad at the start.
  Colour spot{0, 0, 0};
  double spot_phase{}, spot_period{1.0};  // rad, s
  bool operator==(const LightChange&) const = default;
};

// Colours of the surroundings. Pattern 0 is the training distribution's speckled table; 1 is a chequered one.
struct Surroundings {
  Colour table{}, floor{}, sky{};
  int table_pattern{};
  bool operator==(const Surroundings&) const = default;
};

// How one object looks, against the catalogue.
struct ObjectLook {
  double hue{};            // degrees, added
  double saturation{1.0};  // factor
  double value{1.0};       // factor
  double speckles{};       // 0 to 1: how much darker the speckles of its texture are; 0: no texture
  bool operator==(const ObjectLook&) const = default;
};

// Standard deviations of what is added to a policy's observation.
struct SensorNoise {
  double pixel{};  // of 255
  double joint{};  // rad
  double tool{};   // m
  bool operator==(const SensorNoise&) const = default;
};

struct Variation {
  ViewChange view;
  LightChange light;
  std::optional<Surroundings> surroundings;
  std::map<std::string, ObjectLook> looks;  // by body
  double plinth{};                          // m, the robot stands so much higher
  double friction{1.0};                     // factor of the sliding friction of all surfaces
  double mass{1.0};                         // factor of the mass of all objects
  SensorNoise noise;
  bool operator==(const Variation&) const = default;
};

}  // namespace divla
