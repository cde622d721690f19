// Progress on stderr: how much is done, how fast, how long it will take. On a terminal one line that is written over;
// elsewhere a new line every 10 s. Never part of a result. Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace divla {

// "1 h 02 min", "3 min 05 s", "12 s".
std::string FormatDuration(double seconds);

class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  // `what` names the unit: "episodes". A quiet one prints nothing.
  Progress(std::string what, int total, bool quiet);
  ~Progress();  // leaves a started line of the terminal; prints nothing else, so that an error stays one line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Work done since the last call, in units (a control step of an episode is 1/horizon): moves the estimate between
  // finished units.
  void Advance(double units);
  // One unit is finished, well or not.
  void Finished(bool success);
  // Prints the last state and ends the line.
  void Close();

 private:
  void Print(bool last);
  std::string Line(double seconds) const;

  std::string what_;
  int total_;
  bool quiet_;
  bool terminal_;
  std::mutex mutex_;
  Clock::time_point start_;
  Clock::time_point printed_;
  double done_{};
  int finished_{}, successes_{};
  bool started_{};  // a state stands on the terminal
  bool closed_{};
};

}  // namespace divla
