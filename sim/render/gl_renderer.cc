#include <GL/gl.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "sim/check.h"
#include "sim/render/gl_context.h"
#include "sim/render/renderer.h"

namespace divla {
namespace {

constexpr int kMaxGeoms = 2000;
constexpr int kShadowSize = 2048;  // texels along a side of the shadow map

// MuJoCo uploads a model's meshes, textures and materials into an mjrContext. Making one costs milliseconds, so it is
// kept while the scenes drawn have the same uploads; the episodes of a group share it.
class GlRenderer final : public Renderer {
 public:
  explicit GlRenderer(const RenderOptions& options) : options_(options), context_(MakeGlContext()) {
    mjv_defaultScene(&scene_);
    mjv_makeScene(nullptr, &scene_, kMaxGeoms);
    mjv_defaultOption(&option_);
    mjr_defaultContext(&gl_);
    const auto get_string = reinterpret_cast<decltype(&glGetString)>(context_->GetFunction("glGetString"));
    const auto* renderer = get_string != nullptr ? reinterpret_cast<const char*>(get_string(GL_RENDERER)) : nullptr;
    description_ = "gl (" + context_->Name() + ", " + (renderer != nullptr ? renderer : "unknown") + ")";
  }
  GlRenderer(const GlRenderer&) = delete;
  GlRenderer& operator=(const GlRenderer&) = delete;
  ~GlRenderer() override {
    context_->MakeCurrent();
    mjr_freeContext(&gl_);
    mjv_freeScene(&scene_);
  }

  Image Render(const Scene& scene, int camera_id, int height, int width) override {
    DIVLA_CHECK(height > 0 && width > 0, "a picture needs a positive size");
    context_->MakeCurrent();
    Prepare(scene, height, width);
    mjvCamera camera;
    mjv_defaultCamera(&camera);
    camera.type = mjCAMERA_FIXED;
    camera.fixedcamid = camera_id;
    // mjv_updateScene only reads the data it is given, but is not declared so.
    mjv_updateScene(&scene.Model(), const_cast<mjData*>(&scene.Data()), &option_, nullptr, &camera, mjCAT_ALL, &scene_);
    scene_.flags[mjRND_SHADOW] = options_.shadows ? 1 : 0;
    scene_.flags[mjRND_REFLECTION] = 0;
    const mjrRect viewport{0, 0, width, height};
    mjr_setBuffer(mjFB_OFFSCREEN, &gl_);
    mjr_render(viewport, &scene_, &gl_);
    Image image{height, width, {}};
    bottom_up_.resize(image.ByteCount());
    mjr_readPixels(bottom_up_.data(), nullptr, viewport, &gl_);
    image.rgb.resize(image.ByteCount());
    const std::size_t row = static_cast<std::size_t>(width) * 3;
    for (int y = 0; y < height; ++y) {  // OpenGL's first row is the lowest
      std::memcpy(image.rgb.data() + static_cast<std::size_t>(y) * row,
                  bottom_up_.data() + static_cast<std::size_t>(height - 1 - y) * row, row);
    }
    return image;
  }

  std::string Description() const override { return description_; }

 private:
  // Makes the context fit: the model's assets, and an offscreen buffer that is large enough.
  void Prepare(const Scene& scene, int height, int width) {
    const bool same_model = made_ && scene.VisualAssetsHash() == assets_;
    if (same_model && width <= gl_.offWidth && height <= gl_.offHeight) return;
    if (same_model) {
      mjr_resizeOffscreen(std::max(width, gl_.offWidth), std::max(height, gl_.offHeight), &gl_);
      return;
    }
    const int off_width = std::max({width, made_ ? gl_.offWidth : 0, 64});
    const int off_height = std::max({height, made_ ? gl_.offHeight : 0, 64});
    mjr_freeContext(&gl_);
    mjr_defaultContext(&gl_);
    // The buffer's size and sampling are read from the model, which is shared: only a shallow copy is changed.
    mjModel adjusted = scene.Model();
    adjusted.vis.global.offwidth = off_width;
    adjusted.vis.global.offheight = off_height;
    adjusted.vis.quality.offsamples = options_.samples;
    adjusted.vis.quality.shadowsize = options_.shadows ? kShadowSize : 0;  // 0: no buffer is made
    adjusted.vis.quality.numslices = options_.slices;
    adjusted.vis.quality.numstacks = std::max(4, options_.slices / 2);
    adjusted.vis.quality.numquads = options_.slices < 28 ? 2 : 4;
    {
      // MuJoCo loads OpenGL's functions into global pointers each time a context is made: one thread at a time.
      static std::mutex loading;
      const std::lock_guard lock(loading);
      mjr_makeContext(&adjusted, &gl_, mjFONTSCALE_100);
    }
    made_ = true;
    assets_ = scene.VisualAssetsHash();
  }

  RenderOptions options_;
  std::unique_ptr<GlContext> context_;
  mjvScene scene_{};
  mjvOption option_{};
  mjrContext gl_{};
  std::string description_;
  std::vector<unsigned char> bottom_up_;
  bool made_{};
  std::uint64_t assets_{};
};

}  // namespace

std::unique_ptr<Renderer> MakeGlRenderer(const RenderOptions& options) { return std::make_unique<GlRenderer>(options); }

}  // namespace divla
