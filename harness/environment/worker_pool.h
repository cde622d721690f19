// Threads that wait for work: items of one batch are handed out one by one, so a slow item holds up no other. Which thread
// does an item is not decided by anything that may reach a result.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace divla {

class WorkerPool {
 public:
  // `item` of the batch, and which worker does it, in [0, Workers()).
  using Work = std::function<void(int item, int worker)>;

  // 0 threads: the caller does all the work itself, as worker 0. Such a pool survives a fork; threads do not.
  // `at_end` is called for each worker, on its thread, when the pool ends: for what belongs to that thread.
  explicit WorkerPool(int threads, std::function<void(int worker)> at_end = {});
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int Workers() const { return threads_.empty() ? 1 : static_cast<int>(threads_.size()); }
  // Calls `work` once for each item of [0, items) and returns when all are done, also when some of them throw; then
  // throws what the item with the lowest number threw. One call at a time.
  void Run(int items, const Work& work);

 private:
  void Wait(int worker);
  void DoItems(int worker);

  const std::function<void(int)> at_end_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // all of the following
  std::condition_variable begun_, finished_;
  std::uint64_t batch_{};  // number of the batch, so that a thread takes part in each once
  bool closing_{};
  const Work* work_{};
  int items_{}, next_{}, busy_{};
  int failed_item_{};  // the lowest so far
  std::exception_ptr failure_;
};

}  // namespace divla
