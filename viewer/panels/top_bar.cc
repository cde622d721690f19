#include <fmt/format.h>
#include <imgui.h>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

std::string StateWord(const Director& director) {
  const SessionView& view = director.View();
  if (view.state == SessionState::kOpening) return "loading";
  if (view.state == SessionState::kEmpty) return "nothing open";
  if (view.asking) return "the policy thinks";
  if (director.Playing()) return "playing";
  const LineView& line = view.lines.front();
  if (line.record && director.Cursor() >= line.Last()) return line.record->success ? "success" : "failed";
  return "paused";
}

ImU32 StateColour(const std::string& word, const Theme& theme) {
  if (word == "success" || word == "playing") return theme.good;
  if (word == "failed") return theme.bad;
  if (word == "the policy thinks" || word == "loading") return theme.warn;
  return theme.muted;
}

}  // namespace

void TopBar(GuiContext& gui) {
  const Theme& theme = gui.theme;
  BeginPanel("top", gui.layout.top, theme);
  const SessionView& view = gui.director.View();
  if (ImGui::Button("Open")) gui.ui.dialog = Dialog::kOpen, gui.ui.dialog_opened = true;
  ImGui::SameLine();
  if (ImGui::Button("Keep")) gui.ui.dialog = Dialog::kSave, gui.ui.dialog_opened = true;
  if (gui.ui.recorded >= 0) {
    ImGui::SameLine();
    ImGui::PushStyleColor(ImGuiCol_Text, theme.bad);
    const std::string text = fmt::format("REC {:.1f} s###record", gui.ui.recorded * kControlPeriod);
    if (ImGui::Button(text.c_str())) gui.ui.wants_recording = false;
    ImGui::PopStyleColor();
  }
  ImGui::SameLine(0, theme.Px(14));
  ImGui::AlignTextToFramePadding();
  const float buttons = theme.Px(62) + theme.Px(32) + ImGui::GetStyle().ItemSpacing.x;
  const float right = ImGui::GetWindowWidth() - ImGui::GetStyle().WindowPadding.x - buttons;
  if (view.facts) {
    const EpisodeFacts& facts = *view.facts;
    ImGui::PushFont(theme.bold);
    ImGui::TextUnformatted(facts.plan.key.task.c_str());
    ImGui::PopFont();
    ImGui::SameLine(0, theme.Px(10));
    ImGui::PushStyleColor(ImGuiCol_Text, theme.muted);
    std::string axis = facts.plan.key.axis == "none"
                           ? "training distribution"
                           : fmt::format("{} level {}", facts.plan.key.axis, facts.plan.key.level);
    const std::string text =
        fmt::format("{}   seed {}, episode {}   policy {}{}{}", axis, facts.plan.seed, facts.plan.key.index,
                    facts.policy.name, facts.log ? "   replay of a run" : "",
                    view.lines.empty() || view.lines[0].changed.empty() ? "" : ", changed by a person");
    const float room = right - ImGui::GetCursorPosX() - theme.Px(150);
    ImGui::TextUnformatted(Cut(text, room).c_str());
    ImGui::PopStyleColor();
  } else {
    ImGui::TextUnformatted("DiVLA-Bench viewer");
  }
  const std::string word = StateWord(gui.director);
  const float width = ImGui::CalcTextSize(word.c_str()).x;
  ImGui::SameLine(right - width - theme.Px(14));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float middle = at.y + ImGui::GetFrameHeight() / 2;
  ImGui::GetWindowDrawList()->AddCircleFilled({at.x - theme.Px(11), middle}, theme.Px(4), StateColour(word, theme));
  ImGui::PushStyleColor(ImGuiCol_Text, StateColour(word, theme));
  ImGui::TextUnformatted(word.c_str());
  ImGui::PopStyleColor();
  ImGui::SameLine(right);
  if (ImGui::Button(gui.ui.settings.dark ? "Light" : "Dark", {theme.Px(62), 0}))
    gui.ui.settings.dark = !gui.ui.settings.dark;
  ImGui::SameLine();
  if (ImGui::Button("?", {theme.Px(32), 0})) gui.ui.dialog = Dialog::kHelp;
  ImGui::End();
}

}  // namespace divla
