#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cstring>

#include "harness/control.h"
#include "viewer/panels/dialogs.h"
#include "viewer/panels/panels.h"

namespace divla {
namespace {

template <std::size_t size>
void Write(const std::string& text, std::array<char, size>& buffer) {
  buffer.fill(0);
  std::memcpy(buffer.data(), text.data(), std::min(text.size(), size - 1));
}

}  // namespace

BranchForm FreshBranchForm(const Director& director) {
  BranchForm form;
  const StepView& at = director.At(kEpisodeLine);
  Write(at.instruction, form.instruction);
  Write(at.query ? at.query->reasoning.text : std::string(), form.text);
  return form;
}

Edits EditsOf(const BranchForm& form, const Director& director) {
  const StepView& at = director.At(kEpisodeLine);
  const EpisodeFacts& facts = *director.View().facts;
  Edits edits;
  if (form.instruction.data() != at.instruction) edits.instruction = form.instruction.data();
  edits.true_reasoning = form.reasoning == 1;
  if (form.reasoning == 2) edits.reasoning = form.text.data();
  if (form.body > 0) {
    MovedObject moved{facts.plan.objects.at(static_cast<std::size_t>(form.body) - 1).body, {}};
    for (std::size_t i = 0; i < 3; ++i) moved.shift[i] = static_cast<double>(form.shift[i]);
    edits.moved = moved;
  }
  if (form.push && !facts.hands.empty()) {
    Push push{facts.hands.at(static_cast<std::size_t>(form.arm)), {}, form.push_steps};
    for (std::size_t i = 0; i < 3; ++i) push.force[i] = static_cast<double>(form.force[i]);
    edits.push = push;
  }
  return edits;
}

void BranchDialog(GuiContext& gui) {
  if (!gui.director.HasEpisode()) {
    gui.ui.dialog = Dialog::kNone;
    return;
  }
  if (gui.ui.dialog_opened) gui.ui.branch = FreshBranchForm(gui.director);
  const Theme& theme = gui.theme;
  const EpisodeFacts& facts = *gui.director.View().facts;
  const std::string title =
      fmt::format("Branch at step {}: what would happen if ...###branch", gui.director.CursorOf(kEpisodeLine));
  if (BeginDialog(title.c_str(), 620, gui)) {
    BranchForm& form = gui.ui.branch;
    Heading("IT WERE ASKED", theme);
    ImGui::SetNextItemWidth(-1);
    ImGui::InputText("##instruction", form.instruction.data(), form.instruction.size());
    if (facts.instructions.size() > 1) {
      ImGui::SetNextItemWidth(-1);
      if (ImGui::BeginCombo("##others", "other instructions that fit this scene")) {
        for (const std::string& other : facts.instructions) {
          if (ImGui::Selectable(other.c_str())) Write(other, form.instruction);
        }
        ImGui::EndCombo();
      }
    }
    if (facts.policy.reasons) {
      Heading("IT THOUGHT", theme);
      ImGui::RadioButton("what it writes itself", &form.reasoning, 0);
      ImGui::SameLine();
      ImGui::RadioButton("what is true", &form.reasoning, 1);
      ImGui::SameLine();
      ImGui::RadioButton("this:", &form.reasoning, 2);
      ImGui::SetNextItemWidth(-1);
      if (ImGui::InputText("##text", form.text.data(), form.text.size())) form.reasoning = 2;
    }
    Heading("A THING WERE ELSEWHERE", theme);
    ImGui::SetNextItemWidth(theme.Px(220));
    const auto body_name = [&](int i) {
      return i == 0 ? std::string("nothing is moved") : facts.plan.objects[static_cast<std::size_t>(i) - 1].body;
    };
    if (ImGui::BeginCombo("##body", body_name(form.body).c_str())) {
      for (int i = 0; i <= static_cast<int>(facts.plan.objects.size()); ++i) {
        if (ImGui::Selectable(body_name(i).c_str(), i == form.body)) form.body = i;
      }
      ImGui::EndCombo();
    }
    ImGui::SameLine();
    ImGui::SetNextItemWidth(theme.Px(240));
    ImGui::InputFloat3("m (x, y, z)", form.shift.data(), "%.3f");
    Heading("THE HAND WERE PUSHED", theme);
    ImGui::Checkbox("push", &form.push);
    if (facts.hands.size() > 1) {
      ImGui::SameLine();
      ImGui::RadioButton("left", &form.arm, 0);
      ImGui::SameLine();
      ImGui::RadioButton("right", &form.arm, 1);
    }
    ImGui::SameLine();
    ImGui::SetNextItemWidth(theme.Px(200));
    if (ImGui::InputFloat3("N", form.force.data(), "%.0f")) form.push = true;
    ImGui::SameLine();
    ImGui::SetNextItemWidth(theme.Px(90));
    ImGui::InputInt("steps", &form.push_steps);
    form.push_steps = std::clamp(form.push_steps, 1, 1000);
    ImGui::Spacing();
    if (ImGui::Button("Branch", {theme.Px(110), 0})) {
      gui.director.Branch(EditsOf(form, gui.director));
      gui.ui.focus = kBranchLine;
      gui.ui.dialog = Dialog::kNone;
    }
    ImGui::SameLine();
    if (ImGui::Button("Cancel", {theme.Px(110), 0})) gui.ui.dialog = Dialog::kNone;
  }
  ImGui::End();
}

}  // namespace divla
