#include "viewer/offscreen.h"

#include <GL/gl.h>
#include <GL/glext.h>

#include "sim/check.h"

namespace divla {

// OpenGL 3.0's, which libGL does not name.
struct Offscreen::Functions {
  explicit Functions(const GlContext& context) {
    const auto find = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(context.GetFunction(name));
      if (function == nullptr) throw MachineError(std::string("OpenGL without a display: there is no ") + name);
    };
    find(gen_frame_buffers, "glGenFramebuffers");
    find(bind_frame_buffer, "glBindFramebuffer");
    find(delete_frame_buffers, "glDeleteFramebuffers");
    find(gen_buffers, "glGenRenderbuffers");
    find(bind_buffer, "glBindRenderbuffer");
    find(delete_buffers, "glDeleteRenderbuffers");
    find(store, "glRenderbufferStorage");
    find(attach, "glFramebufferRenderbuffer");
    find(status, "glCheckFramebufferStatus");
  }
  PFNGLGENFRAMEBUFFERSPROC gen_frame_buffers{};
  PFNGLBINDFRAMEBUFFERPROC bind_frame_buffer{};
  PFNGLDELETEFRAMEBUFFERSPROC delete_frame_buffers{};
  PFNGLGENRENDERBUFFERSPROC gen_buffers{};
  PFNGLBINDRENDERBUFFERPROC bind_buffer{};
  PFNGLDELETERENDERBUFFERSPROC delete_buffers{};
  PFNGLRENDERBUFFERSTORAGEPROC store{};
  PFNGLFRAMEBUFFERRENDERBUFFERPROC attach{};
  PFNGLCHECKFRAMEBUFFERSTATUSPROC status{};
};

Offscreen::Offscreen(int width, int height) {
  std::string reason;
  context_ = MakeEglContext(reason);
  if (!context_) throw MachineError("no OpenGL without a display either (" + reason + ")");
  gl_ = std::make_unique<const Functions>(*context_);
  gl_->gen_frame_buffers(1, &frame_buffer_);
  gl_->gen_buffers(1, &colour_);
  gl_->gen_buffers(1, &depth_);
  Resize(width, height);
}

Offscreen::~Offscreen() {
  gl_->delete_frame_buffers(1, &frame_buffer_);
  gl_->delete_buffers(1, &colour_);
  gl_->delete_buffers(1, &depth_);
}

void Offscreen::Bind() const {
  gl_->bind_frame_buffer(GL_FRAMEBUFFER, frame_buffer_);
  glDrawBuffer(GL_COLOR_ATTACHMENT0);
  glReadBuffer(GL_COLOR_ATTACHMENT0);
}

void Offscreen::Resize(int width, int height) {
  const auto store = [&](unsigned buffer, GLenum format, GLenum place) {
    gl_->bind_buffer(GL_RENDERBUFFER, buffer);
    gl_->store(GL_RENDERBUFFER, format, width, height);
    gl_->attach(GL_FRAMEBUFFER, place, GL_RENDERBUFFER, buffer);
  };
  gl_->bind_frame_buffer(GL_FRAMEBUFFER, frame_buffer_);
  store(colour_, GL_RGB8, GL_COLOR_ATTACHMENT0);
  store(depth_, GL_DEPTH24_STENCIL8, GL_DEPTH_STENCIL_ATTACHMENT);
  if (gl_->status(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
    throw MachineError("OpenGL without a display: no picture of " + std::to_string(width) + " x " +
                       std::to_string(height) + " pixels can be drawn");
  }
  width_ = width;
  height_ = height;
  Bind();
}

}  // namespace divla
