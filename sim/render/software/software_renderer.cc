// The deterministic renderer: keeps a model's assets and the pixel buffers, and runs prepare -> kernels for each
// picture.
#include <cstring>
#include <deque>
#include <memory>

#include "sim/check.h"
#include "sim/render/renderer.h"
#include "sim/render/software/frame_buffers.h"
#include "sim/render/software/kernels.h"
#include "sim/render/software/prepare.h"

namespace divla {
namespace {

// Raised whenever a change moves a pixel of any picture. It names the pictures in run.json.
constexpr const char* kDescription = "software 1";
// Models of an evaluation mostly share their assets; a texture axis gives each episode its own.
constexpr std::size_t kKeptAssets = 16;

class SoftwareRenderer final : public Renderer {
 public:
  explicit SoftwareRenderer(const RenderOptions& options)
      : options_(options), kernels_(software::KernelsFor(software::ChooseInstructionSet())) {}

  Image Draw(const Scene& scene, const mjvScene& view, int height, int width) override {
    return ImageOf(DrawPicture(scene, view, height, width));
  }

  Frame DrawFrame(const Scene& scene, const mjvScene& view, int height, int width) override {
    const software::Frame& frame = DrawPicture(scene, view, height, width);
    Frame out{ImageOf(frame), {}, {}};
    kernels_.add_transparent(frame);
    out.depth.reserve(out.image.ByteCount() / 3);
    out.segmentation.reserve(out.image.ByteCount() / 3);
    for (int row = 0; row < height; ++row) {
      const auto first = static_cast<std::ptrdiff_t>(row) * frame.stride;
      for (std::ptrdiff_t at = first; at < first + width; ++at) {
        const std::int32_t key = frame.key[at];
        out.depth.push_back(frame.depth[at]);
        out.segmentation.push_back(key == software::kSkyKey ? kNoGeom
                                                            : frame.geoms[key >> software::kSurfaceBits].model_id);
      }
    }
    return out;
  }

  std::string Description() const override { return WithLooks(kDescription); }

 private:
  static Image ImageOf(const software::Frame& frame) {
    Image image{frame.height, frame.width, {}};
    image.rgb.resize(image.ByteCount() + 1);  // room for the fourth byte of the last pixel
    std::uint8_t* out = image.rgb.data();
    for (int row = 0; row < frame.height; ++row) {
      const std::int32_t* colors = frame.color + static_cast<std::ptrdiff_t>(row) * frame.stride;
      for (int column = 0; column < frame.width; ++column, out += 3) std::memcpy(out, colors + column, 4);
    }
    image.rgb.resize(image.ByteCount());
    return image;
  }

  const software::Frame& DrawPicture(const Scene& scene, const mjvScene& view, int height, int width) {
    DIVLA_CHECK(height > 0 && width > 0, "a picture needs a positive size");
    prepared_.Prepare(scene.Model(), view, AssetsOf(scene), height, width, options_.shadows, options_.antialias);
    software::Frame& frame = prepared_.Get();
    buffers_.Attach(frame);
    kernels_.draw_picture(frame);
    return frame;
  }

  const software::Assets& AssetsOf(const Scene& scene) {
    const std::uint64_t hash = scene.VisualAssetsHash();
    for (const Kept& kept : assets_) {
      if (kept.hash == hash) return *kept.assets;
    }
    if (assets_.size() >= kKeptAssets) assets_.pop_front();
    std::shared_ptr<const software::Assets> worn;
    if (scene.Looks() != nullptr) worn = software::SharedAssets(scene.Looks()->Share());
    assets_.push_back({hash, std::make_unique<software::Assets>(scene.Model(), std::move(worn))});
    return *assets_.back().assets;
  }

  struct Kept {
    std::uint64_t hash;
    std::unique_ptr<software::Assets> assets;
  };

  RenderOptions options_;
  const software::Kernels& kernels_;
  std::deque<Kept> assets_;
  software::PreparedFrame prepared_;
  software::FrameBuffers buffers_;
};

}  // namespace

std::unique_ptr<Renderer> MakeSoftwareRenderer(const RenderOptions& options) {
  return std::make_unique<SoftwareRenderer>(options);
}

}  // namespace divla
