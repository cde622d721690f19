#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>

#include "harness/control.h"
#include "tasks/catalogue.h"
#include "viewer/panels/dialogs.h"
#include "viewer/panels/panels.h"

namespace divla {
BranchForm FreshBranchForm(const Director& director) {
  BranchForm form;
  const StepView& at = director.At(kEpisodeLine);
  Write(at.instruction, form.instruction);
  const Variation& world = director.At(kEpisodeLine).world->variation;
  constexpr double kDegrees = 180 / 3.14159265358979323846;
  form.intensity = static_cast<float>(world.light.intensity);
  form.light_turn = static_cast<float>(kDegrees * world.light.turn);
  form.azimuth = static_cast<float>(kDegrees * world.view.azimuth);
  form.elevation = static_cast<float>(kDegrees * world.view.elevation);
  form.distance = static_cast<float>(world.view.distance);
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
  if (form.swap > 0 && form.swap_for[0] != 0) {
    edits.swapped =
        SwappedObject{facts.plan.objects.at(static_cast<std::size_t>(form.swap) - 1).body, form.swap_for.data()};
  }
  constexpr double kRadians = 3.14159265358979323846 / 180;
  if (form.light) {
    edits.light = ChangedLight{static_cast<double>(form.intensity), kRadians * static_cast<double>(form.light_turn)};
  }
  if (form.camera) {
    edits.camera = ChangedCamera{kRadians * static_cast<double>(form.azimuth),
                                 kRadians * static_cast<double>(form.elevation), static_cast<double>(form.distance)};
  }
  return edits;
}

namespace {

void SwapPart(GuiContext& gui, BranchForm& form) {
  const Theme& theme = gui.theme;
  const auto& objects = gui.director.At(kEpisodeLine).world->objects;
  Heading("A THING WERE ANOTHER", theme);
  const auto body_name = [&](int i) {
    return i == 0 ? std::string("nothing is swapped") : objects[static_cast<std::size_t>(i) - 1].body;
  };
  ImGui::SetNextItemWidth(theme.Px(220));
  if (ImGui::BeginCombo("##swap", body_name(form.swap).c_str())) {
    for (int i = 0; i <= static_cast<int>(objects.size()); ++i) {
      if (ImGui::Selectable(body_name(i).c_str(), i == form.swap)) form.swap = i;
    }
    ImGui::EndCombo();
  }
  if (form.swap == 0) return;
  const bool fixed = FindObject(objects[static_cast<std::size_t>(form.swap) - 1].object_id).fixed;
  ImGui::SameLine();
  ImGui::SetNextItemWidth(theme.Px(240));
  if (ImGui::BeginCombo("##for", form.swap_for[0] == 0 ? "for ..." : form.swap_for.data())) {
    for (const ObjectInfo& object : Catalogue()) {
      if (object.fixed != fixed || object.two_handed) continue;
      if (ImGui::Selectable(object.id.c_str())) Write(object.id, form.swap_for);
    }
    ImGui::EndCombo();
  }
}

void LightPart(GuiContext& gui, BranchForm& form) {
  const float narrow = gui.theme.Px(104);
  const auto slider = [&](const char* name, float& value, float low, float high, const char* format, bool& on) {
    ImGui::SameLine();
    ImGui::SetNextItemWidth(narrow);
    if (ImGui::SliderFloat(name, &value, low, high, format)) on = true;
  };
  Heading("THE LIGHT OR THE CAMERAS WERE OTHERS", gui.theme);
  ImGui::Checkbox("light", &form.light);
  slider("##intensity", form.intensity, 0.1F, 2.F, "x %.2f", form.light);
  slider("##turn", form.light_turn, -180.F, 180.F, "turned %.0f deg", form.light);
  ImGui::Checkbox("cameras", &form.camera);
  slider("##azimuth", form.azimuth, -45.F, 45.F, "round %.0f deg", form.camera);
  slider("##elevation", form.elevation, -20.F, 20.F, "up %.0f deg", form.camera);
  slider("##distance", form.distance, 0.6F, 1.6F, "x %.2f", form.camera);
}

}  // namespace

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
    SwapPart(gui, form);
    LightPart(gui, form);
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
      gui.ui.focus_on_branch = true;
      gui.ui.dialog = Dialog::kNone;
    }
    ImGui::SameLine();
    if (ImGui::Button("Cancel", {theme.Px(110), 0})) gui.ui.dialog = Dialog::kNone;
  }
  ImGui::End();
}

}  // namespace divla
