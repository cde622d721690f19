#include <fmt/format.h>
#include <imgui.h>

#include "viewer/panels/dialogs.h"
#include "viewer/panels/panels.h"
#include "viewer/save.h"

namespace divla {
namespace {

void OfLine(GuiContext& gui, int which) {
  const LineView& line = gui.director.View().lines[static_cast<std::size_t>(which)];
  const std::string stem = ToString(gui.director.View().facts->plan.key) + (which == kBranchLine ? ".branch" : "");
  ImGui::PushID(which);
  if (ImGui::Button("Video of the cameras")) {
    gui.director.SaveVideo(which, FreeName(gui.ui.folder, stem, ".mp4"));
    gui.ui.dialog = Dialog::kNone;
  }
  ImGui::SameLine();
  const bool over = !line.open && line.live == line.Last();
  ImGui::BeginDisabled(!over);
  if (ImGui::Button("Run folder")) {
    gui.director.Export(which, FreeName(gui.ui.folder, stem, ""));
    gui.ui.dialog = Dialog::kNone;
  }
  ImGui::EndDisabled();
  if (!over) {
    ImGui::SameLine();
    if (ImGui::Button("Play to the end")) gui.director.PlayTo(gui.director.View().facts->task->Spec().horizon);
  }
  ImGui::PopID();
}

}  // namespace

void SaveDialog(GuiContext& gui) {
  if (BeginDialog("Keep it", 520, gui)) {
    const Theme& theme = gui.theme;
    Heading("THE WINDOW", theme);
    if (ImGui::Button("Picture (P)")) {
      gui.ui.wants_picture = true;
      gui.ui.dialog = Dialog::kNone;
    }
    ImGui::SameLine();
    if (ImGui::Button(gui.ui.recorded >= 0 ? "Stop recording (V)" : "Record (V)")) {
      gui.ui.wants_recording = gui.ui.recorded < 0;
      gui.ui.dialog = Dialog::kNone;
    }
    Wrapped("One picture of a video for each moment that is shown: it plays in simulated time.", theme.muted);
    const auto& lines = gui.director.View().lines;
    for (int line = 0; line < static_cast<int>(lines.size()); ++line) {
      ImGui::Spacing();
      Heading(line == kBranchLine ? "THE BRANCH" : "THE EPISODE", theme);
      OfLine(gui, line);
    }
    if (!lines.empty()) {
      Wrapped(
          "A run folder is one as divla eval makes it, of an episode that is over. What a person changed stands in its "
          "run.json; divla verify plays it again.",
          theme.muted);
    }
    ImGui::Spacing();
    Wrapped("Everything goes to " + gui.ui.folder, theme.muted);
  }
  ImGui::End();
}

}  // namespace divla
