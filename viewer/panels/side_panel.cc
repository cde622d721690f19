#include <imgui.h>

#include "viewer/panels/panels.h"

namespace divla {

void SidePanel(GuiContext& gui) {
  const Theme& theme = gui.theme;
  BeginPanel("side", gui.layout.side, theme);
  if (!gui.director.View().lines.empty()) {
    if (gui.layout.lines > 1) {
      ImGui::PushFont(theme.bold);
      ImGui::PushStyleColor(ImGuiCol_Text, gui.ui.focus == kBranchLine ? theme.branch : theme.accent);
      ImGui::TextUnformatted(gui.ui.focus == kBranchLine ? "Branch" : "Episode");
      ImGui::PopStyleColor();
      ImGui::PopFont();
    }
    CameraPanes(gui);
    StageLights(gui);
    ImGui::Spacing();
    const auto tab = [&](const char* name, SideTab which) {
      const bool chosen = gui.ui.tab == which;
      if (chosen) ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyle().Colors[ImGuiCol_ButtonActive]);
      if (ImGui::Button(name)) gui.ui.tab = which;
      if (chosen) ImGui::PopStyleColor();
    };
    tab("Actions", SideTab::kActions);
    ImGui::SameLine();
    tab("Thought", SideTab::kThought);
    ImGui::SameLine();
    tab("Why did it fail?", SideTab::kWhy);
    ImGui::BeginChild("tab", {0, 0}, false);
    if (gui.ui.tab == SideTab::kActions) {
      ActionPlots(gui);
    } else if (gui.ui.tab == SideTab::kThought) {
      ThoughtPanel(gui);
    } else {
      WhyPanel(gui);
    }
    ImGui::EndChild();
  }
  ImGui::End();
}

}  // namespace divla
