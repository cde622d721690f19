#include "sim/render/gl_context.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/osmesa.h>
#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "sim/check.h"

namespace divla {
namespace {

constexpr const char* kEgl = "libEGL.so.1";
constexpr const char* kOsMesa = "libOSMesa.so.8";
constexpr int kOsMesaSize =
    64;  // pixels; MuJoCo draws into its own offscreen buffer, this one only makes the context current

// Drivers keep thread-local state and cannot be unloaded safely while threads live, so the handles stay open. Opened
// for us alone at first: MuJoCo takes its OpenGL functions from the first loader that the process can see, EGL's before
// OSMesa's, and must not find that of a library which turned out not to work.
void* OpenLibrary(const char* name, std::string& reason) {
  void* library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) reason = std::string(name) + " cannot be loaded";
  return library;
}

// Now everybody may see it.
void ShowLibrary(const char* name) { dlopen(name, RTLD_LAZY | RTLD_NOLOAD | RTLD_GLOBAL); }

template <class Function>
Function* Symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

class EglContext final : public GlContext {
 public:
  EglContext(void* library, EGLDisplay display, EGLContext context)
      : library_(library), display_(display), context_(context) {}
  EglContext(const EglContext&) = delete;
  EglContext& operator=(const EglContext&) = delete;
  ~EglContext() override {
    Symbol<decltype(eglMakeCurrent)>(library_, "eglMakeCurrent")(display_, EGL_NO_SURFACE, EGL_NO_SURFACE,
                                                                 EGL_NO_CONTEXT);
    Symbol<decltype(eglDestroyContext)>(library_, "eglDestroyContext")(display_, context_);
    // The display is shared by all threads of the process, so it is not terminated here.
    Symbol<decltype(eglReleaseThread)>(library_, "eglReleaseThread")();
  }
  void MakeCurrent() override {
    const auto make_current = Symbol<decltype(eglMakeCurrent)>(library_, "eglMakeCurrent");
    if (make_current(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) != EGL_TRUE) {
      throw MachineError("OpenGL: eglMakeCurrent failed");
    }
  }
  std::string Name() const override { return "EGL"; }
  void* GetFunction(const char* name) const override {
    return reinterpret_cast<void*>(Symbol<decltype(eglGetProcAddress)>(library_, "eglGetProcAddress")(name));
  }

 private:
  void* library_;
  EGLDisplay display_;
  EGLContext context_;
};

class OsMesaContext final : public GlContext {
 public:
  OsMesaContext(void* library, OSMesaContext context) : library_(library), context_(context) {}
  OsMesaContext(const OsMesaContext&) = delete;
  OsMesaContext& operator=(const OsMesaContext&) = delete;
  ~OsMesaContext() override { Symbol<decltype(OSMesaDestroyContext)>(library_, "OSMesaDestroyContext")(context_); }
  void MakeCurrent() override {
    const auto make_current = Symbol<decltype(OSMesaMakeCurrent)>(library_, "OSMesaMakeCurrent");
    if (make_current(context_, buffer_.data(), GL_UNSIGNED_BYTE, kOsMesaSize, kOsMesaSize) != GL_TRUE) {
      throw MachineError("OpenGL: OSMesaMakeCurrent failed");
    }
  }
  std::string Name() const override { return "OSMesa"; }
  void* GetFunction(const char* name) const override {
    return reinterpret_cast<void*>(Symbol<decltype(OSMesaGetProcAddress)>(library_, "OSMesaGetProcAddress")(name));
  }

 private:
  void* library_;
  OSMesaContext context_;
  std::vector<unsigned char> buffer_ = std::vector<unsigned char>(kOsMesaSize * kOsMesaSize * 4);
};

EGLDisplay FindDisplay(void* library) {
  const auto get_proc = Symbol<decltype(eglGetProcAddress)>(library, "eglGetProcAddress");
  const auto initialize = Symbol<decltype(eglInitialize)>(library, "eglInitialize");
  const auto query_devices = reinterpret_cast<PFNEGLQUERYDEVICESEXTPROC>(get_proc("eglQueryDevicesEXT"));
  const auto get_platform_display =
      reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(get_proc("eglGetPlatformDisplayEXT"));
  EGLint major = 0;
  EGLint minor = 0;
  if (query_devices != nullptr && get_platform_display != nullptr) {
    std::array<EGLDeviceEXT, 16> devices{};
    EGLint count = 0;
    if (query_devices(static_cast<EGLint>(devices.size()), devices.data(), &count) == EGL_TRUE) {
      for (EGLint i = 0; i < count; ++i) {
        EGLDisplay display =
            get_platform_display(EGL_PLATFORM_DEVICE_EXT, devices[static_cast<std::size_t>(i)], nullptr);
        if (display != EGL_NO_DISPLAY && initialize(display, &major, &minor) == EGL_TRUE) return display;
      }
    }
  }
  EGLDisplay display = Symbol<decltype(eglGetDisplay)>(library, "eglGetDisplay")(EGL_DEFAULT_DISPLAY);
  if (display != EGL_NO_DISPLAY && initialize(display, &major, &minor) == EGL_TRUE) return display;
  return EGL_NO_DISPLAY;
}

}  // namespace

