#include <fmt/format.h>
#include <imgui.h>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

// Full: met now. Ring: was met. Grey ring: never.
void Light(const std::string& name, bool now, bool ever, const Theme& theme) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float middle = at.y + ImGui::GetTextLineHeight() / 2;
  const float radius = theme.Px(5);
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  if (now) {
    draw.AddCircleFilled({at.x + radius, middle}, radius, theme.good);
  } else {
    draw.AddCircle({at.x + radius, middle}, radius, ever ? theme.good : theme.line, 0, theme.Px(2));
  }
  ImGui::Dummy({2 * radius + theme.Px(2), 0});
  ImGui::SameLine();
  ImGui::PushStyleColor(ImGuiCol_Text, now || ever ? theme.text : theme.muted);
  ImGui::TextUnformatted(name.c_str());
  ImGui::PopStyleColor();
}

}  // namespace

void StageLights(GuiContext& gui) {
  const Theme& theme = gui.theme;
  const StepView& now = gui.director.At(gui.ui.focus);
  Heading(fmt::format("STAGES   progress {:.0f} %", 100 * now.progress).c_str(), theme);
  const float right = ImGui::GetContentRegionAvail().x + ImGui::GetCursorPosX();
  const auto put = [&](const std::string& name, bool is_now, bool ever, bool first) {
    const float width = ImGui::CalcTextSize(name.c_str()).x + theme.Px(24);
    if (!first) {
      ImGui::SameLine(0, theme.Px(16));
      if (ImGui::GetCursorPosX() + width > right) ImGui::NewLine();
    }
    Light(name, is_now, ever, theme);
  };
  for (std::size_t i = 0; i < now.stages.size(); ++i) {
    put(now.stages[i].name, now.stages[i].done, now.stages_ever[i], i == 0);
  }
  put("goal", now.goal, false, now.stages.empty());
  ImGui::Spacing();
  Heading("TRUE NOW", theme);
  Wrapped(now.truth.text.empty() ? "(the task has no text here)" : now.truth.text, theme.text);
}

}  // namespace divla
