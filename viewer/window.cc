#include "viewer/window.h"

#include <GLFW/glfw3.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "harness/exit_code.h"
#include "sim/check.h"

namespace divla {
namespace {

std::string last_error;  // GLFW reports through a plain function

void OnError(int, const char* text) { last_error = text; }

// Xlib ends the program when its display goes away, by exit(), which would take the ground from under the session's
// thread. GLFW may have loaded it or not, and it is no library of ours: so it is asked for by name.
void EndAtOnceWithoutDisplay() {
  using Handler = int (*)(void*);
  using Setter = Handler (*)(Handler);
  const auto set = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "XSetIOErrorHandler"));
  if (set == nullptr) return;
  set([](void*) -> int {
    std::fputs("divla-view: the display has gone away\n", stderr);
    std::_Exit(kExitMachine);
  });
}

// MuJoCo and Dear ImGui draw into buffers of their own and with programs: OpenGL 3.0.
void RequireVersion(const std::string& renderer) {
  const auto* version = reinterpret_cast<const char*>(glGetString(GL_VERSION));
  if (version != nullptr && std::atoi(version) >= 3) return;
  throw MachineError(
      fmt::format("OpenGL: expected version 3.0 or later, found {} ({}) (Debian: apt-get install "
                  "libgl1-mesa-dri)",
                  version != nullptr ? version : "none", renderer));
}

}  // namespace

void Window::OpenOnDisplay(const std::string& title, int width, int height) {
  glfwSetErrorCallback(OnError);
  if (glfwInit() != GLFW_TRUE) {
    throw MachineError(
        fmt::format("no display ({}): the viewer needs one. Without a screen: Xvfb :9 & DISPLAY=:9 divla view ... "
                    "(Debian: apt-get install xvfb)",
                    last_error));
  }
  EndAtOnceWithoutDisplay();
  // MuJoCo draws with OpenGL 1.5 and its extensions, so the compatibility profile is asked for: no version, no profile.
  glfwWindowHint(GLFW_SAMPLES, 0);
  glfwWindowHint(GLFW_VISIBLE, GLFW_TRUE);
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
  window_ = glfwCreateWindow(width, height, title.c_str(), nullptr, nullptr);
  if (window_ == nullptr) {
    const std::string reason = last_error;
    glfwTerminate();
    throw MachineError(
        fmt::format("this display offers no OpenGL ({}) (Debian: apt-get install libgl1-mesa-dri)", reason));
  }
  glfwMakeContextCurrent(window_);
  glfwSwapInterval(1);
  glfwSetWindowUserPointer(window_, this);
  glfwSetKeyCallback(window_, OnKey);  // before ImGui's, which calls it
}

Window::Window(const std::string& title, int width, int height, WindowKind kind) {
  try {
    OpenOnDisplay(title, width, height);
  } catch (const MachineError& error) {
    if (kind == WindowKind::kOnDisplay) throw;
    try {
      offscreen_ = std::make_unique<Offscreen>(width, height);
    } catch (const MachineError& also) {
      throw MachineError(fmt::format("{}; {}", error.what(), also.what()));
    }
  }
  const auto* name = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  renderer_ = name != nullptr ? name : "unknown";
  software_ = renderer_.find("llvmpipe") != std::string::npos || renderer_.find("softpipe") != std::string::npos ||
              renderer_.find("SWR") != std::string::npos;
  try {
    RequireVersion(renderer_);
  } catch (const MachineError&) {
    if (window_ != nullptr) glfwTerminate();  // and with it the window
    throw;
  }
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;  // the layout follows from the window's size
  if (window_ != nullptr) ImGui_ImplGlfw_InitForOpenGL(window_, true);
  ImGui_ImplOpenGL3_Init("#version 130");
  ReadSize();
}

Window::~Window() {
  ImGui_ImplOpenGL3_Shutdown();
  if (window_ != nullptr) ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  if (window_ == nullptr) return;
  glfwDestroyWindow(window_);
  glfwTerminate();
}

