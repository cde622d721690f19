#include <imgui.h>

#include <algorithm>

#include "harness/agent.h"
#include "policy/registry.h"
#include "tasks/axes/axis.h"
#include "tasks/intervention.h"
#include "tasks/registry.h"
#include "viewer/panels/dialogs.h"
#include "viewer/panels/panels.h"

namespace divla {
namespace {

bool Combo(const char* label, int& chosen, const std::vector<std::string>& names) {
  chosen = std::clamp(chosen, 0, std::max(0, static_cast<int>(names.size()) - 1));
  bool changed = false;
  if (!ImGui::BeginCombo(label, names.empty() ? "" : names[static_cast<std::size_t>(chosen)].c_str())) return false;
  for (int i = 0; i < static_cast<int>(names.size()); ++i) {
    if (ImGui::Selectable(names[static_cast<std::size_t>(i)].c_str(), i == chosen)) {
      chosen = i;
      changed = true;
    }
  }
  ImGui::EndCombo();
  return changed;
}

std::vector<std::string> TaskNames() {
  std::vector<std::string> names;
  for (const Task* task : AllTasks()) names.push_back(task->Spec().name);
  return names;
}

// Those that the task has.
std::vector<std::string> AxisNames(const Task& task) {
  std::vector<std::string> names{"none"};
  for (const Axis* axis : AllAxes()) {
    if (task.Without(axis->Spec().name).empty()) names.push_back(axis->Spec().name);
  }
  for (const char* name : {"intervention_object", "intervention_instruction"}) {
    if (task.HasIntervention(InterventionOfAxis(name))) names.emplace_back(name);
  }
  return names;
}

int IndexOf(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? 0 : static_cast<int>(found - names.begin());
}

void Fill(GuiContext& gui) {
  UiState& ui = gui.ui;
  if (ui.policies.empty()) {
    ui.policies.emplace_back("expert");
    for (const PolicyDescription& policy : ListPolicies(CheckpointDir())) ui.policies.push_back(policy.name);
  }
  const EpisodeChoice& now = gui.director.Choice();
  if (now.key.task.empty()) return;
  ui.open.task = IndexOf(TaskNames(), now.key.task);
  ui.open.axis = IndexOf(AxisNames(FindTask(now.key.task)), now.key.axis);
  ui.open.level = now.key.level;
  ui.open.policy = IndexOf(ui.policies, now.policy);
  ui.open.seed = static_cast<int>(now.seed);
  ui.open.index = now.key.index;
}

}  // namespace

void OpenDialog(GuiContext& gui) {
  if (gui.ui.dialog_opened) Fill(gui);
  if (BeginDialog("Open an episode", 460, gui)) {
    OpenForm& form = gui.ui.open;
    ImGui::PushItemWidth(gui.theme.Px(320));
    const std::vector<std::string> tasks = TaskNames();
    if (Combo("task", form.task, tasks)) form.axis = 0;
    const Task& task = FindTask(tasks[static_cast<std::size_t>(form.task)]);
    const std::vector<std::string> axes = AxisNames(task);
    Combo("axis", form.axis, axes);
    const std::string& axis = axes[static_cast<std::size_t>(form.axis)];
    const std::array<int, 2> levels = LevelsOf(axis);
    form.level = std::clamp(form.level, levels[0], levels[1]);
    if (levels[0] < levels[1]) ImGui::SliderInt("level", &form.level, levels[0], levels[1]);
    Combo("policy", form.policy, gui.ui.policies);
    ImGui::InputInt("seed", &form.seed);
    ImGui::InputInt("episode", &form.index);
    form.seed = std::max(0, form.seed);
    form.index = std::clamp(form.index, 0, 9999);
    ImGui::PopItemWidth();
    ImGui::Spacing();
    Wrapped(task.Spec().summary, gui.theme.muted);
    ImGui::Spacing();
    if (ImGui::Button("Open", {gui.theme.Px(110), 0})) {
      EpisodeChoice choice;
      choice.key = {task.Spec().name, axis, form.level, form.index};
      choice.seed = static_cast<std::uint64_t>(form.seed);
      choice.policy = gui.ui.policies[static_cast<std::size_t>(form.policy)];
      gui.director.Open(choice);
      gui.ui.dialog = Dialog::kNone;
    }
    ImGui::SameLine();
    if (ImGui::Button("Cancel", {gui.theme.Px(110), 0})) gui.ui.dialog = Dialog::kNone;
  }
  ImGui::End();
}

}  // namespace divla
