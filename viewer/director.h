// Director: what the buttons, keys and scripts do. Turns the person's pace (speed, scrubbing, which lines) into orders
// for a Session. Knows no window; one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "viewer/session.h"

namespace divla {

inline constexpr double kSlowest = 0.1, kFastest = 8;  // times real time

class Director {
 public:
  explicit Director(Session& session);  // outlives the director

  // Once a frame: takes the newest view, and hands out the control steps that `seconds` of wall time are worth.
  void Update(double seconds);
  const SessionView& View() const { return *view_; }
  bool HasEpisode() const { return view_->facts != nullptr; }

  void Open(EpisodeChoice choice);
  const EpisodeChoice& Choice() const { return choice_; }  // of the episode that is open
  void NextSeed();  // the next episode of the same cell; of a replay: the same as a live episode

  // The moment that is shown, in control steps: where the person scrubbed to, else where the simulation stands.
  int Cursor() const;
  int CursorOf(int line) const;                              // the same, at most that line's last step
  const StepView& At(int line) const;                        // of the lines there are
  std::shared_ptr<const StepView> MomentOf(int line) const;  // the same, kept by its holder
  int Last() const;                                          // of the longest line
  // The query that is going on, where the line's present is shown; else null.
  std::shared_ptr<const Thought> ThinkingOf(int line) const;
  // The same, or what happened inside the last query before the moment that is shown. Null: none, or nobody knows.
  std::shared_ptr<const Thought> ThoughtOf(int line) const;

  bool Playing() const { return playing_ || view_->state == SessionState::kRunning; }
  double Speed() const { return speed_; }
  void SetSpeed(double speed);  // clipped to kSlowest .. kFastest
  void Play();                  // from the cursor, all lines
  void PlayTo(int step);        // the same, as fast as it goes, until `step`
  void Pause();
  void StepOnce();
  void StepQuery();
  void ScrubTo(int step);
  void Reset() { ScrubTo(0); }
  // From the cursor on; it is taken back by DropBranch.
  void Branch(Edits edits);
  void DropBranch();
  // Of the branch, see Session. A push that is not held begins at the cursor.
  void HoldPush(std::optional<Push> push) { session_.HoldPush(std::move(push)); }
  void PushBranch(Push push);
  // Of one line; see Session.
  void SaveVideo(int line, std::filesystem::path file);
  void Export(int line, std::filesystem::path run);

  // While the window is recorded: no moment is passed over, however fast the lines are played. Each is shown until
  // ShowNext. A moment is there when every line that goes on has reached it.
  void ShowOneByOne(bool on) { one_by_one_ = on; }
  void ShowNext();
  bool CaughtUp() const { return scrubbed_.has_value() || shown_ >= Reached(); }

 private:
  void GoToCursor();
  int Live() const;
  int Reached() const;

  Session& session_;
  std::shared_ptr<const SessionView> view_;
  EpisodeChoice choice_, asked_;  // what is open; what was asked for last
  std::optional<int> scrubbed_;
  int shown_{};  // where not scrubbed
  bool one_by_one_{};
  bool playing_{};
  double speed_{1};
  double goal_{};  // control steps, while playing
  int opened_{};
  int errors_{};  // when playing began
};

}  // namespace divla
