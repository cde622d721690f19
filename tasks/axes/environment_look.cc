// environment_background, environment_lighting, environment_camera, environment_sensor_noise: what the world looks
// like. None of them changes the physics.
#include <cmath>
#include <numbers>

#include "tasks/axes/registry.h"
#include "tasks/catalogue.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr double kDegree = std::numbers::pi / 180.0;

double Distance(const Colour& a, const Colour& b) { return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]); }

Colour DrawColour(Rng& rng, double low, double high) {
  Colour colour{};
  for (double& channel : colour) channel = rng.Uniform(low, high);
  return colour;
}

Colour Mix(const Colour& a, const Colour& b, double share) {
  Colour mixed{};
  for (std::size_t i = 0; i < 3; ++i) mixed[i] = a[i] + share * (b[i] - a[i]);
  return mixed;
}

// Of assets/scenes/table_top.xml.
const Surroundings kTraining{{0.80, 0.71, 0.58}, {0.50, 0.53, 0.56}, {0.58, 0.66, 0.75}, 0};

class Background final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{
        "environment_background",
        "environment",
        "colours of table, floor and sky, later a chequered table",
        {{"share of a drawn colour", "0 to 1", {0.2, 0.4, 0.6, 0.8, 1.0}}, {"chequered", "0 or 1", {0, 0, 0, 1, 1}}},
        "mean distance of table, floor and sky from their training colours, RGB units",
        {Claim::kLooks},
        false};
    return spec;
  }

  bool Edit(const Task&, int level, Rng& rng, EpisodePlan& plan) const override {
    const ObjectInfo& target = PlacedObject(plan, plan.target);
    const auto& rgba = target.geoms.front().rgba;
    const Colour object{rgba[0], rgba[1], rgba[2]};
    const double share = Spec().parameters[0].At(level);
    Surroundings drawn;
    drawn.floor = Mix(kTraining.floor, DrawColour(rng, 0.1, 0.9), share);
    drawn.sky = Mix(kTraining.sky, DrawColour(rng, 0.2, 0.75), share);
    drawn.table = Mix(kTraining.table, DrawColour(rng, 0.1, 0.9), share);
    drawn.table_pattern = static_cast<int>(Spec().parameters[1].At(level));
    plan.variation.surroundings = drawn;
    return Distance(drawn.table, object) > kContrast;  // a hidden object would be another axis
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override {
    const Surroundings& now = twin.variation.surroundings.value_or(kTraining);
    return (Distance(now.table, kTraining.table) + Distance(now.floor, kTraining.floor) +
            Distance(now.sky, kTraining.sky)) /
           3;
  }

 private:
  static constexpr double kContrast = 0.25;  // least distance of the table's colour from the target's
};

class Lighting final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{
        "environment_lighting",
        "environment",
        "brightness, colour and direction of the light; then it swings, and a coloured spot moves",
        {{"intensity, change of the factor", "1", {0.10, 0.18, 0.26, 0.34, 0.42}},
         {"tint, loss of the weakest channel", "1", {0.05, 0.12, 0.20, 0.28, 0.36}},
         {"key light turned", "degrees", {10, 25, 40, 60, 80}},
         {"key light swings", "degrees", {0, 0, 10, 20, 30}},
         {"moving coloured spot", "brightness", {0, 0, 0, 0.35, 0.7}}},
        "change of intensity, plus change of tint and colour of the spot, RGB units",
        {Claim::kLights},
        false};
    return spec;
  }

  bool Edit(const Task&, int level, Rng& rng, EpisodePlan& plan) const override {
    const auto& parameters = Spec().parameters;
    LightChange& light = plan.variation.light;
    const double sign = rng.Int(2) == 0 ? 1.0 : -1.0;
    light.intensity = 1 + sign * parameters[0].At(level);
    const auto strong = static_cast<std::size_t>(rng.Int(3));
    const double other = rng.Uniform(0.4, 1.0);  // share of the loss that the third channel has
    light.tint[(strong + 1) % 3] = 1 - parameters[1].At(level);
    light.tint[(strong + 2) % 3] = 1 - other * parameters[1].At(level);
    light.turn = (rng.Int(2) == 0 ? 1.0 : -1.0) * parameters[2].At(level) * kDegree;
    light.swing = parameters[3].At(level) * kDegree;
    light.swing_period = rng.Uniform(3.0, 6.0);
    const double bright = parameters[4].At(level);
    const auto colour = static_cast<std::size_t>(rng.Int(3));
    light.spot_phase = rng.Uniform(0, 2 * std::numbers::pi);
    light.spot_period = rng.Uniform(4.0, 8.0);
    if (bright > 0) {
      light.spot[colour] = bright;
      light.spot[(colour + 1) % 3] = 0.25 * bright;
    }
    return true;
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override {
    const LightChange& light = twin.variation.light;
    return std::abs(light.intensity - 1) + Distance(light.tint, {1, 1, 1}) + Distance(light.spot, {0, 0, 0});
  }
};

class Camera final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"environment_camera",
                               "environment",
                               "the outer cameras stand elsewhere around the table",
                               {{"azimuth", "degrees", {3, 6, 10, 15, 20}},
                                {"elevation, at most", "degrees", {1, 3, 5, 7, 9}},
                                {"roll, at most", "degrees", {0.5, 1, 2, 3, 4}},
                                {"distance, at most", "share", {0.01, 0.03, 0.05, 0.07, 0.09}}},
                               "azimuth of the orbit, degrees",
                               {Claim::kCameras},
                               true};
    return spec;
  }

  bool Edit(const Task&, int level, Rng& rng, EpisodePlan& plan) const override {
    const auto& parameters = Spec().parameters;
    ViewChange& view = plan.variation.view;
    view.azimuth = (rng.Int(2) == 0 ? 1.0 : -1.0) * parameters[0].At(level) * kDegree;
    view.elevation = rng.Uniform(-1, 1) * parameters[1].At(level) * kDegree;
    view.roll = rng.Uniform(-1, 1) * parameters[2].At(level) * kDegree;
    view.distance = 1 + rng.Uniform(-1, 1) * parameters[3].At(level);
    return true;
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override {
    return std::abs(twin.variation.view.azimuth) / kDegree;
  }
};

class SensorNoiseAxis final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"environment_sensor_noise",
                               "environment",
                               "noise on pictures, joint angles and tool poses",
                               {{"pixels, deviation", "of 255", {4, 8, 14, 22, 32}},
                                {"joints, deviation", "rad", {0.002, 0.004, 0.008, 0.012, 0.018}},
                                {"tool, deviation", "m", {0.001, 0.002, 0.003, 0.005, 0.007}}},
                               "deviation of a pixel, of 255",
                               {Claim::kSensors},
                               false};
    return spec;
  }

  bool Edit(const Task&, int level, Rng&, EpisodePlan& plan) const override {
    const auto& parameters = Spec().parameters;
    plan.variation.noise = {parameters[0].At(level), parameters[1].At(level), parameters[2].At(level)};
    return true;
  }

  double Measure(const EpisodePlan&, const EpisodePlan& twin) const override { return twin.variation.noise.pixel; }
};

}  // namespace

const Axis& EnvironmentBackground() {
  static const Background axis;
  return axis;
}
const Axis& EnvironmentLighting() {
  static const Lighting axis;
  return axis;
}
const Axis& EnvironmentCamera() {
  static const Camera axis;
  return axis;
}
const Axis& EnvironmentSensorNoise() {
  static const SensorNoiseAxis axis;
  return axis;
}

}  // namespace divla