void Window::OnKey(GLFWwindow* window, int key, int, int action, int mods) {
  if (action == GLFW_RELEASE) return;
  auto* self = static_cast<Window*>(glfwGetWindowUserPointer(window));
  self->coming_keys_.push_back({key, (mods & GLFW_MOD_SHIFT) != 0, (mods & GLFW_MOD_CONTROL) != 0});
}

void Window::ReadSize() {
  if (offscreen_) {
    width_ = screen_width_ = offscreen_->Width();
    height_ = screen_height_ = offscreen_->Height();
    return;
  }
  glfwGetWindowSize(window_, &screen_width_, &screen_height_);
  glfwGetFramebufferSize(window_, &width_, &height_);
  pixel_scale_ = screen_width_ > 0 ? static_cast<float>(width_) / static_cast<float>(screen_width_) : 1;
  float scale_x = 1;
  float scale_y = 1;
  glfwGetWindowContentScale(window_, &scale_x, &scale_y);
  content_scale_ = scale_x / pixel_scale_;
}

bool Window::WantsToClose() const { return offscreen_ ? closing_ : glfwWindowShouldClose(window_) == GLFW_TRUE; }
void Window::Close() {
  closing_ = true;
  if (!offscreen_) glfwSetWindowShouldClose(window_, GLFW_TRUE);
}
void Window::Resize(int width, int height) {
  if (offscreen_) {
    offscreen_->Resize(width, height);
  } else {
    glfwSetWindowSize(window_, width, height);
  }
}

void Window::BeginFrame(double wait) {
  if (offscreen_) {
    std::this_thread::sleep_for(std::chrono::duration<double>(wait));
  } else if (wait > 0) {
    glfwWaitEventsTimeout(wait);
  } else {
    glfwPollEvents();
  }
  keys_.clear();
  keys_.swap(coming_keys_);
  ReadSize();
  ImGui_ImplOpenGL3_NewFrame();
  if (offscreen_) {
    const auto now = std::chrono::steady_clock::now();
    const double passed = std::chrono::duration<double>(now - last_frame_).count();
    last_frame_ = now;
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = {static_cast<float>(width_), static_cast<float>(height_)};
    io.DeltaTime = static_cast<float>(std::clamp(passed, 1e-4, 1.0));
  } else {
    ImGui_ImplGlfw_NewFrame();
  }
  PutMouse();
  ImGui::NewFrame();
}

// Dear ImGui's own input, which the real mouse would have set just now.
void Window::PutMouse() {
  if (!mouse_ && !mouse_was_put_) return;
  const MouseAt at = mouse_.value_or(MouseAt{-1e6F, -1e6F, false, false});
  mouse_was_put_ = mouse_.has_value();
  ImGuiIO& io = ImGui::GetIO();
#if IMGUI_VERSION_NUM >= 18700
  io.AddKeyEvent(ImGuiKey_ModCtrl, at.control);
  io.AddMousePosEvent(at.x, at.y);
  io.AddMouseButtonEvent(ImGuiMouseButton_Left, at.left);
#else
  io.KeyCtrl = at.control;
  io.MousePos = {at.x, at.y};
  io.MouseDown[ImGuiMouseButton_Left] = at.left;
#endif
}

void Window::Bind() const {
  if (offscreen_) offscreen_->Bind();
}

void Window::DrawGui() {
  ImGui::Render();
  glViewport(0, 0, width_, height_);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

void Window::Show() {
  if (offscreen_) {
    glFinish();
  } else {
    glfwSwapBuffers(window_);
  }
}

Image Window::Capture() const {
  Image image{height_, width_, {}};
  image.rgb.resize(image.ByteCount());
  std::vector<std::uint8_t> bottom_up(image.ByteCount());
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width_, height_, GL_RGB, GL_UNSIGNED_BYTE, bottom_up.data());
  const std::size_t row = static_cast<std::size_t>(width_) * 3;
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_); ++y) {
    std::memcpy(image.rgb.data() + y * row, bottom_up.data() + (static_cast<std::size_t>(height_) - 1 - y) * row, row);
  }
  return image;
}

}  // namespace divla
