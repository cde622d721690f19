#include "viewer/script.h"

#include <fmt/format.h>

#include <set>

#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/report/png.h"
#include "sim/check.h"

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
