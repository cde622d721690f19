#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "sim/check.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr const char* kKey = "key";
constexpr const char* kSpot = "moving_spot";
constexpr double kSpotCentre[2] = {0.42, 0.0};  // m
constexpr double kSpotRadius = 0.22;            // m, of the circle it goes
constexpr double kSpotHeight = 1.1;             // m over the table
constexpr float kSpotCutoff = 16.0F;            // degrees: a disc of about 0.6 m on the table

bool HasSpot(const LightChange& light) { return light.spot != Colour{0, 0, 0}; }

std::array<double, 3> SpotPosition(const LightChange& light, double time) {
  const double angle = light.spot_phase + 2 * kPi * time / light.spot_period;
  return {kSpotCentre[0] + kSpotRadius * std::cos(angle), kSpotCentre[1] + kSpotRadius * std::sin(angle), kSpotHeight};
}

// A horizontal turn of a direction or of a position about the middle of the table.
template <class Vector>
void TurnAboutZ(Vector& vector, double angle, double centre_x) {
  const double x = vector[0] - centre_x;
  const double y = vector[1];
  vector[0] = centre_x + std::cos(angle) * x - std::sin(angle) * y;
  vector[1] = std::sin(angle) * x + std::cos(angle) * y;
}

void Tint(const LightChange& light, float colour[3]) {
  for (std::size_t i = 0; i < 3; ++i) colour[i] *= static_cast<float>(light.intensity * light.tint[i]);
}

void AddSpot(const LightChange& light, mjSpec* spec) {
  mjsLight* spot = mjs_addLight(mjs_findBody(spec, "world"), nullptr);
  mjs_setName(spot->element, kSpot);
  spot->type = mjLIGHT_SPOT;
  spot->castshadow = 0;
  spot->cutoff = kSpotCutoff;
  spot->exponent = 4;
  const std::array<double, 3> position = SpotPosition(light, 0);
  const std::array<double, 3> down{0, 0, -1};
  for (std::size_t i = 0; i < 3; ++i) {
    spot->pos[i] = position[i];
    spot->dir[i] = down[i];
    spot->ambient[i] = 0;
    spot->specular[i] = 0;
    spot->diffuse[i] = static_cast<float>(light.spot[i]);
  }
}

int LightId(const Scene& scene, const char* name) {
  const int id = mj_name2id(&scene.Model(), mjOBJ_LIGHT, name);
  if (id < 0) throw InputError(std::string("scene: no light named '") + name + "'");
  return id;
}

}  // namespace

void ApplyLight(const LightChange& light, mjSpec* spec) {
  mjsElement* key = mjs_findElement(spec, mjOBJ_LIGHT, kKey);
  if (key == nullptr) throw InputError("scene: no light named 'key'");
  for (mjsElement* element = mjs_firstElement(spec, mjOBJ_LIGHT); element != nullptr;
       element = mjs_nextElement(spec, element)) {
    mjsLight* each = mjs_asLight(element);
    Tint(light, each->ambient);
    Tint(light, each->diffuse);
    Tint(light, each->specular);
  }
  Tint(light, spec->visual.headlight.ambient);
  Tint(light, spec->visual.headlight.diffuse);
  Tint(light, spec->visual.headlight.specular);
  TurnAboutZ(mjs_asLight(key)->pos, light.turn, kSpotCentre[0]);
  TurnAboutZ(mjs_asLight(key)->dir, light.turn, 0.0);
  if (HasSpot(light)) AddSpot(light, spec);
}

void MoveLights(const EpisodePlan& plan, Scene& scene) {
  const LightChange& light = plan.variation.light;
  mjModel& model = scene.MutableModel();
  mjData& data = scene.MutableData();
  const double time = data.time;
  if (light.swing != 0) {
    const int key = LightId(scene, kKey);
    // From where it stood when the model was compiled (light_dir0), so that nothing adds up.
    std::array<double, 3> direction{model.light_dir0[3 * key], model.light_dir0[3 * key + 1],
                                    model.light_dir0[3 * key + 2]};
    TurnAboutZ(direction, light.swing * std::sin(2 * kPi * time / light.swing_period), 0.0);
    for (int i = 0; i < 3; ++i) {
      model.light_dir[3 * key + i] = direction[static_cast<std::size_t>(i)];
      data.light_xdir[3 * key + i] = direction[static_cast<std::size_t>(i)];
    }
  }
  if (HasSpot(light)) {
    const int spot = LightId(scene, kSpot);
    const std::array<double, 3> position = SpotPosition(light, time);
    for (int i = 0; i < 3; ++i) {
      model.light_pos[3 * spot + i] = position[static_cast<std::size_t>(i)];
      data.light_xpos[3 * spot + i] = position[static_cast<std::size_t>(i)];
    }
  }
}

}  // namespace divla
