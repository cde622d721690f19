// What the panels share: the state of the user interface, and the context that each of them is given. Panels keep
// nothing themselves.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "viewer/director.h"
#include "viewer/scene_drawer.h"
#include "viewer/textures.h"
#include "viewer/theme.h"

namespace divla {

enum class Dialog { kNone, kOpen, kBranch, kSave, kHelp };
enum class SideTab { kActions, kThought, kWhy };

// Remembered from start to start.
struct UiSettings {
  bool dark{true};
  float scale{1};  // times what the display asks for
  int width{1280}, height{800};
};

// What a person has typed into the dialogs.
struct OpenForm {
  int task{}, axis{}, level{}, policy{}, seed{1}, index{};
};
struct BranchForm {
  std::array<char, 512> instruction{};
  int reasoning{};  // 0 its own, 1 the truth, 2 the text
  std::array<char, 512> text{};
  int body{};                    // 0 none, else of facts->plan.objects from 1
  std::array<float, 3> shift{};  // m
  bool push{};
  int arm{};
  std::array<float, 3> force{};  // N
  int push_steps{10};
  int swap{};                       // 0 none, else of facts->plan.objects from 1
  std::array<char, 64> swap_for{};  // id of the catalogue
  bool light{};
  float intensity{1}, light_turn{};  // factor; degrees
  bool camera{};
  float azimuth{}, elevation{}, distance{1};  // degrees, degrees, factor
};

// How the inside of queries is shown.
struct ThoughtUi {
  bool heat{};  // attention over the camera panes
  Gaze gaze{Gaze::kAction};
  bool denoising{};  // every denoising step in the plots
  ThoughtReplay replay;
};

// A push by the mouse that is under way.
struct PushDrag {
  int line{};
  Grip grip;
  Push push;
  float x{}, y{};  // where it began
  int live{};      // where the line stood then
};

struct UiState {
  UiSettings settings;
  Dialog dialog{Dialog::kNone};
  bool dialog_opened{};  // in this frame: the form is filled
  SideTab tab{SideTab::kActions};
  int focus{};             // the line whose cameras, numbers and reasons are shown
  bool focus_on_branch{};  // as soon as there is one
  ThoughtUi thought;
  OpenForm open;
  BranchForm branch;
  std::optional<PushDrag> drag;
  std::vector<std::string> policies;  // for the dialog, read once
  bool wants_quit{};
  std::string folder;                       // of the pictures, videos and run folders that a person keeps
  bool wants_picture{}, wants_recording{};  // of the window; the second is the state that is wished for
  int recorded{-1};                         // pictures so far; -1: nothing is recorded
  std::string said;                         // for the person: what was kept, or why it could not be
  bool said_bad{};
  double said_until{};  // ImGui's time, s
};

// Screen rectangle in ImGui's coordinates.
struct Rect {
  float x{}, y{}, w{}, h{};
};

// Where everything stands in a window of this size.
struct Layout {
  Rect top, scene, side, timeline;
  std::array<Rect, 2> views;  // of the scene: of the episode and of the branch
  int lines{1};               // how many of them there are
};
Layout MakeLayout(float width, float height, int lines, const Theme& theme);

// Everything is owned by the App and valid for the frame.
struct GuiContext {
  Director& director;
  UiState& ui;
  const Theme& theme;
  Textures& textures;
  SceneDrawer& scene;
  const Layout& layout;
};

}  // namespace divla
