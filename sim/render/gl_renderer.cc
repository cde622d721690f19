#include <GL/gl.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "sim/check.h"
#include "sim/looks/joined_meshes.h"
#include "sim/render/gl_context.h"
#include "sim/render/renderer.h"

namespace divla {
namespace {

constexpr int kShadowSize = 2048;  // texels along a side of the shadow map
constexpr int kSamples = 4;        // of a pixel, with anti-aliasing

// MuJoCo uploads a model's meshes, textures and materials into an mjrContext. Making one costs milliseconds, so it is
// kept while the scenes drawn have the same uploads; the episodes of a group share it. The OpenGL context must be
// current in every call, destruction included.
class Uploads {
 public:
  Uploads(int samples, int shadow_size) : samples_(samples), shadow_size_(shadow_size) { mjr_defaultContext(&gl_); }
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;
  ~Uploads() { mjr_freeContext(&gl_); }

  // The context with the model's assets and an offscreen buffer that is large enough, ready to be drawn into.
  const mjrContext& Fit(const Scene& scene, int height, int width) {
    const bool same_model = made_ && scene.VisualAssetsHash() == assets_;
    if (!same_model) {
      Make(scene, height, width);
    } else if (width > gl_.offWidth || height > gl_.offHeight) {
      mjr_resizeOffscreen(std::max(width, gl_.offWidth), std::max(height, gl_.offHeight), &gl_);
    }
    mjr_setBuffer(mjFB_OFFSCREEN, &gl_);
    return gl_;
  }

 private:
  void Make(const Scene& scene, int height, int width) {
    const int off_width = std::max({width, made_ ? gl_.offWidth : 0, 64});
    const int off_height = std::max({height, made_ ? gl_.offHeight : 0, 64});
    mjr_freeContext(&gl_);
    mjr_defaultContext(&gl_);
    // The buffer's size and sampling are read from the model, which is shared: only a shallow copy is changed.
    JoinedMeshes uploads(scene);
    mjModel& adjusted = uploads.Model();
    adjusted.vis.global.offwidth = off_width;
    adjusted.vis.global.offheight = off_height;
    adjusted.vis.quality.offsamples = samples_;
    adjusted.vis.quality.shadowsize = shadow_size_;  // 0: no buffer is made
    adjusted.vis.quality.numslices = 28;             // MuJoCo's defaults: facets around a round thing
    adjusted.vis.quality.numstacks = 16;
    adjusted.vis.quality.numquads = 4;
    {
      // MuJoCo loads OpenGL's functions into global pointers each time a context is made: one thread at a time.
      static std::mutex loading;
      const std::lock_guard lock(loading);
      mjr_makeContext(&adjusted, &gl_, mjFONTSCALE_100);
    }
    // Reversed depth keeps its precision far away: MuJoCo's near plane is 2000 times nearer than the far one.
    gl_.readDepthMap = mjDEPTH_ZEROFAR;
    made_ = true;
    assets_ = scene.VisualAssetsHash();
  }

  int samples_, shadow_size_;
  mjrContext gl_{};
  bool made_{};
  std::uint64_t assets_{};
};

// OpenGL's first row is the lowest.
template <class Value>
void TurnOver(const std::vector<Value>& bottom_up, int height, Value* top_down) {
  const std::size_t row = bottom_up.size() / static_cast<std::size_t>(height);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    std::memcpy(top_down + y * row, bottom_up.data() + (static_cast<std::size_t>(height) - 1 - y) * row,
                row * sizeof(Value));
  }
}

class GlRenderer final : public Renderer {
 public:
  explicit GlRenderer(const RenderOptions& options)
      : options_(options),
        context_(MakeGlContext()),
        pictures_(std::make_unique<Uploads>(options.antialias ? kSamples : 0, options.shadows ? kShadowSize : 0)),
        ids_(std::make_unique<Uploads>(0, 0)) {
    const auto get_string = reinterpret_cast<decltype(&glGetString)>(context_->GetFunction("glGetString"));
    const auto* renderer = get_string != nullptr ? reinterpret_cast<const char*>(get_string(GL_RENDERER)) : nullptr;
    description_ = "gl (" + context_->Name() + ", " + (renderer != nullptr ? renderer : "unknown") + ")";
  }
  GlRenderer(const GlRenderer&) = delete;
  GlRenderer& operator=(const GlRenderer&) = delete;
  ~GlRenderer() override {
    context_->MakeCurrent();
    pictures_.reset();
    ids_.reset();
  }

