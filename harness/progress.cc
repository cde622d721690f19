#include "harness/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace divla {
namespace {

constexpr double kTerminalPeriod = 0.2;  // s between two states of the line
constexpr double kLogPeriod = 10.0;      // s between two lines of a log

}  // namespace

std::string FormatDuration(double seconds) {
  const auto whole = static_cast<long>(std::llround(std::max(0.0, seconds)));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

Progress::Progress(std::string what, int total, bool quiet)
    : what_(std::move(what)),
      total_(total),
      quiet_(quiet),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      printed_(start_) {}

Progress::~Progress() {
  if (terminal_ && started_ && !closed_) fmt::print(stderr, "\n");
}

void Progress::Advance(double units) {
  const std::lock_guard lock(mutex_);
  done_ += units;
  Print(false);
}

void Progress::Finished(bool success) {
  const std::lock_guard lock(mutex_);
  ++finished_;
  successes_ += success;
  Print(false);
}

void Progress::Close() {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  Print(true);
  closed_ = true;
}

std::string Progress::Line(double seconds) const {
  std::string line = fmt::format("{}/{} {}", finished_, total_, what_);
  if (finished_ > 0) line += fmt::format(", {} ok", successes_);
  line += fmt::format(", {}", FormatDuration(seconds));
  if (done_ > 0 && seconds > 0) {
    line += fmt::format(", {:.2f} {}/s", done_ / seconds, what_);
    const double left = seconds * (total_ - done_) / done_;
    if (finished_ < total_) line += ", " + FormatDuration(left) + " left";
  }
  return line;
}

void Progress::Print(bool last) {
  if (quiet_ || closed_) return;
  const auto now = Clock::now();
  const double period = terminal_ ? kTerminalPeriod : kLogPeriod;
  if (!last && std::chrono::duration<double>(now - printed_).count() < period) return;
  printed_ = now;
  started_ = true;
  const std::string line = Line(std::chrono::duration<double>(now - start_).count());
  // "\033[K" clears what a longer line left.
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r" : "", line, terminal_ ? "\033[K" : "\n");
  if (terminal_ && last) fmt::print(stderr, "\n");
  std::fflush(stderr);
}

}  // namespace divla
