// A headless OpenGL context: EGL without a surface where the driver offers it, else OSMesa (software). Both libraries
// are opened at run time, so the program also starts on a machine that lacks one of them.
#pragma once

#include <memory>
#include <string>

namespace divla {

// Current on the thread that made it, until destroyed; destroy it on the same thread.
class GlContext {
 public:
  virtual ~GlContext() = default;
  virtual void MakeCurrent() = 0;
  virtual std::string Name() const = 0;  // "EGL" or "OSMesa"
  // An OpenGL function of this context; null when it has none of that name.
  virtual void* GetFunction(const char* name) const = 0;
};

// Each returns null and sets `reason` when it cannot be had.
std::unique_ptr<GlContext> MakeEglContext(std::string& reason);
std::unique_ptr<GlContext> MakeOsMesaContext(std::string& reason);

// EGL, then OSMesa; DIVLA_GL=egl or osmesa asks for one. Throws MachineError with both reasons.
std::unique_ptr<GlContext> MakeGlContext();

}  // namespace divla
