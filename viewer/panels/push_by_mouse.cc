#include <fmt/format.h>
#include <imgui.h>

#include <cmath>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

constexpr int kPushSteps = 10;   // of a push that was drawn while nothing moved: half a second
constexpr float kLeastDrag = 4;  // pixels; less is a click

// The button was let go. While the branch moved it was pushed all along; else the drag is one push, which begins where
// the line stands: of the branch itself, or of a new one.
void LetGo(GuiContext& gui, const PushDrag& drag, bool far) {
  gui.director.HoldPush(std::nullopt);
  const auto& lines = gui.director.View().lines;
  if (!far || static_cast<std::size_t>(drag.line) >= lines.size()) return;
  if (drag.line == kEpisodeLine) {
    Edits edits;
    edits.push = drag.push;
    gui.director.Branch(std::move(edits));
    gui.ui.focus_on_branch = true;
  } else if (lines[kBranchLine].live == drag.live) {
    gui.director.PushBranch(drag.push);
  }
}

}  // namespace

bool PushByMouse(GuiContext& gui, const Rect& rect, int line) {
  const ImGuiIO& io = ImGui::GetIO();
  std::optional<PushDrag>& drag = gui.ui.drag;
  const auto& lines = gui.director.View().lines;
  const bool there = static_cast<std::size_t>(line) < lines.size();
  if (there && !drag && ImGui::IsItemActivated() && io.KeyCtrl) {
    const float x = (io.MousePos.x - rect.x) / rect.w;
    const float y = (io.MousePos.y - rect.y) / rect.h;
    if (auto grip = gui.scene.Grab(gui.director.MomentOf(line), x, y, rect.w / rect.h)) {
      PushDrag begun{line, std::move(*grip), {}, io.MousePos.x, io.MousePos.y, 0};
      begun.push.body = begun.grip.body;
      begun.live = lines[static_cast<std::size_t>(line)].live;
      drag = std::move(begun);
    }
  }
  if (!drag || drag->line != line) return false;
  const float dx = io.MousePos.x - drag->x;
  const float dy = io.MousePos.y - drag->y;
  const bool far = std::hypot(dx, dy) >= kLeastDrag;
  if (!ImGui::IsItemActive()) {
    LetGo(gui, *drag, far);
    drag.reset();
    return false;
  }
  drag->push = drag->grip.Pull(far ? dx / rect.h : 0, far ? dy / rect.h : 0, kPushSteps);
  if (line == kBranchLine) gui.director.HoldPush(far ? std::optional<Push>(drag->push) : std::nullopt);
  const auto& force = drag->push.force;
  const std::string text = fmt::format("{}  {:.1f} N", drag->push.body, std::hypot(force[0], force[1], force[2]));
  const Theme& theme = gui.theme;
  const ImVec2 size = ImGui::CalcTextSize(text.c_str());
  const ImVec2 at{io.MousePos.x + theme.Px(14), io.MousePos.y + theme.Px(6)};
  ImDrawList& draw = *ImGui::GetForegroundDrawList();
  draw.AddRectFilled({at.x - theme.Px(6), at.y - theme.Px(4)},
                     {at.x + size.x + theme.Px(6), at.y + size.y + theme.Px(4)}, theme.veil, theme.Px(4));
  draw.AddText(at, theme.over, text.c_str());
  return true;
}

}  // namespace divla
