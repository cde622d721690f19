#include "harness/environment/worker_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace divla {
namespace {

TEST(WorkerPool, DoesEachItemOfEachBatchOnce) {
  for (const int threads : {0, 1, 3}) {
    WorkerPool pool(threads);
    EXPECT_EQ(pool.Workers(), std::max(1, threads));
    for (const int items : {0, 1, 2, 50}) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(items));
      std::atomic<bool> good{true};
      pool.Run(items, [&](int item, int worker) {
        ++done[static_cast<std::size_t>(item)];
        if (worker < 0 || worker >= pool.Workers()) good = false;
      });
      for (const auto& count : done) EXPECT_EQ(count, 1) << threads << " threads, " << items << " items";
      EXPECT_TRUE(good);
    }
  }
}

TEST(WorkerPool, WithoutThreadsTheCallerWorks) {
  WorkerPool pool(0);
  std::thread::id worked;
  pool.Run(1, [&](int, int) { worked = std::this_thread::get_id(); });
  EXPECT_EQ(worked, std::this_thread::get_id());
}

TEST(WorkerPool, ItemsRunAtTheSameTime) {
  WorkerPool pool(2);
  std::atomic<int> met{0};
  // Each waits for the other: one thread alone would never come back.
  pool.Run(2, [&](int, int) {
    ++met;
    while (met < 2) std::this_thread::yield();
  });
  EXPECT_EQ(met, 2);
}

TEST(WorkerPool, FinishesTheBatchThenThrowsTheFirstFailureAndWorksOn) {
  for (const int threads : {0, 1, 3}) {
    WorkerPool pool(threads);
    std::atomic<int> done{0};
    try {
      pool.Run(20, [&](int item, int) {
        ++done;
        if (item == 17 || item == 5 || item == 11) throw std::runtime_error(std::to_string(item));
      });
      ADD_FAILURE() << "expected an exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "5");
    }
    EXPECT_EQ(done, 20);
    pool.Run(1, [&](int, int) { ++done; });
    EXPECT_EQ(done, 21);
  }
}

TEST(WorkerPool, EndsEachWorkerOnItsThread) {
  for (const int threads : {0, 1, 3}) {
    std::mutex mutex;
    std::vector<std::thread::id> worked(static_cast<std::size_t>(std::max(1, threads)));
    std::multiset<int> ended;
    bool same = true;
    {
      WorkerPool pool(threads, [&](int worker) {
        const std::lock_guard lock(mutex);
        ended.insert(worker);
        const std::thread::id before = worked[static_cast<std::size_t>(worker)];
        same = same && (before == std::thread::id() || before == std::this_thread::get_id());
      });
      pool.Run(30, [&](int, int worker) {
        const std::lock_guard lock(mutex);
        worked[static_cast<std::size_t>(worker)] = std::this_thread::get_id();
      });
    }
    EXPECT_TRUE(same);
    EXPECT_EQ(static_cast<int>(ended.size()), std::max(1, threads));
    EXPECT_EQ(std::set<int>(ended.begin(), ended.end()).size(), ended.size());
  }
}

}  // namespace
}  // namespace divla
