// Session's worker thread: takes the orders one by one, plays, and says what is known now.
#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "harness/policy_view.h"
#include "sim/check.h"
#include "viewer/save.h"
#include "viewer/session.h"

namespace divla {
namespace {

// First step from `origin` at which the two differ, as far as both go; -1: none.
int FirstDifference(const LineView& a, const LineView& b, int origin) {
  const int last = std::min(a.Last(), b.Last());
  for (int step = origin; step <= last; ++step) {
    const auto& x = a.steps[static_cast<std::size_t>(step)]->state;
    const auto& y = b.steps[static_cast<std::size_t>(step)]->state;
    if (x.size() != y.size() || std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) != 0) return step;
  }
  return -1;
}

// Step of the first query from `origin` on that both lines have made and whose texts differ; -1: none.
int FirstOtherText(const LineView& a, const LineView& b, int origin) {
  const int last = std::min(a.Last(), b.Last());
  for (int step = origin + 1; step <= last; ++step) {
    const auto& x = a.steps[static_cast<std::size_t>(step)]->query;
    const auto& y = b.steps[static_cast<std::size_t>(step)]->query;
    if (x && y && x->reasoning.text != y->reasoning.text) return y->step;
  }
  return -1;
}

}  // namespace

// The line that is furthest behind goes first, so that two lines run side by side. -1: none plays.
int Session::NextLine() const {
  int next = -1;
  for (int line = 0; line < 2; ++line) {
    const Orders& orders = orders_[static_cast<std::size_t>(line)];
    if (orders.play_to < 0 && !orders.one_query) continue;
    const auto& candidate = lines_[static_cast<std::size_t>(line)];
    if (next < 0 || !candidate || candidate->Live() < lines_[static_cast<std::size_t>(next)]->Live()) {
      next = line;
      if (!candidate) return next;  // an order for a line that is not there: it is dropped
    }
  }
  return next;
}

void Session::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return quit_ || !Idle(); });
    if (quit_) break;
    busy_ = true;
    if (open_) {
      const EpisodeChoice choice = *std::exchange(open_, std::nullopt);
      lock.unlock();
      Do([&] { DoOpen(choice); });
    } else if (branch_ || drop_branch_) {
      const auto order = std::exchange(branch_, std::nullopt);
      drop_branch_ = false;
      lock.unlock();
      Do([&] {
        lines_[kBranchLine].reset();
        parted_at_ = texts_parted_at_ = -1;
        if (!order || !lines_[kEpisodeLine]) return;
        Line& episode = *lines_[kEpisodeLine];
        const int step = std::clamp(order->step, 0, episode.View().Last());
        lines_[kBranchLine] = std::make_unique<Line>(episode, step, order->edits);
        lines_[kBranchLine]->WatchThoughts(ShowThoughtsOf(kBranchLine));
      });
    } else if (save_) {
      const SaveOrder order = *std::exchange(save_, std::nullopt);
      lock.unlock();
      Do([&] { DoSave(order); });
    } else if (orders_[0].seek || orders_[1].seek) {
      const std::size_t line = orders_[0].seek ? 0 : 1;
      const int step = *std::exchange(orders_[line].seek, std::nullopt);
      lock.unlock();
      Do([&] {
        if (lines_[line]) lines_[line]->Seek(std::clamp(step, lines_[line]->Origin(), lines_[line]->View().Last()));
      });
    } else if (push_) {
      const Push push = *std::exchange(push_, std::nullopt);
      lock.unlock();
      Do([&] { DoPush(push); });
    } else {
      const int line = NextLine();
      lock.unlock();
      if (line >= 0) Do([&] { PlayOne(line); });
    }
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
  lock.unlock();
  // On the thread that made them.
  for (auto& line : lines_) line.reset();
  agent_.reset();
  renderer_.reset();
}

// Catches what the person can mend or must know; the session goes on.
void Session::Do(const std::function<void()>& work) {
  error_.clear();
  try {
    work();
  } catch (const std::bad_alloc&) {
    error_ = "out of memory";
  } catch (const std::exception& exception) {
    error_ = exception.what();
  }
  if (!error_.empty()) {
    ++errors_;
    Pause();
  }
  Publish(false);
}

Renderer& Session::MyRenderer() {
  if (!renderer_) renderer_ = PolicyRenderer(RendererKind::kSoftware);
  return *renderer_;
}

