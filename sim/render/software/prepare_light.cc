#include "sim/render/software/prepare_light.h"

#include <algorithm>

#include "sim/render/software/vector3.h"

namespace divla::software {
namespace {

// Cosine of 0 to 90 degrees by its Taylor series; the terms left out are below 1e-9.
float CosDegrees(float degrees) {
  const double x = static_cast<double>(std::clamp(degrees, 0.0f, 90.0f)) * (3.14159265358979323846 / 180.0);
  double sum = 0.0, term = 1.0;
  for (int k = 0; k < 10; ++k) {
    sum += term;
    term *= -x * x / ((2.0 * k + 1.0) * (2.0 * k + 2.0));
  }
  return static_cast<float>(sum);
}

}  // namespace

bool MakeLight(const mjvLight& source, Light& light) {
  if (source.type != mjLIGHT_SPOT && source.type != mjLIGHT_DIRECTIONAL) return false;
  light.spot = source.type == mjLIGHT_SPOT;
  for (int k = 0; k < 3; ++k) {
    light.ambient[k] = source.ambient[k];
    light.diffuse[k] = source.diffuse[k];
    light.specular[k] = source.specular[k];
    light.attenuation[k] = source.attenuation[k];
  }
  light.cos_cutoff = source.cutoff >= 90.0f ? -1.0f : CosDegrees(source.cutoff);
  light.exponent = static_cast<std::int32_t>(std::clamp(source.exponent + 0.5f, 0.0f, 128.0f));
  light.shadow = -1;
  return true;
}

bool CastsShadow(const mjvLight& source) { return source.castshadow != 0 && source.headlight == 0; }

Light LightOfDarkness() {
  Light light{};
  for (float& channel : light.ambient) channel = 0.3f;
  light.shadow = -1;
  return light;
}

void AimLight(const mjvLight& source, bool spot, const mjvGeom& geom_source, int index, Geom& geom) {
  const Vector3 direction = Normalized(FromArray(source.dir), {0, 0, -1});
  const Vector3 axis = ToLocal(geom_source.mat, direction);
  Store(axis, geom.light_axis[index]);
  if (spot) {
    Store(ToLocal(geom_source.mat, FromArray(source.pos) - FromArray(geom_source.pos)), geom.light[index]);
  } else {
    Store(axis * -1.0f, geom.light[index]);
  }
}

}  // namespace divla::software
