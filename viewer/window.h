// Window: a GLFW window with an OpenGL context and Dear ImGui in it; for a script also without a display. One at a time,
// on the main thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/image.h"
#include "viewer/offscreen.h"

struct GLFWwindow;

namespace divla {

struct KeyPress {
  int key{};  // GLFW_KEY_...
  bool shift{};
  bool control{};
};

// What a script does with the mouse; screen units.
struct MouseAt {
  float x{}, y{};
  bool left{};     // button
  bool control{};  // key
};

enum class WindowKind {
  kOnDisplay,
  kAnywhere,  // where there is no display: a picture that nobody sees, drawn by EGL
};

class Window {
 public:
  // `width` and `height` in screen units. Throws MachineError that says how to mend it: no display, no OpenGL.
  Window(const std::string& title, int width, int height, WindowKind kind);
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  ~Window();

  bool WantsToClose() const;
  void Close();
  void Resize(int width, int height);  // screen units

  // Takes the events since the last frame and begins one. Waits at most `seconds` for an event.
  void BeginFrame(double wait);
  // The mouse of every coming frame in place of the real one; empty: the real one.
  void SetMouse(std::optional<MouseAt> mouse) { mouse_ = mouse; }
  // OpenGL draws into the window again, after it drew elsewhere.
  void Bind() const;
  // Draws what ImGui was given over what OpenGL has drawn. Show puts it on the screen.
  void DrawGui();
  void Show();

  int ScreenWidth() const { return screen_width_; }  // screen units
  int ScreenHeight() const { return screen_height_; }
  int Width() const { return width_; }  // of the frame buffer, pixels
  int Height() const { return height_; }
  float PixelScale() const { return pixel_scale_; }      // frame buffer pixels per screen unit
  float ContentScale() const { return content_scale_; }  // how much larger than at 96 dots per inch things should be
  bool OnDisplay() const { return offscreen_ == nullptr; }
  bool SoftwareOpenGl() const { return software_; }  // no GPU draws: shadows cost too much
  const std::string& Renderer() const { return renderer_; }
  const std::vector<KeyPress>& Keys() const { return keys_; }  // pressed since the last frame, repeats too
  // The picture as it is drawn so far, before Show.
  Image Capture() const;

 private:
  static void OnKey(GLFWwindow* window, int key, int scancode, int action, int mods);
  void OpenOnDisplay(const std::string& title, int width, int height);
  void ReadSize();
  void PutMouse();

  GLFWwindow* window_{};
  std::unique_ptr<Offscreen> offscreen_;  // in its place
  bool closing_{};                        // of that one
  std::chrono::steady_clock::time_point last_frame_{};
  std::optional<MouseAt> mouse_;
  bool mouse_was_put_{};
  int width_{}, height_{}, screen_width_{}, screen_height_{};
  float pixel_scale_{1}, content_scale_{1};
  bool software_{};
  std::string renderer_;
  std::vector<KeyPress> keys_, coming_keys_;
};

}  // namespace divla