  Image Draw(const Scene& scene, const mjvScene& view, int height, int width) override {
    DIVLA_CHECK(height > 0 && width > 0, "a picture needs a positive size");
    context_->MakeCurrent();
    const mjrContext& gl = pictures_->Fit(scene, height, width);
    mjvScene own = Copy(view);
    own.flags[mjRND_SHADOW] = options_.shadows ? 1 : 0;
    return Read(own, gl, height, width, nullptr);
  }

  Frame DrawFrame(const Scene& scene, const mjvScene& view, int height, int width) override {
    Frame frame;
    frame.image = Draw(scene, view, height, width);
    // Once more with a colour for every geom, and with one sample a pixel: the mean of two ids would be a third one.
    const mjrContext& gl = ids_->Fit(scene, height, width);
    mjvScene own = Copy(view);
    own.flags[mjRND_SEGMENT] = own.flags[mjRND_IDCOLOR] = 1;
    std::vector<std::int32_t> geom_of_segment{kNoGeom};  // by colour; 0 is the background
    for (int i = 0; i < own.ngeom; ++i) {
      mjvGeom& geom = own.geoms[i];
      geom.rgba[3] = 1;  // transparent geoms write no depth
      if (geom.segid < 0) continue;
      const auto colour = static_cast<std::size_t>(geom.segid) + 1;
      if (colour >= geom_of_segment.size()) geom_of_segment.resize(colour + 1, kNoGeom);
      if (geom.objtype == mjOBJ_GEOM) geom_of_segment[colour] = geom.objid;
    }
    std::vector<float> depth;
    const Image ids = Read(own, gl, height, width, &depth);
    const double near = static_cast<double>(view.camera[0].frustum_near);
    const double far = static_cast<double>(view.camera[0].frustum_far);
    frame.depth.reserve(depth.size());
    frame.segmentation.reserve(depth.size());
    for (std::size_t i = 0; i < depth.size(); ++i) {
      // Of the perspective projection; 1 at the near plane, 0 at the far one.
      frame.depth.push_back(static_cast<float>(near * far / (near + static_cast<double>(depth[i]) * (far - near))));
      const std::uint8_t* rgb = ids.rgb.data() + 3 * i;
      const std::size_t colour = rgb[0] + 256U * rgb[1] + 65536U * rgb[2];
      DIVLA_CHECK(colour < geom_of_segment.size(), "a pixel has the colour of a geom");
      frame.segmentation.push_back(geom_of_segment[colour]);
    }
    return frame;
  }

  std::string Description() const override { return WithLooks(description_); }

 private:
  // mjr_render sorts and marks the geoms, and the view is not ours to change. Valid until the next call.
  mjvScene Copy(const mjvScene& view) {
    geoms_.assign(view.geoms, view.geoms + view.ngeom);
    order_.resize(geoms_.size());
    mjvScene own = view;
    own.geoms = geoms_.data();
    own.geomorder = order_.data();
    return own;
  }

  Image Read(mjvScene& view, const mjrContext& gl, int height, int width, std::vector<float>* depth) {
    const mjrRect viewport{0, 0, width, height};
    mjr_render(viewport, &view, &gl);
    Image image{height, width, {}};
    image.rgb.resize(image.ByteCount());
    bottom_up_.resize(image.ByteCount());
    std::vector<float> raw(depth != nullptr ? image.ByteCount() / 3 : 0);
    mjr_readPixels(bottom_up_.data(), depth != nullptr ? raw.data() : nullptr, viewport, &gl);
    TurnOver(bottom_up_, height, image.rgb.data());
    if (depth != nullptr) {
      depth->resize(raw.size());
      TurnOver(raw, height, depth->data());
    }
    return image;
  }

  RenderOptions options_;
  std::unique_ptr<GlContext> context_;
  std::unique_ptr<Uploads> pictures_, ids_;
  std::string description_;
  std::vector<mjvGeom> geoms_;
  std::vector<int> order_;
  std::vector<unsigned char> bottom_up_;
};

}  // namespace

std::unique_ptr<Renderer> MakeGlRenderer(const RenderOptions& options) { return std::make_unique<GlRenderer>(options); }

}  // namespace divla
