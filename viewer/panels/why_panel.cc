#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

struct Texts {
  int all{}, right{};
  const QueryView* first_wrong{};
};

// Of the line's own past up to its last step.
Texts CountTexts(const LineView& line) {
  Texts texts;
  const QueryView* last = nullptr;
  for (const auto& step : line.steps) {
    const QueryView* query = step->query.get();
    if (query == nullptr || query == last || query->judged.said.empty()) continue;
    last = query;
    ++texts.all;
    if (query->judged.correct) {
      ++texts.right;
    } else if (texts.first_wrong == nullptr) {
      texts.first_wrong = query;
    }
  }
  return texts;
}

// The policy's next action: of its plan, or the one that was played.
std::vector<float> NextAction(const LineView& line, int cursor) {
  if (cursor < line.Last()) return line.steps[static_cast<std::size_t>(cursor) + 1]->action;
  const auto& query = line.steps[static_cast<std::size_t>(cursor)]->query;
  if (!query || cursor - query->step >= query->planned.size) return {};
  const auto row = query->planned.Row(cursor - query->step);
  return {row.begin(), row.end()};
}

void Verdict(const LineView& line, const Theme& theme) {
  if (!line.record) {
    Wrapped("The episode is not at its end. Here is what can be said so far.", theme.muted);
    return;
  }
  const EpisodeRecord& record = *line.record;
  Wrapped(FailureWords(record.failure), record.success ? theme.good : theme.bad);
  if (!line.policy_error.empty()) Wrapped(line.policy_error, theme.bad);
  Wrapped(fmt::format("Ended by {} after {:.2f} s, {:.0f} % of the stages.", ToString(record.termination),
                      record.sim_seconds, 100 * record.progress),
          theme.muted);
}

void Attribution(GuiContext& gui, const LineView& line) {
  const Theme& theme = gui.theme;
  const Texts texts = CountTexts(line);
  Heading("THE WORDS", theme);
  if (texts.all == 0) {
    Wrapped("This policy writes no reasoning, so only its arm can be judged.", theme.text);
    return;
  }
  const bool failed = line.record && !line.record->success;
  std::string text = fmt::format("{} of {} texts were right. ", texts.right, texts.all);
  if (failed) {
    // As the report counts it: most texts not right, or right and failed all the same.
    text += 2 * texts.right < texts.all ? "The words went wrong: it meant another thing."
                                        : "It knew what to do: the arm failed.";
  }
  Wrapped(text, theme.text);
  if (texts.first_wrong == nullptr) return;
  const QueryView& wrong = *texts.first_wrong;
  Wrapped(fmt::format("First wrong at step {}:", wrong.step), theme.muted);
  Wrapped(wrong.judged.said, theme.bad);
  Wrapped("true: " + wrong.judged.truth, theme.good);
  if (ImGui::Button("Go there")) gui.director.ScrubTo(std::min(wrong.step + 1, line.Last()));
}

void ExpertTable(GuiContext& gui, const LineView& line) {
  const Theme& theme = gui.theme;
  const int cursor = gui.director.CursorOf(gui.ui.focus);
  const std::vector<float> own = NextAction(line, cursor);
  const std::vector<float>& expert = line.steps[static_cast<std::size_t>(cursor)]->expert;
  Heading(fmt::format("NEXT ACTION AT STEP {}, LARGEST DIFFERENCES FIRST", cursor).c_str(), theme);
  const auto& names = gui.director.View().facts->action_names;
  if (own.size() != names.size() || expert.size() != names.size()) {
    const bool over = !line.open && cursor == line.Last();
    Wrapped(expert.size() != names.size() ? "The expert has no action here."
            : over                        ? "The episode ends here: go back to see what was done instead."
                                          : "The policy's next action is not known here: play one step on.",
            theme.muted);
    return;
  }
  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto apart = [&](std::size_t i) { return std::abs(own[i] - expert[i]); };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return apart(a) > apart(b); });
  order.resize(std::min<std::size_t>(order.size(), 6));
  if (!ImGui::BeginTable("expert", 4, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp)) return;
  for (const char* title : {"", "policy", "expert", "apart"}) ImGui::TableSetupColumn(title);
  ImGui::TableHeadersRow();
  for (const std::size_t i : order) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(names[i].c_str());
    for (const float value : {own[i], expert[i], apart(i)}) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(fmt::format("{:.3f}", value).c_str());
    }
  }
  ImGui::EndTable();
}

void Logged(const SessionView& view, const LineView& line, const Theme& theme) {
  if (!view.facts->note.empty()) Wrapped(view.facts->note, theme.warn);
  if (!view.facts->log) return;
  Heading("LOGGED AGAINST PLAYED AGAIN", theme);
  if (line.log_differs_at >= 0) {
    Wrapped(fmt::format("The state after step {} is not the logged one.", line.log_differs_at), theme.bad);
  } else {
    Wrapped(fmt::format("Equal to the bit for all {} steps played so far, of {} in the log.", line.Last(),
                        view.facts->log->Steps()),
            theme.good);
  }
  const EpisodeRecord& logged = *view.facts->logged;
  Wrapped(
      fmt::format("The run recorded: {} after {} steps.", logged.success ? "success" : logged.failure, logged.steps),
      theme.muted);
}

}  // namespace

void WhyPanel(GuiContext& gui) {
  const SessionView& view = gui.director.View();
  const LineView& line = view.lines[static_cast<std::size_t>(gui.ui.focus)];
  Verdict(line, gui.theme);
  ImGui::Spacing();
  Attribution(gui, line);
  ImGui::Spacing();
  if (gui.ui.focus == kEpisodeLine) Logged(view, line, gui.theme);
  if (!line.changed.empty()) Wrapped("Changed: " + line.changed, gui.theme.branch);
  ImGui::Spacing();
  ExpertTable(gui, line);
}

}  // namespace divla
