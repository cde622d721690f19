// Renderer: a camera's picture of a scene. One renderer belongs to one thread (an OpenGL context is current on the
// thread that made it).
#pragma once

#include <memory>
#include <string>

#include "sim/image.h"
#include "sim/scene.h"

namespace divla {

struct RenderOptions {
  bool shadows{true};
  int samples{4};  // multisampling; 0 or 1: none
  int slices{28};  // facets around a sphere, cylinder or capsule (MuJoCo's default); the cost of a small picture is in
                   // the facets
};

class Renderer {
 public:
  virtual ~Renderer() = default;
  // The camera's view, RGB8, top row first. Deterministic on one machine and driver.
  virtual Image Render(const Scene& scene, int camera_id, int height, int width) = 0;
  // What draws, for run.json: "gl (EGL, <GL_RENDERER>)".
  virtual std::string Description() const = 0;
};

// Headless OpenGL by EGL, then OSMesa. Throws MachineError naming both reasons when neither works.
std::unique_ptr<Renderer> MakeGlRenderer(const RenderOptions& options = {});

}  // namespace divla
