#include "harness/environment/worker_pool.h"

#include <utility>

#include "sim/check.h"

namespace divla {

WorkerPool::WorkerPool(int threads, std::function<void(int)> at_end) : at_end_(std::move(at_end)) {
  DIVLA_CHECK(threads >= 0, "a number of threads");
  for (int worker = 0; worker < threads; ++worker) threads_.emplace_back([this, worker] { Wait(worker); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  begun_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  if (threads_.empty() && at_end_) at_end_(0);
}

void WorkerPool::Run(int items, const Work& work) {
  std::unique_lock lock(mutex_);
  DIVLA_CHECK(work_ == nullptr, "one batch at a time");
  work_ = &work;
  items_ = items;
  next_ = 0;
  failure_ = nullptr;
  if (threads_.empty()) {
    lock.unlock();
    DoItems(0);
    lock.lock();
  } else {
    ++batch_;
    busy_ = static_cast<int>(threads_.size());
    begun_.notify_all();
    finished_.wait(lock, [this] { return busy_ == 0; });
  }
  work_ = nullptr;
  if (const std::exception_ptr failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
}

void WorkerPool::Wait(int worker) {
  std::uint64_t done = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    begun_.wait(lock, [&] { return closing_ || batch_ != done; });
    if (closing_) break;
    done = batch_;
    lock.unlock();
    DoItems(worker);
    lock.lock();
    if (--busy_ == 0) finished_.notify_one();
  }
  lock.unlock();
  if (at_end_) at_end_(worker);
}

void WorkerPool::DoItems(int worker) {
  while (true) {
    int item = 0;
    {
      const std::lock_guard lock(mutex_);
      if (next_ >= items_) return;
      item = next_++;
    }
    try {
      (*work_)(item, worker);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_ || item < failed_item_) {
        failure_ = std::current_exception();
        failed_item_ = item;
      }
    }
  }
}

}  // namespace divla
