#include <imgui.h>

#include <array>

#include "viewer/panels/dialogs.h"
#include "viewer/panels/panels.h"

namespace divla {
namespace {

struct Shortcut {
  const char* keys;
  const char* does;
};
constexpr std::array<Shortcut, 24> kShortcuts = {{{"Space", "play, pause"},
                                                  {"Right, Left", "one control step on, back"},
                                                  {"Q", "play to the next query"},
                                                  {"Home, End", "to the start, to the last known step"},
                                                  {"R", "back to the start"},
                                                  {"N", "next episode of the same kind"},
                                                  {"+, -", "faster, slower"},
                                                  {"O", "open an episode"},
                                                  {"B", "branch here"},
                                                  {"X", "drop the branch"},
                                                  {"1, 2", "look at the episode, the branch"},
                                                  {"I", "look inside the query: play it again, stop"},
                                                  {"<, >", "inside it: a token or denoising step back, on"},
                                                  {"A, Shift A", "attention over the cameras; whose"},
                                                  {"D", "every denoising step in the plots"},
                                                  {"W", "why did it fail?"},
                                                  {"P", "keep a picture of the window"},
                                                  {"V", "record the window; stop"},
                                                  {"S", "keep: videos, run folder"},
                                                  {"F", "the camera back to its place"},
                                                  {"T", "dark, light"},
                                                  {"Ctrl +, Ctrl -", "larger, smaller"},
                                                  {"?, F1", "this sheet"},
                                                  {"Esc", "close what is open"}}};

}  // namespace

bool BeginDialog(const char* title, float width, GuiContext& gui) {
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  // Over the 3-D view where it fits: the side panel says what the dialog is about.
  const Rect& scene = gui.layout.scene;
  const float wide = gui.theme.Px(width);
  const float middle = wide < scene.w ? scene.x + scene.w / 2 : display.x / 2;
  ImGui::SetNextWindowPos({middle, display.y / 2}, ImGuiCond_Always, {0.5F, 0.5F});
  ImGui::SetNextWindowSize({wide, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, gui.theme.Px(8));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1);
  if (gui.ui.dialog_opened) ImGui::SetNextWindowFocus();
  bool open = true;
  const bool shown = ImGui::Begin(title, &open,
                                  ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                                      ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoScrollbar);
  ImGui::PopStyleVar(2);
  gui.ui.dialog_opened = false;
  if (!open) gui.ui.dialog = Dialog::kNone;
  return shown && open;
}

void HelpDialog(GuiContext& gui) {
  if (BeginDialog("Keys and mouse", 460, gui)) {
    if (ImGui::BeginTable("keys", 2, ImGuiTableFlags_SizingStretchProp)) {
      for (const Shortcut& shortcut : kShortcuts) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::PushFont(gui.theme.bold);
        ImGui::TextUnformatted(shortcut.keys);
        ImGui::PopFont();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(shortcut.does);
      }
      ImGui::EndTable();
    }
    ImGui::Separator();
    Wrapped(
        "In the large view: drag to turn, right button or Shift and drag to move, wheel to come nearer. "
        "Ctrl and drag pushes what is under the mouse, the arm too: in the branch while it plays, else in a new "
        "branch. "
        "In the timeline: drag to any moment; Play goes on from there.",
        gui.theme.muted);
    Wrapped("Marks and texts: green is right, amber is right with the place off, red is wrong.", gui.theme.muted);
  }
  ImGui::End();
}

}  // namespace divla
