// Offscreen: what a window is to the viewer where there is no display: an OpenGL context by EGL and a picture in its
// memory to draw into. One at a time; the thread that made it.
#pragma once

#include <memory>
#include <string>

#include "sim/render/gl_context.h"

namespace divla {

class Offscreen {
 public:
  // Pixels. Throws MachineError that says why there is no such context. OSMesa is no way out here: Dear ImGui and MuJoCo
  // find OpenGL's functions in libGL, which hands them on to GLX and EGL only.
  Offscreen(int width, int height);
  Offscreen(const Offscreen&) = delete;
  Offscreen& operator=(const Offscreen&) = delete;
  ~Offscreen();

  // OpenGL's calls draw into it and read from it, until something else is bound.
  void Bind() const;
  void Resize(int width, int height);
  int Width() const { return width_; }
  int Height() const { return height_; }

 private:
  struct Functions;
  std::unique_ptr<GlContext> context_;
  std::unique_ptr<const Functions> gl_;
  unsigned frame_buffer_{}, colour_{}, depth_{};
  int width_{}, height_{};
};

}  // namespace divla
