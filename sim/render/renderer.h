// Renderer: a camera's picture of a scene. Two implementations draw the same mjvScene:
//   software  our own (sim/render/software/): the same bytes on every x86-64 machine, for any compiler, vector width and
//             thread; needs no GPU, driver or display. What policies see.
//   gl        MuJoCo's OpenGL (EGL, then OSMesa): the cross-check. Its pictures differ between drivers.
// A renderer belongs to one thread: an OpenGL context is current on the thread that made it, and the software renderer
// keeps its buffers between frames. Any number of renderers may work side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/image.h"
#include "sim/render/scene_view.h"
#include "sim/scene.h"

namespace divla {

enum class RendererKind { kSoftware, kGl };

// "software" or "gl". The second throws InputError naming both when `name` is neither.
const char* ToString(RendererKind kind);
RendererKind ParseRendererKind(std::string_view name);

struct RenderOptions {
  bool shadows{true};
  // Smooth outlines: coverage of the edge pixels in `software`, 4x multisampling in `gl`.
  bool antialias{true};
};

// What a pixel shows when it shows no geom.
inline constexpr std::int32_t kNoGeom = -1;

// Row-major, top row first, like the image. Values are those at the pixel's centre, without anti-aliasing; transparent
// geoms count like solid ones.
struct Frame {
  Image image;
  std::vector<float> depth;  // m along the camera's axis (not along the ray); the far plane where nothing is
  std::vector<std::int32_t> segmentation;  // model geom id (mjModel), kNoGeom for sky and decoration
};

class Renderer {
 public:
  virtual ~Renderer() = default;
  // The view's picture, RGB8. `view` must have been made from `scene`. DIVLA_CHECKs a positive size of at most 32760.
  virtual Image Draw(const Scene& scene, const mjvScene& view, int height, int width) = 0;
  // The picture with depth and segmentation.
  virtual Frame DrawFrame(const Scene& scene, const mjvScene& view, int height, int width) = 0;
  // What draws, for run.json: "software 1", where the number changes when pictures do; "gl (EGL, <GL_RENDERER>)"; behind
  // it ", " and the looks in use, if any (sim/looks/menagerie.h). Runs with different descriptions did not see the same
  // pictures and are not compared. Throws InputError when the looks named cannot be read.
  virtual std::string Description() const = 0;

  // The view of a model camera: SceneView::Update, then Draw.
  Image Render(const Scene& scene, int camera_id, int height, int width);

 private:
  SceneView view_;
};

// A renderer's own description with the looks in use behind it.
std::string WithLooks(const std::string& description);

// The deterministic software renderer. Always works.
std::unique_ptr<Renderer> MakeSoftwareRenderer(const RenderOptions& options = {});
// Headless OpenGL by EGL, then OSMesa. Throws MachineError naming both reasons when neither works.
std::unique_ptr<Renderer> MakeGlRenderer(const RenderOptions& options = {});
std::unique_ptr<Renderer> MakeRenderer(RendererKind kind, const RenderOptions& options = {});

}  // namespace divla
