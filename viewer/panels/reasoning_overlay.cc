#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>

#include "viewer/panels/panels.h"

namespace divla {

void ReasoningOverlay(GuiContext& gui, int line) {
  const Theme& theme = gui.theme;
  const Rect& rect = gui.layout.views[static_cast<std::size_t>(line)];
  const StepView& at = gui.director.At(line);
  const QueryView* query = at.query.get();
  const float pad = theme.Px(14);
  const float width = rect.w - 2 * pad - theme.Px(18);

  const std::string instruction = "Asked: " + at.instruction;
  std::string said;
  if (query != nullptr && !query->judged.said.empty()) {
    said = query->judged.said;
  } else if (query == nullptr) {
    said = gui.director.View().facts->policy.reasons ? "(not asked yet)" : "(writes no reasoning)";
  } else {
    said = "(writes no reasoning)";
  }
  // While it is written nobody has judged it yet.
  const Inside inside = InsideOf(gui, line);
  const Moment moment = inside.thought ? MomentOf(*inside.thought, inside.moment) : Moment{};
  const bool writing = inside.live || (inside.replayed && moment.denoised == 0 &&
                                       inside.moment < static_cast<int>(inside.thought->tokens.size()));
  if (writing) {
    said = moment.tokens == 0 ? "" : inside.thought->tokens[static_cast<std::size_t>(moment.tokens) - 1]->so_far.text;
    said += moment.denoised == 0 ? " _" : "";
  }
  const bool text = !writing && query != nullptr && !query->judged.said.empty();
  const ImU32 colour = text ? AgreementColour(query, theme) : IM_COL32(150, 156, 168, 255);
  std::string verdict;
  if (text) {
    verdict = fmt::format("{}{}", query->forced ? "put into its mouth: " : "", AgreementWord(query));
    if (!query->judged.correct) verdict += "; true: " + query->judged.truth;
  }

  if (writing || inside.replayed) {
    verdict =
        fmt::format("{}: {}", inside.live ? "thinking" : "looked at again", Describe(*inside.thought, inside.moment));
  }

  // A policy that failed has nothing to judge at this step: why is what a person wants to read.
  const LineView& of = gui.director.View().lines[static_cast<std::size_t>(line)];
  const bool failed = !of.policy_error.empty() && gui.director.CursorOf(line) == of.Last();
  if (failed) verdict = "The policy failed: " + of.policy_error;

  // The text is as large as it can be in four lines.
  ImFont* font = theme.large;
  float size = font->FontSize;
  ImVec2 said_size = font->CalcTextSizeA(size, width, width, said.c_str());
  while (said_size.y > 4 * size && size > theme.Px(15)) {
    size -= theme.Px(1);
    said_size = font->CalcTextSizeA(size, width, width, said.c_str());
  }
  const auto small = [&](const std::string& words) {
    return theme.body->CalcTextSizeA(theme.body->FontSize, width, width, words.c_str());
  };
  const ImVec2 asked_size = small(instruction);
  const ImVec2 verdict_size = verdict.empty() ? ImVec2{0, 0} : small(verdict);
  const float gap = theme.Px(5);
  const float height = asked_size.y + gap + said_size.y + (verdict.empty() ? 0 : gap + verdict_size.y);

  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float x = rect.x + pad + theme.Px(6);
  float y = rect.y + rect.h - pad - height - theme.Px(8);
  draw.AddRectFilled({rect.x + pad - theme.Px(4), y - theme.Px(9)},
                     {rect.x + rect.w - pad + theme.Px(4), rect.y + rect.h - pad + theme.Px(4)}, theme.veil,
                     theme.Px(6));
  draw.AddRectFilled({rect.x + pad - theme.Px(4), y - theme.Px(9)}, {rect.x + pad, rect.y + rect.h - pad + theme.Px(4)},
                     colour, theme.Px(2));
  // On the dark veil the dark theme's colours are read in both themes.
  Theme over;
  over.good = IM_COL32(64, 214, 168, 255);
  over.warn = IM_COL32(244, 190, 80, 255);
  over.bad = IM_COL32(255, 130, 100, 255);
  over.muted = IM_COL32(170, 176, 188, 255);
  const ImU32 bright = text ? AgreementColour(query, over) : writing ? theme.over : over.muted;
  draw.AddText(theme.body, theme.body->FontSize, {x, y}, theme.over, instruction.c_str(), nullptr, width);
  y += asked_size.y + gap;
  draw.AddText(font, size, {x, y}, bright, said.c_str(), nullptr, width);
  y += said_size.y + gap;
  if (!verdict.empty()) {
    draw.AddText(theme.body, theme.body->FontSize, {x, y}, failed ? over.bad : bright, verdict.c_str(), nullptr, width);
  }
}

}  // namespace divla
