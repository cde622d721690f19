#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

struct Axis {
  float left{}, width{};
  int steps{1};
  float X(int step) const { return left + width * static_cast<float>(step) / static_cast<float>(steps); }
  int Step(float x) const { return static_cast<int>(std::lround((x - left) / width * static_cast<float>(steps))); }
};

void Row(GuiContext& gui, const Axis& axis, float y, float height, int which) {
  const Theme& theme = gui.theme;
  const SessionView& view = gui.director.View();
  const LineView& line = view.lines[static_cast<std::size_t>(which)];
  const ImU32 colour = which == kBranchLine ? theme.branch : theme.accent;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  draw.AddRectFilled({axis.X(0), y}, {axis.X(axis.steps), y + height}, theme.background, theme.Px(3));
  const ImU32 faint = (colour & ~IM_COL32_A_MASK) | (70U << IM_COL32_A_SHIFT);
  draw.AddRectFilled({axis.X(line.origin), y}, {axis.X(line.Last()), y + height}, faint, theme.Px(3));
  const QueryView* last = nullptr;
  for (int step = line.origin; step <= line.Last(); ++step) {
    const QueryView* query = line.steps[static_cast<std::size_t>(step)]->query.get();
    if (query == nullptr || query == last || query->step < line.origin) continue;
    last = query;
    const float x = axis.X(query->step);
    draw.AddLine({x, y + theme.Px(2)}, {x, y + height - theme.Px(2)}, AgreementColour(query, theme), theme.Px(2.5F));
  }
  if (which == kBranchLine && view.parted_at >= 0) {
    const float x = axis.X(view.parted_at);
    draw.AddTriangleFilled({x - theme.Px(5), y - theme.Px(4)}, {x + theme.Px(5), y - theme.Px(4)}, {x, y + theme.Px(4)},
                           theme.warn);
  }
  if (line.record) {
    const float x = axis.X(line.Last());
    draw.AddCircleFilled({x, y + height / 2}, theme.Px(6), line.record->success ? theme.good : theme.bad);
  }
}

void Scale(const Axis& axis, float y, const Theme& theme) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  // As many labels as there is room for, at round numbers.
  int every = 10;
  for (const int candidate : {10, 20, 50, 100, 200, 500, 1000}) {
    every = candidate;
    if (axis.X(every) - axis.X(0) >= theme.Px(64)) break;
  }
  for (int step = 0; step <= axis.steps; step += every) {
    const std::string text = std::to_string(step);
    const float width = theme.small->CalcTextSizeA(theme.small->FontSize, 1e9F, 0, text.c_str()).x;
    const float x = std::min(axis.X(step) - width / 2, axis.X(axis.steps) - width);
    draw.AddText(theme.small, theme.small->FontSize, {std::max(axis.left, x), y}, theme.muted, text.c_str());
  }
}

void Scrubber(GuiContext& gui) {
  const Theme& theme = gui.theme;
  const SessionView& view = gui.director.View();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float row = theme.Px(20);
  const float gap = theme.Px(6);
  const auto lines = static_cast<float>(view.lines.size());
  const float label = theme.Px(70);
  Axis axis{at.x + label, ImGui::GetContentRegionAvail().x - label - theme.Px(8),
            std::max({view.facts->task->Spec().horizon, gui.director.Last(), 1})};
  const float height = lines * (row + gap) + theme.Px(16);
  ImGui::InvisibleButton("scrub", {ImGui::GetContentRegionAvail().x, height});
  if (ImGui::IsItemActive()) gui.director.ScrubTo(axis.Step(ImGui::GetIO().MousePos.x));
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  for (int line = 0; line < static_cast<int>(view.lines.size()); ++line) {
    const float y = at.y + static_cast<float>(line) * (row + gap);
    draw.AddText({at.x, y + theme.Px(1)}, line == kBranchLine ? theme.branch : theme.accent,
                 line == kBranchLine ? "Branch" : "Episode");
    Row(gui, axis, y, row, line);
  }
  Scale(axis, at.y + lines * (row + gap) - theme.Px(1), theme);
  const float x = axis.X(gui.director.Cursor());
  const float bottom = at.y + lines * (row + gap) - gap + theme.Px(3);
  draw.AddLine({x, at.y - theme.Px(3)}, {x, bottom}, theme.text, theme.Px(2));
  draw.AddTriangleFilled({x - theme.Px(6), at.y - theme.Px(9)}, {x + theme.Px(6), at.y - theme.Px(9)},
                         {x, at.y - theme.Px(1)}, theme.text);
}

void RunControl(GuiContext& gui) {
  const Theme& theme = gui.theme;
  Director& director = gui.director;
  const ImVec2 wide{theme.Px(74), 0};
  if (director.Playing()) {
    if (ImGui::Button("Pause", wide)) director.Pause();
  } else if (ImGui::Button("Play", wide)) {
    director.Play();
  }
  ImGui::SameLine();
  if (ImGui::Button("Step", {theme.Px(56), 0})) director.StepOnce();
  ImGui::SameLine();
  if (ImGui::Button("Query", {theme.Px(62), 0})) director.StepQuery();
  ImGui::SameLine();
  if (ImGui::Button("Reset", {theme.Px(62), 0})) director.Reset();
  ImGui::SameLine();
  if (ImGui::Button("Next episode")) director.NextSeed();
  ImGui::SameLine(0, theme.Px(20));
  ImGui::SetNextItemWidth(std::clamp(ImGui::GetWindowWidth() * 0.12F, theme.Px(60), theme.Px(150)));
  auto speed = static_cast<float>(director.Speed());
  if (ImGui::SliderFloat("##speed", &speed, static_cast<float>(kSlowest), static_cast<float>(kFastest), "",
                         ImGuiSliderFlags_Logarithmic)) {
    director.SetSpeed(static_cast<double>(speed));
  }
  ImGui::SameLine();
  ImGui::TextUnformatted(fmt::format("speed {:.1f} x", director.Speed()).c_str());
  ImGui::SameLine(0, theme.Px(20));
  if (ImGui::Button("Branch here ...")) gui.ui.dialog = Dialog::kBranch, gui.ui.dialog_opened = true;
  if (gui.layout.lines > 1) {
    ImGui::SameLine();
    if (ImGui::Button("Drop branch")) director.DropBranch();
  }
  const std::string step = fmt::format("step {} of {}", director.Cursor(), director.View().facts->task->Spec().horizon);
  const float right = ImGui::GetWindowWidth() - ImGui::CalcTextSize(step.c_str()).x - theme.Px(20);
  ImGui::SameLine();
  if (ImGui::GetCursorPosX() > right) return ImGui::NewLine();  // a narrow window: the marks below say it, too
  ImGui::SameLine(right);
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(step.c_str());
}

}  // namespace

void TimelinePanel(GuiContext& gui) {
  BeginPanel("timeline", gui.layout.timeline, gui.theme);
  if (gui.director.HasEpisode()) {
    RunControl(gui);
    ImGui::Dummy({0, gui.theme.Px(6)});
    Scrubber(gui);
  }
  ImGui::End();
}

}  // namespace divla
