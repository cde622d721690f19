#include "sim/render/software/prepare.h"

#include <algorithm>

#include "sim/render/software/prepare_geom.h"
#include "sim/render/software/prepare_light.h"

namespace divla::software {
namespace {

// Four points of a pixel, none above or beside another: the standard pattern of 4x multisampling (Direct3D 11, Vulkan).
constexpr float kSampleX[4] = {-0.125f, 0.375f, -0.375f, 0.125f};
constexpr float kSampleY[4] = {-0.375f, -0.125f, 0.125f, 0.375f};

}  // namespace

void PreparedFrame::Prepare(const mjModel& model, const mjvScene& view, const Assets& assets, int height, int width,
                            bool shadows, bool antialias) {
  const int stride = (width + kLaneMultiple - 1) / kLaneMultiple * kLaneMultiple;
  camera_ = MakeCamera(view, height, width, stride);
  frame_ = {};
  frame_.width = width;
  frame_.height = height;
  frame_.stride = stride;
  frame_.x_of = camera_.x_of.data();
  frame_.y_of = camera_.y_of.data();
  frame_.pixel_x = camera_.pixel_x;
  frame_.pixel_y = camera_.pixel_y;
  for (int k = 0; k < 4; ++k) {
    frame_.sample_x[k] = kSampleX[k] * camera_.pixel_x;
    frame_.sample_y[k] = kSampleY[k] * camera_.pixel_y;
  }
  frame_.near = camera_.near;
  frame_.far = camera_.far;
  Store(camera_.forward, frame_.forward);
  Store(camera_.right, frame_.right);
  Store(camera_.up, frame_.up);
  frame_.sky = view.flags[mjRND_SKYBOX] != 0 ? assets.Sky() : nullptr;
  frame_.antialias = antialias;
  AddGeoms(model, view, assets);
  AddLights(view, shadows);
  AddShadowGrids(view);
}

void PreparedFrame::AddGeoms(const mjModel& model, const mjvScene& view, const Assets& assets) {
  geoms_.clear();
  sources_.clear();
  opaque_.clear();
  transparent_.clear();
  casters_.clear();
  caster_corners_.clear();
  for (int i = 0; i < view.ngeom; ++i) {
    const mjvGeom& source = view.geoms[i];
    Geom geom{};
    if (!MakeGeom(model, source, camera_, assets, geom)) continue;
    const Corners corners = CornersOf(source, geom);
    const auto index = static_cast<std::int32_t>(geoms_.size());
    if (source.castshadow != 0 && geom.shape != Shape::kPlane && source.category != mjCAT_DECOR) {
      casters_.push_back(index);  // off screen too
      caster_corners_.push_back(corners);
    }
    FindRectangle(corners, camera_, frame_.height, frame_.width, geom);
    if (geom.x0 < geom.x1 && geom.y0 < geom.y1) {
      (IsTransparent(geom) ? transparent_ : opaque_).push_back(index);
    }
    geoms_.push_back(geom);
    sources_.push_back(i);
  }
  SortTransparent(view, camera_, geoms_, sources_, transparent_);
  frame_.geoms = geoms_.data();
  frame_.geom_count = static_cast<std::int32_t>(geoms_.size());
  frame_.opaque = opaque_.data();
  frame_.opaque_count = static_cast<std::int32_t>(opaque_.size());
  frame_.transparent = transparent_.data();
  frame_.transparent_count = static_cast<std::int32_t>(transparent_.size());
  frame_.casters = casters_.data();
  frame_.mask_words = static_cast<std::int32_t>((casters_.size() + 63) / 64);
}

void PreparedFrame::AddLights(const mjvScene& view, bool shadows) {
  lights_.clear();
  light_sources_.clear();
  int grids = 0;
  for (int i = 0; i < view.nlight && lights_.size() < kMaxLights; ++i) {
    Light light{};
    if (!MakeLight(view.lights[i], light)) continue;
    const bool casts = shadows && view.flags[mjRND_SHADOW] != 0 && CastsShadow(view.lights[i]) && !casters_.empty();
    light.shadow = casts && grids < kMaxShadowLights ? grids++ : -1;
    const auto index = static_cast<int>(lights_.size());
    for (std::size_t g = 0; g < geoms_.size(); ++g) {
      AimLight(view.lights[i], light.spot, view.geoms[sources_[g]], index, geoms_[g]);
    }
    lights_.push_back(light);
    light_sources_.push_back(i);
  }
  if (lights_.empty()) lights_.push_back(LightOfDarkness());
  if (light_sources_.empty()) light_sources_.push_back(-1);
  frame_.lights = lights_.data();
  frame_.light_count = static_cast<std::int32_t>(lights_.size());
}

void PreparedFrame::AddShadowGrids(const mjvScene& view) {
  for (std::size_t i = 0; i < lights_.size(); ++i) {
    if (lights_[i].shadow < 0) continue;
    const mjvLight& source = view.lights[light_sources_[i]];
    const auto grid = static_cast<std::size_t>(lights_[i].shadow);
    BuildShadowGrid(camera_, lights_[i].spot, FromArray(source.pos), Normalized(FromArray(source.dir), {0, 0, -1}),
                    caster_corners_, frame_.mask_words, grids_[grid], grid_data_[grid]);
  }
  frame_.grids = grids_.data();
}

}  // namespace divla::software
