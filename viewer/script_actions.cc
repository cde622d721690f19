// What each action of a script does, and when it is done. What looks into a query is in script_thought.cc, what
// measures in script_measure.cc, the mouse in script_mouse.cc.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>

#include "sim/check.h"
#include "tasks/registry.h"
#include "viewer/panels/dialogs.h"
#include "viewer/script.h"
#include "viewer/script_fields.h"

namespace divla {
namespace {

// From 1; 0 is none.
int ObjectNumber(const Director& director, const std::string& body, const std::string& where) {
  const auto& objects = director.View().facts->plan.objects;
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const auto& o) { return o.body == body; });
  if (found == objects.end()) throw InputError(fmt::format("{}: key 'body': no object '{}'", where, body));
  return 1 + static_cast<int>(found - objects.begin());
}

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

Script::Done Script::Begin(App& app, const nlohmann::json& action) {
  const auto what = Need<std::string>(action, "do", Where());
  Director& director = app.GetDirector();
  if (what == "open") {
    EpisodeChoice choice;
    choice.key = {Need<std::string>(action, "task", Where()), action.value("axis", "none"), action.value("level", 0),
                  action.value("episode", 0)};
    choice.seed = action.value("seed", std::uint64_t{1});
    choice.policy = action.value("policy", choice.policy);
    FindTask(choice.key.task);  // throws with the names
    director.Open(choice);
    return [this](App& a) { return idle_frames_ >= 3 && a.SceneIsDrawn(); };
  }
  if (what == "replay") {
    director.Open(ChoiceOfRun(Need<std::string>(action, "episode", Where())));
    return [this](App& a) { return idle_frames_ >= 3 && a.SceneIsDrawn(); };
  }
  if (what == "panel") {
    const auto name = Need<std::string>(action, "name", Where());
    UiState& ui = app.Ui();
    const std::map<std::string, Dialog> dialogs = {
        {"open", Dialog::kOpen}, {"branch", Dialog::kBranch}, {"save", Dialog::kSave}, {"help", Dialog::kHelp}};
    const auto dialog = dialogs.find(name);
    ui.dialog = dialog == dialogs.end() ? Dialog::kNone : dialog->second;
    ui.dialog_opened = ui.dialog != Dialog::kNone;
    if (name == "why") ui.tab = SideTab::kWhy;
    if (name == "actions") ui.tab = SideTab::kActions;
    if (name == "thought") ui.tab = SideTab::kThought;
    return AtOnce;
  }
  if (what == "theme") {
    app.Ui().settings.dark = Need<bool>(action, "dark", Where());
    return AtOnce;
  }
  if (what == "size") {
    const int width = Need<int>(action, "width", Where());
    const int height = Need<int>(action, "height", Where());
    app.GetWindow().Resize(width, height);
    return [width, height, frames = 0](App& a) mutable {
      return ++frames > 200 || (a.GetWindow().Width() == width && a.GetWindow().Height() == height);
    };
  }
  if (what == "quit") {
    app.GetWindow().Close();  // as the cross in its frame does
    return AtOnce;
  }
  if (what == "screenshot") {
    const std::filesystem::path file = frames_ / (Need<std::string>(action, "name", Where()) + ".png");
    return [this, file, state = 0, frames = 0](App& a) mutable {
      if (!a.SceneIsDrawn() || ++frames < 4) return false;  // sizes of windows settle in the second frame
      if (state == 0) {
        KeepNext(a, file);
        state = 1;
        return false;
      }
      extra_["file"] = file.filename().string();
      return true;
    };
  }
  if (what == "delay_queries") {
    const double seconds = Need<double>(action, "seconds", Where());
    app.GetSession().DelayQueries(std::chrono::milliseconds(std::lround(seconds * 1000)));
    return AtOnce;
  }
  if (!director.HasEpisode()) throw InputError(fmt::format("{}: expected an open episode, found none", Where()));
  return BeginMore(app, what, action);
}

