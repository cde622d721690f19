#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

constexpr int kPast = 32, kFuture = 16;  // control steps around the cursor

// Rotation rows say little to the eye; a joint or a place does.
std::vector<std::size_t> Shown(const EpisodeFacts& facts) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < facts.action_names.size(); ++i) {
    const std::string& name = facts.action_names[i];
    const bool rotation = facts.kind == ActionKind::kEndEffectorPose && name.size() >= 3 &&
                          name[name.size() - 3] == 'r' && std::isdigit(static_cast<unsigned char>(name.back())) != 0;
    if (!rotation) shown.push_back(i);
  }
  return shown;
}

struct Plot {
  ImVec2 at;
  float w{}, h{};
  int first{};  // step at the left edge
  float low{}, high{};

  ImVec2 Point(float step, float value) const {
    return {at.x + w * (step - static_cast<float>(first)) / static_cast<float>(kPast + kFuture),
            at.y + h * (1 - (value - low) / (high - low))};
  }
};

// The plan that is shown, and what the denoising expected on the way to it.
struct Plan {
  const ActionChunk* chunk{};              // null: none
  std::vector<const ActionChunk*> before;  // first step first
  int step{};                              // before which it was made
};

Plan PlanOf(const Inside& inside, const QueryView* query, bool denoising) {
  Plan plan;
  if (query != nullptr) plan = {&query->planned, {}, query->step};
  if (!inside.thought) return plan;
  const Moment moment = MomentOf(*inside.thought, inside.moment);
  const bool partly = inside.replayed || (inside.live && moment.denoised > 0);
  if (partly) plan = {nullptr, {}, inside.thought->step};
  if (inside.live && !partly) return plan;  // it still writes: the plan of before is what it has
  if (!partly && !denoising) return plan;
  for (int k = 0; k < moment.denoised; ++k)
    plan.before.push_back(inside.thought->denoised[static_cast<std::size_t>(k)].get());
  if (plan.before.empty()) return plan;
  if (partly) plan.chunk = plan.before.back();
  plan.before.pop_back();  // the last expectation is the plan
  return plan;
}

class Series {
 public:
  Series(const LineView& line, Plan plan, int cursor, std::size_t number)
      : line_(line), plan_(std::move(plan)), cursor_(cursor), number_(number) {}

  // Calls visit(step, value) for what was reached, planned, and for the expert's action.
  template <class Visit>
  void Reached(const Visit& visit) const {
    for (int step = std::max(0, cursor_ - kPast); step <= std::min(line_.Last(), cursor_ + kFuture); ++step) {
      visit(static_cast<float>(step), line_.steps[static_cast<std::size_t>(step)]->reached.at(number_));
    }
  }
  template <class Visit>
  void Planned(const Visit& visit) const {
    if (plan_.chunk != nullptr) Chunk(*plan_.chunk, visit);
  }
  // Each with its share of the way, from 0 to 1.
  template <class Begin, class Visit>
  void Denoised(const Begin& begin, const Visit& visit) const {
    for (std::size_t k = 0; k < plan_.before.size(); ++k) {
      Chunk(*plan_.before[k], visit);
      begin(static_cast<float>(k + 1) / static_cast<float>(plan_.before.size()));
    }
  }
  template <class Visit>
  void Expert(const Visit& visit) const {
    const auto& expert = line_.steps[static_cast<std::size_t>(cursor_)]->expert;
    if (number_ < expert.size()) visit(static_cast<float>(cursor_ + 1), expert[number_]);
  }

 private:
  template <class Visit>
  void Chunk(const ActionChunk& chunk, const Visit& visit) const {
    for (int k = 0; k < chunk.size && plan_.step + k + 1 <= cursor_ + kFuture; ++k) {
      visit(static_cast<float>(plan_.step + k + 1), chunk.Row(k)[number_]);
    }
  }

  const LineView& line_;
  Plan plan_;
  int cursor_;
  std::size_t number_;
};

