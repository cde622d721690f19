#include <fmt/format.h>
#include <imgui.h>

#include <cstdint>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

void Mouse(GuiContext& gui, const Rect& rect) {
  if (!ImGui::IsItemHovered() && !ImGui::IsItemActive()) return;
  ImGuiIO& io = ImGui::GetIO();
  const float dx = io.MouseDelta.x / rect.h;
  const float dy = io.MouseDelta.y / rect.h;
  if (ImGui::IsItemActive()) {
    const bool pan =
        ImGui::IsMouseDown(ImGuiMouseButton_Right) || ImGui::IsMouseDown(ImGuiMouseButton_Middle) || io.KeyShift;
    if (pan) {
      gui.scene.Pan(dx, dy);
    } else {
      gui.scene.Orbit(dx, dy);
    }
  }
  if (ImGui::IsItemHovered() && io.MouseWheel != 0) gui.scene.Zoom(io.MouseWheel);
}

// Which line it is, and where the two part.
void Label(GuiContext& gui, const Rect& rect, int line) {
  const Theme& theme = gui.theme;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const SessionView& view = gui.director.View();
  const LineView& of = view.lines[static_cast<std::size_t>(line)];
  std::string text = fmt::format("{}   step {}   {:.2f} s", line == kEpisodeLine ? "Episode" : "Branch",
                                 gui.director.CursorOf(line), gui.director.CursorOf(line) * kControlPeriod);
  if (line == kBranchLine) {
    text += view.parted_at >= 0 ? fmt::format("   parts at step {}", view.parted_at) : "   no difference so far";
  }
  if (!of.open && gui.director.CursorOf(line) == of.Last() && of.record) {
    text += of.record->success ? "   success" : "   failed";
  }
  text = Cut(text, rect.w - theme.Px(40));
  const ImVec2 size = ImGui::CalcTextSize(text.c_str());
  const ImVec2 at{rect.x + theme.Px(12), rect.y + theme.Px(10)};
  draw.AddRectFilled({at.x - theme.Px(6), at.y - theme.Px(4)},
                     {at.x + size.x + theme.Px(8), at.y + size.y + theme.Px(4)}, theme.veil, theme.Px(4));
  draw.AddText(at, line == kBranchLine ? IM_COL32(226, 178, 244, 255) : theme.over, text.c_str());
}

}  // namespace

void SceneViews(GuiContext& gui) {
  const Theme& theme = gui.theme;
  const SessionView& view = gui.director.View();
  for (int line = 0; line < gui.layout.lines; ++line) {
    const Rect& rect = gui.layout.views[static_cast<std::size_t>(line)];
    ImGui::PushStyleColor(ImGuiCol_WindowBg, 0);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    BeginPanel(line == 0 ? "view 0" : "view 1", rect, theme);
    if (const unsigned texture = gui.scene.Texture(line); texture != 0 && !view.lines.empty()) {
      ImGui::GetWindowDrawList()->AddImage(reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(texture)),
                                           {rect.x, rect.y}, {rect.x + rect.w, rect.y + rect.h}, {0, 1}, {1, 0});
    }
    ImGui::InvisibleButton(
        "mouse", {rect.w, rect.h},
        ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight | ImGuiButtonFlags_MouseButtonMiddle);
    if (ImGui::IsItemActivated()) gui.ui.focus = line;
    if (!PushByMouse(gui, rect, line)) Mouse(gui, rect);
    if (!view.lines.empty()) {
      Label(gui, rect, line);
      ReasoningOverlay(gui, line);
      if (gui.layout.lines > 1 && gui.ui.focus == line) {
        ImGui::GetWindowDrawList()->AddRect({rect.x + 1, rect.y + 1}, {rect.x + rect.w - 1, rect.y + rect.h - 1},
                                            line == kBranchLine ? theme.branch : theme.accent, 0, 0, theme.Px(2));
      }
    } else {
      const char* text = view.state == SessionState::kOpening ? "Loading the scene and the policy ..."
                                                              : "Open an episode to begin (O)";
      const ImVec2 size = ImGui::CalcTextSize(text);
      ImGui::GetWindowDrawList()->AddText({rect.x + (rect.w - size.x) / 2, rect.y + rect.h / 2}, theme.muted, text);
    }
    // What went wrong stands in the middle, where it cannot be missed.
    const bool said = ImGui::GetTime() < gui.ui.said_until;
    const std::string note = !view.error.empty() ? view.error : said ? gui.ui.said : std::string();
    const bool bad = !view.error.empty() || gui.ui.said_bad;
    if (line == 0 && !note.empty()) {
      const float width = rect.w * 0.8F;
      const ImVec2 size = ImGui::CalcTextSize(note.c_str(), nullptr, false, width);
      const ImVec2 at{rect.x + (rect.w - size.x) / 2, rect.y + rect.h * 0.3F};
      ImDrawList& draw = *ImGui::GetWindowDrawList();
      draw.AddRectFilled({at.x - theme.Px(14), at.y - theme.Px(10)},
                         {at.x + size.x + theme.Px(14), at.y + size.y + theme.Px(10)}, theme.veil, theme.Px(6));
      draw.AddText(theme.body, theme.body->FontSize, at, bad ? IM_COL32(255, 150, 120, 255) : theme.over, note.c_str(),
                   nullptr, width);
    }
    ImGui::End();
    ImGui::PopStyleVar();
    ImGui::PopStyleColor();
  }
}

}  // namespace divla