// Those that need an episode.
Script::Done Script::BeginMore(App& app, const std::string& what, const nlohmann::json& action) {
  Director& director = app.GetDirector();
  const auto form = [&]() -> BranchForm& {
    if (!form_) form_ = FreshBranchForm(director);
    return *form_;
  };
  if (what == "play_until" || what == "play_both") {
    if (what == "play_both" && director.View().lines.size() < 2) {
      throw InputError(fmt::format("{}: expected a branch, found none", Where()));
    }
    director.PlayTo(Need<int>(action, "step", Where()));
    return Settled();
  }
  if (what == "play") {
    const double until = Now() + Need<double>(action, "seconds", Where());
    director.Play();
    return [until, this, paused = false](App& a) mutable {
      if (!paused && Now() < until) return false;
      if (!paused) a.GetDirector().Pause();
      paused = true;
      return idle_frames_ >= 3;
    };
  }
  if (what == "pause") director.Pause();
  if (what == "query") return Query(app);
  if (what == "thought") return LookInside(app, action);
  if (what == "seek") director.ScrubTo(Need<int>(action, "step", Where()));
  if (what == "speed") director.SetSpeed(Need<double>(action, "times", Where()));
  if (what == "focus") app.Ui().focus = Need<int>(action, "line", Where());
  if (what == "set_instruction") Write(Need<std::string>(action, "text", Where()), form().instruction);
  if (what == "force_reasoning") {
    Write(Need<std::string>(action, "text", Where()), form().text);
    form().reasoning = 2;
  }
  if (what == "move") {
    const auto body = Need<std::string>(action, "body", Where());
    form().body = ObjectNumber(director, body, Where());
    form().shift = Need<std::array<float, 3>>(action, "by", Where());
  }
  if (what == "push") {
    form().push = true;
    form().arm = action.value("arm", 0);
    form().force = Need<std::array<float, 3>>(action, "force", Where());
    form().push_steps = action.value("steps", 10);
  }
  if (what == "branch") {
    director.Branch(EditsOf(form(), director));
    form_.reset();
    return [this](App& a) {
      if (idle_frames_ < 3) return false;
      a.Ui().focus = kBranchLine;
      return true;
    };
  }
  if (what == "drop_branch") director.DropBranch();
  if (what == "record") {
    app.Record(frames_ / (Need<std::string>(action, "name", Where()) + ".mp4"));
    return AtOnce;
  }
  if (what == "stop_recording") {
    app.StopRecording();
    return [this, pictures = 0](App& a) mutable {
      if (a.Ui().recorded >= 0) pictures = a.Ui().recorded;
      if (a.Ui().recorded >= 0) return false;
      extra_["pictures"] = pictures;
      return true;
    };
  }
  if (what == "save_video" || what == "export") {
    const int line = action.value("line", 0);
    if (line < 0 || line >= static_cast<int>(director.View().lines.size())) {
      throw InputError(fmt::format("{}: key 'line': expected one of {} lines, found {}", Where(),
                                   director.View().lines.size(), line));
    }
    const std::filesystem::path path = frames_ / Need<std::string>(action, "name", Where());
    if (what == "export") director.Export(line, path);
    if (what == "save_video") director.SaveVideo(line, path.string() + ".mp4");
    return Settled();
  }
  if (what == "swap") {
    const auto body = Need<std::string>(action, "body", Where());
    form().swap = ObjectNumber(director, body, Where());
    Write(Need<std::string>(action, "for", Where()), form().swap_for);
  }
  if (what == "light") {
    form().light = true;
    form().intensity = action.value("intensity", 1.F);
    form().light_turn = action.value("turn", 0.F);
  }
  if (what == "camera") {
    form().camera = true;
    form().azimuth = action.value("azimuth", 0.F);
    form().elevation = action.value("elevation", 0.F);
    form().distance = action.value("distance", 1.F);
  }
  if (what == "mouse_push") return MousePush(app, action);
  if (what == "measure_frames") return Frames(app, Need<double>(action, "seconds", Where()));
  if (what == "measure_latency") return Latency(app, Need<double>(action, "query_seconds", Where()));
  return Settled();
}

}  // namespace divla