void DrawOne(const Series& series, const std::string& name, Plot plot, int cursor, float value_now,
             const Theme& theme) {
  plot.low = 1e9F;
  plot.high = -1e9F;
  const auto fit = [&](float, float value) {
    plot.low = std::min(plot.low, value);
    plot.high = std::max(plot.high, value);
  };
  series.Reached(fit);
  series.Planned(fit);
  series.Denoised([](float) {}, fit);
  series.Expert(fit);
  const float room = std::max(0.02F, 0.12F * (plot.high - plot.low));  // a still joint is a flat line, not noise
  plot.low -= room;
  plot.high += room;

  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const std::string title = fmt::format("{}  {:.2f}", name, value_now);
  draw.AddText(theme.small, theme.small->FontSize, plot.at, theme.muted, title.c_str());
  plot.at.y += theme.small->FontSize + theme.Px(2);
  plot.h -= theme.small->FontSize + theme.Px(2);
  const ImVec2 end{plot.at.x + plot.w, plot.at.y + plot.h};
  draw.AddRectFilled(plot.at, end, theme.background, theme.Px(3));
  draw.PushClipRect(plot.at, end, true);
  const float x = plot.Point(static_cast<float>(cursor), 0).x;
  draw.AddLine({x, plot.at.y}, {x, end.y}, theme.line, theme.Px(1));
  std::vector<ImVec2> points;
  series.Reached([&](float step, float value) { points.push_back(plot.Point(step, value)); });
  draw.AddPolyline(points.data(), static_cast<int>(points.size()), theme.text, 0, theme.Px(1.5F));
  points.clear();
  series.Denoised(
      [&](float way) {
        const ImU32 faded = (theme.warn & 0x00FFFFFFU) | (static_cast<ImU32>(40 + 150 * way) << IM_COL32_A_SHIFT);
        draw.AddPolyline(points.data(), static_cast<int>(points.size()), faded, 0, theme.Px(1.2F));
        points.clear();
      },
      [&](float step, float value) { points.push_back(plot.Point(step, value)); });
  points.clear();
  series.Planned([&](float step, float value) { points.push_back(plot.Point(step, value)); });
  for (const ImVec2& point : points) draw.AddCircleFilled(point, theme.Px(1.7F), theme.accent);
  series.Expert([&](float step, float value) {
    const ImVec2 at = plot.Point(step, value);
    const float r = theme.Px(4);
    draw.AddQuadFilled({at.x, at.y - r}, {at.x + r, at.y}, {at.x, at.y + r}, {at.x - r, at.y}, theme.good);
  });
  draw.PopClipRect();
}

void Legend(const Theme& theme, bool denoising) {
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImVec2 at = ImGui::GetCursorScreenPos();
  const float middle = at.y + theme.small->FontSize / 2;
  const auto word = [&](const char* text) {
    draw.AddText(theme.small, theme.small->FontSize, {at.x + theme.Px(16), at.y}, theme.muted, text);
    at.x += theme.Px(26) + theme.small->CalcTextSizeA(theme.small->FontSize, 1e9F, 0, text).x;
  };
  draw.AddLine({at.x, middle}, {at.x + theme.Px(11), middle}, theme.text, theme.Px(1.5F));
  word("executed");
  for (int i = 0; i < 3; ++i)
    draw.AddCircleFilled({at.x + theme.Px(2 + 4.F * static_cast<float>(i)), middle}, theme.Px(1.7F), theme.accent);
  word("planned");
  const float r = theme.Px(4);
  const float x = at.x + theme.Px(6);
  draw.AddQuadFilled({x, middle - r}, {x + r, middle}, {x, middle + r}, {x - r, middle}, theme.good);
  word("expert, next");
  if (denoising) {
    draw.AddLine({at.x, middle}, {at.x + theme.Px(11), middle}, theme.warn, theme.Px(1.2F));
    word("denoising");
  }
  ImGui::Dummy({0, theme.small->FontSize + theme.Px(2)});
}

}  // namespace

void ActionPlots(GuiContext& gui) {
  const Theme& theme = gui.theme;
  const EpisodeFacts& facts = *gui.director.View().facts;
  const LineView& line = gui.director.View().lines[static_cast<std::size_t>(gui.ui.focus)];
  const int cursor = gui.director.CursorOf(gui.ui.focus);
  const Plan plan = PlanOf(InsideOf(gui, gui.ui.focus), line.steps[static_cast<std::size_t>(cursor)]->query.get(),
                           gui.ui.thought.denoising);
  Legend(theme, !plan.before.empty());
  const std::vector<std::size_t> shown = Shown(facts);
  const int columns = shown.size() > 8 ? 3 : 2;  // two arms have many joints
  const int rows = (static_cast<int>(shown.size()) + columns - 1) / columns;
  if (rows == 0) return;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float gap = theme.Px(5);
  const float w = (room.x - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns);
  const float h =
      std::clamp((room.y - gap * static_cast<float>(rows - 1)) / static_cast<float>(rows), theme.Px(40), theme.Px(150));
  const ImVec2 first = ImGui::GetCursorScreenPos();
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto column = static_cast<float>(static_cast<int>(i) % columns);
    const auto row = static_cast<float>(static_cast<int>(i) / columns);
    const Plot plot{{first.x + column * (w + gap), first.y + row * (h + gap)}, w, h, cursor - kPast, 0, 0};
    DrawOne(Series(line, plan, cursor, shown[i]), facts.action_names[shown[i]], plot, cursor,
            line.steps[static_cast<std::size_t>(cursor)]->reached.at(shown[i]), theme);
  }
  ImGui::Dummy({0, static_cast<float>(rows) * (h + gap) - gap});
}

}  // namespace divla
