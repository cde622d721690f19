// App: the viewer. `while (app.Update()) { app.BuildGui(); app.Render(); }`. Owns the window, the session and the state
// of the user interface; the panels (viewer/panels/) draw it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "viewer/recorder.h"
#include "viewer/session.h"
#include "viewer/ui.h"
#include "viewer/window.h"

namespace divla {

class App {
 public:
  // Opens the window. Throws MachineError without a display or OpenGL.
  // `folder`: for what a person keeps; made when it is needed.
  App(const UiSettings& settings, SourceOptions options, std::string folder, WindowKind kind);
  ~App();

  // One frame. Update: events, keys, the newest view. False when it is over.
  bool Update();
  void BuildGui();
  void Render();

  // For scripts.
  Director& GetDirector() { return *director_; }
  Session& GetSession() { return session_; }
  UiState& Ui() { return ui_; }
  Window& GetWindow() { return *window_; }
  const Layout& GetLayout() const { return layout_; }  // of the last frame
  SceneDrawer& GetScene() { return *scene_; }
  // Calls `use` with the picture of the coming frame.
  void CaptureNext(std::function<void(const Image&)> use) { capture_ = std::move(use); }
  bool SceneIsDrawn() { return !director_->HasEpisode() || scene_->Ready(); }
  void Press(const KeyPress& key);
  // The window, from the coming frame on. Where that cannot be (disk, size), UiState::said says so, and there is no file.
  void Record(const std::filesystem::path& file);
  void StopRecording();  // after one more picture
  // After the last frame: what was recorded until the window was closed is kept. Throws MachineError (disk).
  void Finish() { recorder_.Finish(); }
  // s, from the moment at which the last frame had its events to its picture on the screen.
  double FrameWork() const { return frame_work_; }
  bool Coarse() const { return coarse_; }  // the 3-D view has a quarter of its pixels, for now

 private:
  void FitTheme();
  void Say(const std::string& text, bool bad);
  void Keep();
  void Film();
  void StepInside(int by);  // moments of the query that is shown

  UiState ui_;
  Session session_;
  std::unique_ptr<Window> window_;
  std::unique_ptr<Director> director_;
  std::unique_ptr<SceneDrawer> scene_;
  std::unique_ptr<Textures> textures_;
  Theme theme_;
  Layout layout_;
  Recorder recorder_;
  bool stop_recording_{};
  std::size_t filmed_lines_{};
  int shown_episode_{}, saves_{};
  double last_frame_{-1}, begun_{}, frame_work_{};  // s
  bool coarse_{};
  std::function<void(const Image&)> capture_;
};

// The settings of the last start, and where they are kept ($XDG_CONFIG_HOME or ~/.config, divla/viewer.json). What cannot
// be read gives the defaults; what cannot be written is lost, without a word: they are a convenience.
UiSettings LoadSettings();
void SaveSettings(const UiSettings& settings);

}  // namespace divla
