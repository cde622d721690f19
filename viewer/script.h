// Script: a person's session as a file, for tests and for the pictures of the documentation. A JSON list of actions, done
// one after the other in the running App:
//
//   {"do": "open", "task": T, "axis": A, "level": L, "policy": P, "seed": S, "episode": N}   all but task may be left out
//   {"do": "replay", "episode": "RUN:KEY"}
//   {"do": "play_until", "step": N}     all lines, as fast as it goes; ends with the episode at the latest
//   {"do": "play_both", "step": N}      the same; refused without a branch
//   {"do": "play", "seconds": S}        at the chosen speed, then pause
//   {"do": "pause"}  {"do": "query"}  {"do": "seek", "step": N}  {"do": "speed", "times": X}
//   {"do": "set_instruction", "text": T}  {"do": "force_reasoning", "text": T}  {"do": "move", "body": B, "by": [x, y, z]}
//   {"do": "push", "arm": 0, "force": [x, y, z], "steps": N}                what the next branch changes
//   {"do": "mouse_push", "line": L, "body": B, "by": [x, y], "steps": N, "screenshot": NAME}
//                                       Ctrl and drag from where the body is seen, by so many pixels; held for N steps of
//                                       play; the picture, which may be left out, is taken before the button is let go
//   {"do": "swap", "body": B, "for": ID}  {"do": "light", "intensity": X, "turn": DEGREES}
//   {"do": "camera", "azimuth": DEGREES, "elevation": DEGREES, "distance": X}
//   {"do": "branch"}  {"do": "drop_branch"}
//   {"do": "record", "name": N}  {"do": "stop_recording"}      the window: DIR/N.mp4, a picture for each moment shown
//   {"do": "save_video", "line": 0, "name": N}                 what the line's cameras see: DIR/N.mp4
//   {"do": "export", "line": 0, "name": N}                     a line that is over as a run folder: DIR/N
//   {"do": "panel", "name": "why"}      actions, thought, why, open, branch, save, help, none
//   {"do": "thought", "moment": N, "attention": "action", "denoising": true}   inside the query that is shown; all may be
//       left out: no moment is its end; attention over the cameras: action, text, token, none
//   {"do": "theme", "dark": true}  {"do": "size", "width": W, "height": H}  {"do": "focus", "line": 0}
//   {"do": "screenshot", "name": N}     DIR/N.png
//   {"do": "measure_latency", "query_seconds": S}   plays one query that takes so long, presses a key in every frame
//   {"do": "measure_frames", "seconds": S}          plays at the chosen speed and counts the frames
//   {"do": "delay_queries", "seconds": S}           each query from here on takes so much longer
//   {"do": "quit"}                      else the window stays open
//
// With "wait": false the next action comes at once, whatever this one has set going.
//
// After the last action DIR/script.json holds, for each action, where the lines stood: a list like the script's.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "viewer/app.h"

namespace divla {

class Script {
 public:
  // Reads the file. Throws InputError naming file, action and key. `frames` is made.
  Script(const std::filesystem::path& file, std::filesystem::path frames);

  // Once a frame, after App::Update. False when all is done; the results are then written. Throws InputError for an
  // action that cannot be done, with what the session says.
  bool Advance(App& app);

 private:
  // Begins an action; what comes back is asked every frame whether it is done.
  using Done = std::function<bool(App&)>;
  Done Begin(App& app, const nlohmann::json& action);
  Done BeginMore(App& app, const std::string& what, const nlohmann::json& action);
  Done Latency(App& app, double seconds);
  Done Query(App& app);
  Done LookInside(App& app, const nlohmann::json& action);
  Done Frames(App& app, double seconds);
  Done MousePush(App& app, const nlohmann::json& action);
  static bool AtOnce(App&) { return true; }
  static void KeepNext(App& app, const std::filesystem::path& file);  // the picture of the coming frame
  Done Settled() const;
  void Note(App& app);
  std::string Where() const;

  std::filesystem::path file_, frames_;
  nlohmann::json actions_, results_ = nlohmann::json::array();
  std::size_t next_{};
  Done done_;
  int idle_frames_{};
  std::optional<BranchForm> form_;
  nlohmann::json extra_;  // of the action that is being done
};

}  // namespace divla
