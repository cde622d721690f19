// Script: what it does with the mouse. The events are Dear ImGui's, as the real mouse makes them.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "sim/check.h"
#include "viewer/script.h"
#include "viewer/script_fields.h"

namespace divla {
namespace {

// Where a body is seen, as near as can be to its centre of mass, which may be hidden: pixels. Empty: nowhere near.
std::optional<std::array<float, 2>> Seen(App& app, int line, const std::string& body, const Rect& rect) {
  constexpr int kRings = 12, kPlaces = 12;
  constexpr float kRing = 5;  // pixels
  const auto moment = app.GetDirector().MomentOf(line);
  const float aspect = rect.w / rect.h;
  const auto centre = app.GetScene().Place(moment, body, aspect);
  if (!centre) return std::nullopt;
  for (int i = 0; i <= kRings * kPlaces; ++i) {
    const auto radius = kRing * static_cast<float>((i + kPlaces - 1) / kPlaces);
    const float angle = 2 * 3.14159265F * static_cast<float>(i % kPlaces) / kPlaces;
    // Whole pixels of the window, as a mouse gives them.
    const float across = std::round(rect.x + rect.w * (*centre)[0] + radius * std::cos(angle));
    const float down = std::round(rect.y + rect.h * (*centre)[1] + radius * std::sin(angle));
    const float x = (across - rect.x) / rect.w, y = (down - rect.y) / rect.h;
    if (x <= 0 || x >= 1 || y <= 0 || y >= 1) continue;
    const std::optional<Grip> grip = app.GetScene().Grab(moment, x, y, aspect);
    if (grip && grip->body == body) return std::array<float, 2>{across, down};
  }
  return std::nullopt;
}

}  // namespace

Script::Done Script::MousePush(App& app, const nlohmann::json& action) {
  struct Plan {
    int line{}, steps{};
    std::string body, picture;
    std::array<float, 2> from{}, by{};
  } plan;
  const std::string where = Where();
  plan = {action.value("line", 0),
          action.value("steps", 0),
          Need<std::string>(action, "body", where),
          action.value("screenshot", ""),
          {},
          Need<std::array<float, 2>>(action, "by", where)};
  const auto lines = static_cast<int>(app.GetDirector().View().lines.size());
  if (plan.line < 0 || plan.line >= lines) {
    throw InputError(fmt::format("{}: key 'line': expected one of {} lines, found {}", where, lines, plan.line));
  }
  const Rect rect = app.GetLayout().views.at(static_cast<std::size_t>(plan.line));
  const auto from = Seen(app, plan.line, plan.body, rect);
  if (!from) throw InputError(fmt::format("{}: key 'body': expected one that is seen, found '{}'", where, plan.body));
  plan.from = *from;

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
