#include "viewer/script.h"

#include <GLFW/glfw3.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/report/png.h"
#include "sim/check.h"
#include "tasks/registry.h"
#include "viewer/panels/dialogs.h"

namespace divla {
namespace {

const std::set<std::string> kActions = {"open",
                                        "replay",
                                        "play_until",
                                        "play_both",
                                        "play",
                                        "pause",
                                        "query",
                                        "seek",
                                        "speed",
                                        "move",
                                        "push",
                                        "branch",
                                        "panel",
                                        "set_instruction",
                                        "force_reasoning",
                                        "theme",
                                        "drop_branch",
                                        "size",
                                        "focus",
                                        "screenshot",
                                        "record",
                                        "stop_recording",
                                        "save_video",
                                        "export",
                                        "swap",
                                        "light",
                                        "camera",
                                        "measure_latency",
                                        "thought",
                                        "quit",
                                        "measure_frames",
                                        "delay_queries",
                                        "mouse_push"};

template <class Value>
Value Need(const nlohmann::json& action, const char* key, const std::string& where) {
  try {
    return action.at(key).get<Value>();
  } catch (const nlohmann::json::exception&) {
    throw InputError(fmt::format("{}: key '{}': expected {}, found {}", where, key,
                                 std::is_same_v<Value, std::string> ? "a text" : "a number or list",
                                 action.contains(key) ? action.at(key).dump() : "none"));
  }
}

template <std::size_t size>
void Write(const std::string& text, std::array<char, size>& buffer) {
  buffer.fill(0);
  std::memcpy(buffer.data(), text.data(), std::min(text.size(), size - 1));
}

// From 1; 0 is none.
int ObjectNumber(const Director& director, const std::string& body, const std::string& where) {
  const auto& objects = director.View().facts->plan.objects;
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const auto& o) { return o.body == body; });
  if (found == objects.end()) throw InputError(fmt::format("{}: key 'body': no object '{}'", where, body));
  return 1 + static_cast<int>(found - objects.begin());
}

double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

bool AtOnce(App&) { return true; }

}  // namespace

Script::Script(const std::filesystem::path& file, std::filesystem::path frames)
    : file_(file), frames_(std::move(frames)) {
  actions_ = nlohmann::json::parse(ReadTextFile(file_), nullptr, /*allow_exceptions=*/false);
  if (!actions_.is_array()) throw InputError(fmt::format("file {}: expected a JSON list of actions", file_.string()));
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const nlohmann::json& action = actions_[i];
    const std::string name = action.is_object() ? action.value("do", "") : "";
    if (!kActions.contains(name)) {
      throw InputError(fmt::format("file {}: action {}: key 'do': expected one of {}, found '{}'", file_.string(), i,
                                   nlohmann::json(kActions).dump(), name));
    }
  }
  std::error_code error;
  std::filesystem::create_directories(frames_, error);
  if (error) throw MachineError(fmt::format("{}: cannot make this folder: {}", frames_.string(), error.message()));
}

std::string Script::Where() const {
  return fmt::format("file {}: action {} ({})", file_.string(), next_, actions_[next_].value("do", ""));
}

bool Script::Advance(App& app) {
  const bool still = app.GetSession().IsIdle() && app.GetDirector().CaughtUp();
  idle_frames_ = still ? idle_frames_ + 1 : 0;
  while (next_ < actions_.size()) {
    if (!done_) {
      extra_ = nlohmann::json::object();
      idle_frames_ = 0;
      done_ = Begin(app, actions_[next_]);
      if (!actions_[next_].value("wait", true)) done_ = AtOnce;
    }
    if (!done_(app)) return true;
    done_ = nullptr;
    Note(app);
    ++next_;
    const std::string error = app.Ui().said_bad ? app.Ui().said : app.GetDirector().View().error;
    if (!error.empty()) {
      --next_;
      throw InputError(fmt::format("{}: {}", Where(), error));
    }
    return true;  // the next action sees a new frame
  }
  if (!results_.is_null()) {
    WriteFileAtomically(frames_ / "script.json", results_.dump(1) + "\n");
    results_ = nullptr;
  }
  return false;
}

// The session has nothing to do, and the director has seen that.
Script::Done Script::Settled() const {
  return [this](App&) { return idle_frames_ >= 3; };
}

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

void Script::KeepNext(App& app, const std::filesystem::path& file) {
  app.CaptureNext([file](const Image& image) {
    const std::vector<std::byte> png = EncodePng(image);
    WriteFileAtomically(file, {reinterpret_cast<const char*>(png.data()), png.size()});
  });
}

void Script::Note(App& app) {
  const SessionView& view = app.GetDirector().View();
  nlohmann::json note = {
      {"do", actions_[next_].at("do")}, {"cursor", app.GetDirector().Cursor()}, {"lines", nlohmann::json::array()}};
  for (const LineView& line : view.lines) {
    nlohmann::json one = {{"origin", line.origin},
                          {"live", line.live},
                          {"last", line.Last()},
                          {"open", line.open},
                          {"changed", line.changed},
                          {"replay_differs_at", line.replay_differs_at},
                          {"log_differs_at", line.log_differs_at}};
    if (line.record) one["record"] = ToJson(*line.record);
    note["lines"].push_back(std::move(one));
  }
  note["parted_at"] = view.parted_at;
  note["texts_parted_at"] = view.texts_parted_at;
  if (!extra_.empty()) note["result"] = extra_;
  results_.push_back(std::move(note));
}

}  // namespace divla