void Session::DoOpen(const EpisodeChoice& choice) {
  {
    const std::lock_guard lock(mutex_);
    auto opening = std::make_shared<SessionView>(*view_);
    opening->state = SessionState::kOpening;
    opening->error.clear();
    view_ = std::move(opening);
  }
  const RendererSource renderer = [this]() -> Renderer& { return MyRenderer(); };
  // The old episode stays until the new one is there: a wrong name costs nothing.
  OpenedEpisode opened = OpenEpisode(choice, options_, renderer);
  auto line = std::make_unique<Line>(*opened.facts->task, opened.facts->plan, choice.control, *opened.agent, renderer,
                                     std::move(opened.edited));
  line->WatchThoughts(ShowThoughtsOf(kEpisodeLine));
  DescribePlay(line->GetEpisode(), line->Kind(), *opened.facts);
  if (opened.facts->log) line->CompareWith(*opened.facts->log);
  for (auto& old : lines_) old.reset();
  agent_ = std::move(opened.agent);
  facts_ = std::move(opened.facts);
  choice_ = choice;
  lines_[kEpisodeLine] = std::move(line);
  ++opened_;
  parted_at_ = texts_parted_at_ = -1;
}

void Session::PlayOne(int which) {
  const auto index = static_cast<std::size_t>(which);
  Line* line = lines_[index].get();
  const bool can = line != nullptr && line->Open();
  bool delayed = false;
  {
    std::unique_lock lock(mutex_);
    Orders& orders = orders_[index];
    if (!can || (!orders.one_query && line->Live() >= orders.play_to)) {
      orders.play_to = -1;
      orders.one_query = false;
      return;
    }
    delayed = delay_.count() > 0 && line->AsksNext();
  }
  const int before = line->Live();
  if (line->AsksNext()) Publish(true);
  if (delayed) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, delay_, [this] { return quit_; });
    if (quit_) return;
  }
  if (which == kBranchLine) {
    std::optional<Push> held;
    {
      const std::lock_guard lock(mutex_);
      held = held_;
    }
    if (held) {
      held->steps = 1;
      DoPush(*held);
    }
  }
  line->Step();
  const std::lock_guard lock(mutex_);
  Orders& orders = orders_[index];
  if (orders.one_query) {
    const bool stop =
        line->AsksNext() || (line->View().steps.back()->query == nullptr && (before + 1) % kWithoutQueries == 0);
    if (stop || !line->Open()) orders.one_query = false;
  } else if (orders.play_to >= 0 && (line->Live() >= orders.play_to || !line->Open())) {
    orders.play_to = -1;
  }
}

// On the worker, from within a query: the view of before, and what was thought since.
ThoughtWatcher Session::ShowThoughtsOf(int line) {
  return [this, line](std::shared_ptr<const Thought> thought) {
    const std::lock_guard lock(mutex_);
    auto view = std::make_shared<SessionView>(*view_);
    view->thinking_line = line;
    view->thinking = std::move(thought);
    view_ = std::move(view);
  };
}

void Session::DoPush(const Push& push) {
  Line* branch = lines_[kBranchLine].get();
  if (branch == nullptr) throw InputError("push: expected a branch, found none");
  branch->PushFromHere(push);
  // What came later is forgotten.
  if (parted_at_ > branch->Live()) parted_at_ = -1;
  if (texts_parted_at_ >= branch->Live()) texts_parted_at_ = -1;
}

void Session::DoSave(const SaveOrder& order) {
  const auto index = static_cast<std::size_t>(order.line);
  if (!lines_.at(index)) throw InputError("there is no such line to save");
  Line& line = *lines_[index];
  if (order.video) {
    WriteLineVideo(order.line == kBranchLine ? lines_[kEpisodeLine].get() : nullptr, line, *agent_, MyRenderer(),
                   order.path);
  } else {
    ExportLine(line, choice_, *facts_, *agent_, MyRenderer(), order.path);
  }
  saved_ = order.path.string();
  ++saves_;
}

void Session::Publish(bool asking) {
  auto view = std::make_shared<SessionView>();
  view->asking = asking;
  view->error = error_;
  view->errors = errors_;
  view->opened = opened_;
  view->saved = saved_;
  view->saves = saves_;
  view->facts = facts_;
  for (const auto& line : lines_) {
    if (line) view->lines.push_back(line->View());
  }
  if (lines_[kBranchLine]) {
    const LineView& episode = lines_[kEpisodeLine]->View();
    const LineView& branch = lines_[kBranchLine]->View();
    if (parted_at_ < 0) parted_at_ = FirstDifference(episode, branch, branch.origin);
    if (texts_parted_at_ < 0) texts_parted_at_ = FirstOtherText(episode, branch, branch.origin);
    view->parted_at = parted_at_;
    view->texts_parted_at = texts_parted_at_;
  }
  const std::lock_guard lock(mutex_);
  const bool plays =
      std::any_of(orders_.begin(), orders_.end(), [](const Orders& o) { return o.play_to >= 0 || o.one_query; });
  view->state = facts_ == nullptr ? SessionState::kEmpty : plays ? SessionState::kRunning : SessionState::kIdle;
  view_ = std::move(view);
}

}  // namespace divla
