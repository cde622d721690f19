#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

void Replay(GuiContext& gui, const Inside& inside) {
  ThoughtReplay& replay = gui.ui.thought.replay;
  if (ImGui::Button(replay.playing ? "Stop" : "Play again")) PlayAgain(replay);
  ImGui::SameLine();
  int moment = inside.moment;
  ImGui::SetNextItemWidth(-1);
  if (ImGui::SliderInt("##moment", &moment, 0, LastMoment(*inside.thought), "%d", ImGuiSliderFlags_AlwaysClamp)) {
    GoTo(replay, moment);
  }
}

void Choices(GuiContext& gui, const Thought& thought) {
  ThoughtUi& ui = gui.ui.thought;
  ImGui::Checkbox("Attention", &ui.heat);
  ImGui::SameLine();
  ImGui::Checkbox("Every denoising step", &ui.denoising);
  if (!ui.heat) return;
  const bool known = !thought.acted.empty() || (!thought.tokens.empty() && !thought.tokens[0]->looked.empty());
  if (!known) {
    Wrapped("This policy does not show its attention.", gui.theme.muted);
    return;
  }
  for (const Gaze gaze : {Gaze::kAction, Gaze::kText, Gaze::kToken}) {
    if (gaze != Gaze::kAction) ImGui::SameLine();
    if (ImGui::RadioButton(GazeName(gaze), ui.gaze == gaze)) ui.gaze = gaze;
  }
  Wrapped("It says what was read, not what mattered.", gui.theme.muted);
}

}  // namespace

void ThoughtPanel(GuiContext& gui) {
  const Theme& theme = gui.theme;
  const Inside inside = InsideOf(gui, gui.ui.focus);
  if (!inside.thought) {
    const bool asked = gui.director.At(gui.ui.focus).query != nullptr;
    Wrapped(!asked ? "Nobody was asked yet: play on."
            : gui.director.View().facts->log
                ? "The log plays this line, and knows nothing of the inside. A branch asks the policy."
                : "This policy shows nothing of its inside.",
            theme.muted);
  } else {
    Heading(fmt::format("INSIDE THE QUERY BEFORE STEP {}", inside.thought->step).c_str(), theme);
    ImGui::BeginDisabled(inside.live);
    Replay(gui, inside);
    ImGui::EndDisabled();
    Wrapped(Describe(*inside.thought, inside.moment), theme.text);
    Choices(gui, *inside.thought);
  }
  ImGui::Spacing();
  ActionPlots(gui);
}

}  // namespace divla
