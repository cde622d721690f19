// Colours and textures: of the surroundings and of objects.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "sim/check.h"
#include "tasks/variation/apply.h"

namespace divla {
namespace {

constexpr double kMarkShade = 0.93;     // the table's speckles and dark squares, of its colour
constexpr double kSecondShade = 0.92;   // the floor's other squares
constexpr double kHorizonShade = 1.35;  // the sky at the horizon, of the sky above
constexpr int kTextureSize = 128;       // pixels, of an object's speckles
constexpr double kSpeckleShare = 0.25;  // of the pixels

mjsTexture* FindTexture(mjSpec* spec, const char* name) {
  mjsElement* element = mjs_findElement(spec, mjOBJ_TEXTURE, name);
  if (element == nullptr) throw InputError(std::string("scene: no texture named '") + name + "'");
  return mjs_asTexture(element);
}

void Set(const Colour& colour, double shade, double target[3]) {
  for (std::size_t i = 0; i < 3; ++i) target[i] = std::min(1.0, colour[i] * shade);
}

// Hue in degrees, saturation and value 0 to 1 (Smith, "Color gamut transform pairs", SIGGRAPH 1978), and back.
std::array<double, 3> ToHsv(const float rgba[4]) {
  const double red = rgba[0];
  const double green = rgba[1];
  const double blue = rgba[2];
  const double high = std::max({red, green, blue});
  const double range = high - std::min({red, green, blue});
  double hue = 0;
  if (range > 0) {
    if (high == red) {
      hue = (green - blue) / range;
    } else if (high == green) {
      hue = 2 + (blue - red) / range;
    } else {
      hue = 4 + (red - green) / range;
    }
  }
  return {60 * hue, high > 0 ? range / high : 0, high};
}

Colour FromHsv(double hue, double saturation, double value) {
  Colour colour{};
  for (std::size_t i = 0; i < 3; ++i) {
    // Distance of the hue from the channel's own (red 0, green 120, blue 240), in sixths of the circle.
    double distance = std::fmod(std::abs(hue / 60 - 2.0 * static_cast<double>(i)), 6.0);
    distance = std::min(distance, 6 - distance);
    colour[i] = value * (1 - saturation * std::clamp(distance - 1, 0.0, 1.0));
  }
  return colour;
}

}  // namespace

void ApplySurroundings(const Surroundings& surroundings, mjSpec* spec) {
  mjsTexture* table = FindTexture(spec, "table");
  Set(surroundings.table, 1, table->rgb1);
  Set(surroundings.table, surroundings.table_pattern == 0 ? 1 : kMarkShade * kMarkShade, table->rgb2);
  Set(surroundings.table, kMarkShade, table->markrgb);
  if (surroundings.table_pattern != 0) {
    table->builtin = mjBUILTIN_CHECKER;
    table->mark = mjMARK_NONE;
    mjsElement* material = mjs_findElement(spec, mjOBJ_MATERIAL, "table");
    if (material == nullptr) throw InputError("scene: no material named 'table'");
    mjs_asMaterial(material)->texrepeat[0] = 4;
    mjs_asMaterial(material)->texrepeat[1] = 6;
  }
  mjsTexture* floor = FindTexture(spec, "floor");
  Set(surroundings.floor, 1, floor->rgb1);
  Set(surroundings.floor, kSecondShade, floor->rgb2);
  mjsTexture* sky = FindTexture(spec, "sky");
  Set(surroundings.sky, kHorizonShade, sky->rgb1);
  Set(surroundings.sky, 1, sky->rgb2);
}

void ApplyLook(const std::string& body_name, const ObjectLook& look, mjSpec* spec) {
  mjsBody* body = mjs_findBody(spec, body_name.c_str());
  if (body == nullptr) throw InputError("scene: no body named '" + body_name + "'");
  const std::string material_name = "look_" + body_name;
  if (look.speckles > 0) {
    mjsTexture* texture = mjs_addTexture(spec, nullptr);
    mjs_setName(texture->element, material_name.c_str());
    texture->type = mjTEXTURE_CUBE;
    texture->builtin = mjBUILTIN_FLAT;
    texture->mark = mjMARK_RANDOM;
    texture->random = kSpeckleShare;
    texture->width = kTextureSize;
    texture->height = kTextureSize;
    Set({1, 1, 1}, 1, texture->rgb1);
    Set({1, 1, 1}, 1, texture->rgb2);
    Set({1, 1, 1}, 1 - look.speckles, texture->markrgb);
    mjsMaterial* material = mjs_addMaterial(spec, nullptr);
    mjs_setName(material->element, material_name.c_str());
    mjs_setInStringVec(material->textures, mjTEXROLE_RGB, material_name.c_str());
  }
  for (mjsElement* element = mjs_firstChild(body, mjOBJ_GEOM, 0); element != nullptr;
       element = mjs_nextChild(body, element, 0)) {
    mjsGeom* geom = mjs_asGeom(element);
    const std::array<double, 3> hsv = ToHsv(geom->rgba);
    const Colour colour = FromHsv(hsv[0] + look.hue, std::clamp(hsv[1] * look.saturation, 0.0, 1.0),
                                  std::clamp(hsv[2] * look.value, 0.0, 1.0));
    for (std::size_t i = 0; i < 3; ++i) geom->rgba[i] = static_cast<float>(colour[i]);
    if (look.speckles > 0) mjs_setString(geom->material, material_name.c_str());
  }
}

}  // namespace divla
