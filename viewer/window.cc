#include "viewer/window.h"

#include <GLFW/glfw3.h>
#include <fmt/format.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>

#include <cstring>

#include "sim/check.h"

namespace divla {
namespace {

std::string last_error;  // GLFW reports through a plain function

void OnError(int, const char* text) { last_error = text; }

}  // namespace

Window::Window(const std::string& title, int width, int height) {
  glfwSetErrorCallback(OnError);
  if (glfwInit() != GLFW_TRUE) {
    throw MachineError(
        fmt::format("no display ({}): the viewer needs one. Without a screen: Xvfb :9 & DISPLAY=:9 divla view ... "
                    "(Debian: apt-get install xvfb)",
                    last_error));
  }
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
  const auto* name = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  renderer_ = name != nullptr ? name : "unknown";
  software_ = renderer_.find("llvmpipe") != std::string::npos || renderer_.find("softpipe") != std::string::npos ||
              renderer_.find("SWR") != std::string::npos;
  glfwSetWindowUserPointer(window_, this);
  glfwSetKeyCallback(window_, OnKey);  // before ImGui's, which calls it
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;  // the layout follows from the window's size
  ImGui_ImplGlfw_InitForOpenGL(window_, true);
  ImGui_ImplOpenGL3_Init("#version 130");
  ReadSize();
}

Window::~Window() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(window_);
  glfwTerminate();
}

void Window::OnKey(GLFWwindow* window, int key, int, int action, int mods) {
  if (action == GLFW_RELEASE) return;
  auto* self = static_cast<Window*>(glfwGetWindowUserPointer(window));
  self->coming_keys_.push_back({key, (mods & GLFW_MOD_SHIFT) != 0, (mods & GLFW_MOD_CONTROL) != 0});
}

void Window::ReadSize() {
  glfwGetWindowSize(window_, &screen_width_, &screen_height_);
  glfwGetFramebufferSize(window_, &width_, &height_);
  pixel_scale_ = screen_width_ > 0 ? static_cast<float>(width_) / static_cast<float>(screen_width_) : 1;
  float scale_x = 1;
  float scale_y = 1;
  glfwGetWindowContentScale(window_, &scale_x, &scale_y);
  content_scale_ = scale_x / pixel_scale_;
}

bool Window::WantsToClose() const { return glfwWindowShouldClose(window_) == GLFW_TRUE; }
void Window::Close() { glfwSetWindowShouldClose(window_, GLFW_TRUE); }
void Window::Resize(int width, int height) { glfwSetWindowSize(window_, width, height); }

void Window::BeginFrame(double wait) {
  if (wait > 0) {
    glfwWaitEventsTimeout(wait);
  } else {
    glfwPollEvents();
  }
  keys_.clear();
  keys_.swap(coming_keys_);
  ReadSize();
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  ImGui::NewFrame();
}

void Window::DrawGui() {
  ImGui::Render();
  glViewport(0, 0, width_, height_);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

void Window::Show() { glfwSwapBuffers(window_); }

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