std::unique_ptr<GlContext> MakeEglContext(std::string& reason) {
  void* library = OpenLibrary(kEgl, reason);
  if (library == nullptr) return nullptr;
  EGLDisplay display = FindDisplay(library);
  if (display == EGL_NO_DISPLAY) {
    reason = "EGL finds no device that initialises";
    return nullptr;
  }
  const std::array<EGLint, 13> wanted{EGL_RED_SIZE,
                                      8,
                                      EGL_GREEN_SIZE,
                                      8,
                                      EGL_BLUE_SIZE,
                                      8,
                                      EGL_DEPTH_SIZE,
                                      24,
                                      EGL_SURFACE_TYPE,
                                      EGL_PBUFFER_BIT,
                                      EGL_RENDERABLE_TYPE,
                                      EGL_OPENGL_BIT,
                                      EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  const bool chosen = Symbol<decltype(eglChooseConfig)>(library, "eglChooseConfig")(display, wanted.data(), &config, 1,
                                                                                    &count) == EGL_TRUE;
  if (!chosen || count < 1 || Symbol<decltype(eglBindAPI)>(library, "eglBindAPI")(EGL_OPENGL_API) != EGL_TRUE) {
    reason = "EGL offers no desktop OpenGL configuration";
    return nullptr;
  }
  const auto create = Symbol<decltype(eglCreateContext)>(library, "eglCreateContext");
  EGLContext context = create(display, config, EGL_NO_CONTEXT, nullptr);
  if (context == EGL_NO_CONTEXT) {
    reason = "EGL cannot create a context";
    return nullptr;
  }
  ShowLibrary(kEgl);
  auto made = std::make_unique<EglContext>(library, display, context);
  made->MakeCurrent();
  return made;
}

std::unique_ptr<GlContext> MakeOsMesaContext(std::string& reason) {
  void* library = OpenLibrary(kOsMesa, reason);
  if (library == nullptr) return nullptr;
  const auto create = Symbol<decltype(OSMesaCreateContextExt)>(library, "OSMesaCreateContextExt");
  OSMesaContext context = create(GL_RGBA, 24, 8, 8, nullptr);
  if (context == nullptr) {
    reason = "OSMesa cannot create a context";
    return nullptr;
  }
  ShowLibrary(kOsMesa);
  auto made = std::make_unique<OsMesaContext>(library, context);
  made->MakeCurrent();
  return made;
}

std::unique_ptr<GlContext> MakeGlContext() {
  const char* variable = std::getenv("DIVLA_GL");
  const std::string wanted = variable != nullptr ? variable : "";
  if (!wanted.empty() && wanted != "egl" && wanted != "osmesa") {
    throw InputError("environment variable DIVLA_GL: expected 'egl' or 'osmesa', found '" + wanted + "'");
  }
  // The display is one for the whole process, and opening it on two threads at once is asking drivers for trouble.
  static std::mutex opening;
  const std::lock_guard lock(opening);
  std::string egl_reason = "not asked for";
  std::string osmesa_reason = "not asked for";
  if (wanted != "osmesa") {
    if (auto context = MakeEglContext(egl_reason)) return context;
  }
  if (wanted != "egl") {
    if (auto context = MakeOsMesaContext(osmesa_reason)) return context;
  }
  throw MachineError("no headless OpenGL: EGL: " + egl_reason + "; OSMesa: " + osmesa_reason +
                     " (Debian: apt-get install libegl1 libgl1-mesa-dri libosmesa6)");
}

}  // namespace divla
