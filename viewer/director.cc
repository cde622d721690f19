#include "viewer/director.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/action.h"

namespace divla {

Director::Director(Session& session) : session_(session), view_(session.View()) {}

void Director::Update(double seconds) {
  const bool idle = session_.IsIdle();  // asked first: then the view is at least as new
  view_ = session_.View();
  if (view_->opened != opened_) {
    opened_ = view_->opened;
    choice_ = asked_;
    scrubbed_.reset();
    playing_ = false;
    shown_ = 0;
  }
  if (!one_by_one_ || shown_ > Live()) shown_ = Live();
  if (!playing_ || view_->lines.empty()) return;
  if (view_->errors != errors_) {
    playing_ = false;
    return;
  }
  int behind = Last() + 1;
  bool open = false;
  for (const LineView& line : view_->lines) {
    if (!line.open) continue;
    open = true;
    behind = std::min(behind, line.live);
  }
  if (!open) {
    if (idle) playing_ = false;  // else the way back from the end may still be going on
    return;
  }
  const double steps = seconds * speed_ / kControlPeriod;
  // While a query keeps the simulation waiting, time stands still: it is not caught up with afterwards.
  goal_ = std::min(goal_ + steps, behind + std::max(1.0, steps));
  const int goal = static_cast<int>(std::floor(goal_));
  for (std::size_t i = 0; i < view_->lines.size(); ++i) {
    if (view_->lines[i].open && goal > view_->lines[i].live) session_.PlayTo(static_cast<int>(i), goal);
  }
}

void Director::Open(EpisodeChoice choice) {
  asked_ = choice;
  playing_ = false;
  session_.Open(std::move(choice));
}

void Director::NextSeed() {
  EpisodeChoice next = choice_;
  next.run.clear();
  ++next.key.index;
  Open(std::move(next));
}

int Director::Live() const {
  int live = 0;
  for (const LineView& line : view_->lines) live = std::max(live, line.live);
  return live;
}

int Director::Reached() const {
  int reached = Live();
  for (const LineView& line : view_->lines) {
    if (line.open) reached = std::min(reached, line.live);
  }
  return reached;
}

void Director::ShowNext() {
  if (!scrubbed_ && shown_ < Reached()) ++shown_;
}

int Director::Cursor() const { return std::min(scrubbed_.value_or(shown_), Last()); }

int Director::CursorOf(int line) const {
  return std::min(Cursor(), view_->lines.at(static_cast<std::size_t>(line)).Last());
}

std::shared_ptr<const StepView> Director::MomentOf(int line) const {
  return view_->lines.at(static_cast<std::size_t>(line)).steps.at(static_cast<std::size_t>(CursorOf(line)));
}

const StepView& Director::At(int line) const { return *MomentOf(line); }

int Director::Last() const {
  int last = 0;
  for (const LineView& line : view_->lines) last = std::max(last, line.Last());
  return last;
}

std::shared_ptr<const Thought> Director::ThinkingOf(int line) const {
  const bool present = view_->thinking_line == line && view_->thinking && view_->thinking->step == CursorOf(line);
  return present ? view_->thinking : nullptr;
}

std::shared_ptr<const Thought> Director::ThoughtOf(int line) const {
  if (auto thinking = ThinkingOf(line)) return thinking;
  const auto query = MomentOf(line)->query;
  return query ? query->thought : nullptr;
}

void Director::SetSpeed(double speed) { speed_ = std::clamp(speed, kSlowest, kFastest); }

// The simulation follows to where the person looks.
void Director::GoToCursor() {
  const int cursor = Cursor();
  for (std::size_t i = 0; i < view_->lines.size(); ++i) {
    const LineView& line = view_->lines[i];
    if (std::min(cursor, line.Last()) != line.live) session_.Seek(static_cast<int>(i), cursor);
  }
  scrubbed_.reset();
  shown_ = cursor;
  if (!one_by_one_) return;
  session_.WaitIdle();  // a film shows nothing of the way back
  view_ = session_.View();
}

void Director::Play() {
  if (!HasEpisode()) return;
  goal_ = Cursor();
  errors_ = view_->errors;
  if (scrubbed_) GoToCursor();
  playing_ = true;
}

void Director::PlayTo(int step) {
  if (!HasEpisode()) return;
  if (scrubbed_) GoToCursor();
  playing_ = false;
  for (std::size_t i = 0; i < view_->lines.size(); ++i) session_.PlayTo(static_cast<int>(i), step);
}

void Director::Pause() {
  playing_ = false;
  session_.Pause();
}

void Director::StepOnce() {
  if (HasEpisode()) PlayTo(Cursor() + 1);
}

void Director::StepQuery() {
  if (!HasEpisode()) return;
  if (scrubbed_) GoToCursor();
  playing_ = false;
  for (std::size_t i = 0; i < view_->lines.size(); ++i) session_.PlayQuery(static_cast<int>(i));
}

void Director::ScrubTo(int step) {
  Pause();
  scrubbed_ = std::clamp(step, 0, Last());
}

void Director::Branch(Edits edits) {
  if (!HasEpisode()) return;
  const int step = CursorOf(kEpisodeLine);
  Pause();
  session_.Branch(step, std::move(edits));
  scrubbed_ = step;  // the place where it is looked at stays, while the branch is made and until it is played
}

void Director::DropBranch() {
  Pause();
  session_.DropBranch();
}

void Director::PushBranch(Push push) {
  if (!HasEpisode()) return;
  const int step = Cursor();
  Pause();
  if (scrubbed_) GoToCursor();
  session_.PushBranch(std::move(push));
  scrubbed_ = step;  // as after Branch
}

void Director::SaveVideo(int line, std::filesystem::path file) {
  Pause();
  session_.SaveVideo(line, std::move(file));
}

void Director::Export(int line, std::filesystem::path run) {
  Pause();
  session_.Export(line, std::move(run));
}

}  // namespace divla
