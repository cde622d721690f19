// Actions of a script that look into a query: while it is asked, and afterwards.
#include <fmt/format.h>

#include <map>
#include <set>

#include "sim/check.h"
#include "viewer/script.h"
#include "viewer/script_fields.h"

namespace divla {

// Counts what the window showed while the policy was asked.
Script::Done Script::Query(App& app) {
  app.GetDirector().StepQuery();
  return [this, moments = std::set<int>()](App& a) mutable {
    const SessionView& view = a.GetDirector().View();
    if (view.thinking) moments.insert(LastMoment(*view.thinking));
    if (idle_frames_ < 3) return false;
    extra_["moments_shown"] = moments.size();
    return true;
  };
}

Script::Done Script::LookInside(App& app, const nlohmann::json& action) {
  ThoughtUi& ui = app.Ui().thought;
  const std::map<std::string, Gaze> gazes = {{"action", Gaze::kAction}, {"text", Gaze::kText}, {"token", Gaze::kToken}};
  const std::string attention = action.value("attention", "none");
  const auto gaze = gazes.find(attention);
  if (gaze == gazes.end() && attention != "none") {
    throw InputError(
        fmt::format("{}: key 'attention': expected action, text, token or none, found '{}'", Where(), attention));
  }
  ui.heat = gaze != gazes.end();
  if (ui.heat) ui.gaze = gaze->second;
  ui.denoising = action.value("denoising", false);
  Leave(ui.replay);
  if (!action.contains("moment")) return AtOnce;
  if (!ui.replay.of) throw InputError(fmt::format("{}: expected a query whose inside is known, found none", Where()));
  GoTo(ui.replay, Need<int>(action, "moment", Where()));
  extra_["moment"] = Describe(*ui.replay.of, ui.replay.moment.value_or(LastMoment(*ui.replay.of)));
  return AtOnce;
}

}  // namespace divla
