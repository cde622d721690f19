// Window: a GLFW window with an OpenGL context and Dear ImGui in it. One at a time, on the main thread.
#pragma once

#include <string>
#include <vector>

#include "sim/image.h"

struct GLFWwindow;

namespace divla {

struct KeyPress {
  int key{};  // GLFW_KEY_...
  bool shift{};
  bool control{};
};

class Window {
 public:
  // `width` and `height` in screen units. Throws MachineError that says how to mend it: no display, no OpenGL.
  Window(const std::string& title, int width, int height);
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  ~Window();

  bool WantsToClose() const;
  void Close();
  void Resize(int width, int height);  // screen units

  // Takes the events since the last frame and begins one. Waits at most `seconds` for an event.
  void BeginFrame(double wait);
  // Draws what ImGui was given over what OpenGL has drawn. Show puts it on the screen.
  void DrawGui();
  void Show();

  int ScreenWidth() const { return screen_width_; }  // screen units
  int ScreenHeight() const { return screen_height_; }
  int Width() const { return width_; }  // of the frame buffer, pixels
  int Height() const { return height_; }
  float PixelScale() const { return pixel_scale_; }      // frame buffer pixels per screen unit
  float ContentScale() const { return content_scale_; }  // how much larger than at 96 dots per inch things should be
  bool SoftwareOpenGl() const { return software_; }      // no GPU draws: shadows cost too much
  const std::string& Renderer() const { return renderer_; }
  const std::vector<KeyPress>& Keys() const { return keys_; }  // pressed since the last frame, repeats too
  // The picture as it is drawn so far, before Show.
  Image Capture() const;

 private:
  static void OnKey(GLFWwindow* window, int key, int scancode, int action, int mods);
  void ReadSize();

  GLFWwindow* window_{};
  int width_{}, height_{}, screen_width_{}, screen_height_{};
  float pixel_scale_{1}, content_scale_{1};
  bool software_{};
  std::string renderer_;
  std::vector<KeyPress> keys_, coming_keys_;
};

}  // namespace divla
