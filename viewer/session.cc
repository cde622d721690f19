#include "viewer/session.h"

#include <algorithm>
#include <utility>

namespace divla {

Session::Session(SourceOptions options)
    : options_(std::move(options)), view_(std::make_shared<SessionView>()), worker_([this] { Work(); }) {}

Session::~Session() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

void Session::Open(EpisodeChoice choice) {
  const std::lock_guard lock(mutex_);
  orders_ = {};
  branch_.reset();
  drop_branch_ = false;
  save_.reset();
  held_.reset();
  push_.reset();
  open_ = std::move(choice);
  changed_.notify_all();
}

void Session::PlayTo(int line, int step) {
  const std::lock_guard lock(mutex_);
  orders_.at(static_cast<std::size_t>(line)).play_to = step;
  orders_.at(static_cast<std::size_t>(line)).one_query = false;
  changed_.notify_all();
}

void Session::PlayQuery(int line) {
  const std::lock_guard lock(mutex_);
  Orders& orders = orders_.at(static_cast<std::size_t>(line));
  if (orders.one_query) return;
  orders.one_query = true;
  orders.play_to = -1;
  changed_.notify_all();
}

void Session::Pause() {
  const std::lock_guard lock(mutex_);
  for (Orders& orders : orders_) {
    orders.play_to = -1;
    orders.one_query = false;
  }
  changed_.notify_all();
}

void Session::Seek(int line, int step) {
  const std::lock_guard lock(mutex_);
  orders_.at(static_cast<std::size_t>(line)) = {.seek = step};
  changed_.notify_all();
}

void Session::Branch(int step, Edits edits) {
  const std::lock_guard lock(mutex_);
  orders_ = {};
  held_.reset();
  push_.reset();
  branch_ = BranchOrder{step, std::move(edits)};
  changed_.notify_all();
}

void Session::DropBranch() {
  const std::lock_guard lock(mutex_);
  orders_[kBranchLine] = {};
  branch_.reset();
  held_.reset();
  push_.reset();
  drop_branch_ = true;
  changed_.notify_all();
}

void Session::HoldPush(std::optional<Push> push) {
  const std::lock_guard lock(mutex_);
  held_ = std::move(push);
}

void Session::PushBranch(Push push) {
  const std::lock_guard lock(mutex_);
  orders_[kBranchLine].play_to = -1;
  orders_[kBranchLine].one_query = false;
  push_ = std::move(push);
  changed_.notify_all();
}

void Session::SaveVideo(int line, std::filesystem::path file) {
  const std::lock_guard lock(mutex_);
  save_ = SaveOrder{line, std::move(file), true};
  changed_.notify_all();
}

void Session::Export(int line, std::filesystem::path run) {
  const std::lock_guard lock(mutex_);
  save_ = SaveOrder{line, std::move(run), false};
  changed_.notify_all();
}

std::shared_ptr<const SessionView> Session::View() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

bool Session::IsIdle() const {
  const std::lock_guard lock(mutex_);
  return Idle();
}

void Session::WaitIdle() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return Idle(); });
}

void Session::DelayQueries(std::chrono::milliseconds delay) {
  const std::lock_guard lock(mutex_);
  delay_ = delay;
}

bool Session::Idle() const {
  if (busy_ || open_ || branch_ || drop_branch_ || save_ || push_) return false;
  return std::none_of(orders_.begin(), orders_.end(),
                      [](const Orders& o) { return o.seek || o.play_to >= 0 || o.one_query; });
}

}  // namespace divla
