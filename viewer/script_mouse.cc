// Script: what it does with the mouse. The events are Dear ImGui's, as the real mouse makes them.
#include <fmt/format.h>

#include <array>

#include "sim/check.h"
#include "viewer/script.h"

namespace divla {

Script::Done Script::MousePush(App& app, const nlohmann::json& action) {
  struct Plan {
    int line{}, steps{};
    std::string body, picture;
    std::array<float, 2> from{}, by{};
  } plan;
  const std::string where = Where();
  try {
    plan = {action.value("line", 0),
            action.value("steps", 0),
            action.at("body").get<std::string>(),
            action.value("screenshot", ""),
            {},
            action.at("by").get<std::array<float, 2>>()};
  } catch (const nlohmann::json::exception&) {
    throw InputError(fmt::format("{}: expected 'body' and 'by': [x, y], found {}", where, action.dump()));
  }
  const auto lines = static_cast<int>(app.GetDirector().View().lines.size());
  if (plan.line < 0 || plan.line >= lines) {
    throw InputError(fmt::format("{}: key 'line': expected one of {} lines, found {}", where, lines, plan.line));
  }
  const Rect rect = app.GetLayout().views.at(static_cast<std::size_t>(plan.line));
  const auto place = app.GetScene().Place(app.GetDirector().MomentOf(plan.line), plan.body, rect.w / rect.h);
  if (!place) throw InputError(fmt::format("{}: key 'body': expected one that is seen, found '{}'", where, plan.body));
  plan.from = {rect.x + rect.w * (*place)[0], rect.y + rect.h * (*place)[1]};

  // Dear ImGui sees the mouse arrive, then press, then move: a frame or two for each.
  return [this, plan, where, frame = 0, played = false, captured = false, let_go = false](App& a) mutable {
    const std::array<float, 2> to{plan.from[0] + plan.by[0], plan.from[1] + plan.by[1]};
    ++frame;
    if (let_go) {
      if (frame < 3) return false;
      a.GetWindow().SetMouse(std::nullopt);
      return idle_frames_ >= 3;
    }
    if (frame < 3) {
      a.GetWindow().SetMouse(MouseAt{plan.from[0], plan.from[1], false, true});
    } else if (frame < 6) {
      a.GetWindow().SetMouse(MouseAt{plan.from[0], plan.from[1], true, true});
    } else {
      a.GetWindow().SetMouse(MouseAt{to[0], to[1], true, true});
    }
    if (frame < 10) return false;
    const std::optional<PushDrag>& drag = a.Ui().drag;
    if (!drag || drag->push.body != plan.body) {
      throw InputError(fmt::format("{}: key 'body': expected '{}' under the mouse, found {}", where, plan.body,
                                   drag ? drag->push.body : "nothing that can be pushed"));
    }
    if (!played) {
      played = true;
      if (plan.steps > 0) a.GetDirector().PlayTo(a.GetDirector().Cursor() + plan.steps);
      idle_frames_ = 0;
    }
    if (idle_frames_ < 3) return false;
    if (!captured && !plan.picture.empty()) {
      captured = true;
      KeepNext(a, frames_ / (plan.picture + ".png"));
      return false;
    }
    extra_ = {{"body", drag->push.body}, {"force", drag->push.force}};
    a.GetWindow().SetMouse(MouseAt{to[0], to[1], false, true});
    let_go = true;
    frame = 0;
    idle_frames_ = 0;
    return false;
  };
}

}  // namespace divla
