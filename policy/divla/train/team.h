// One thread for each replica, all waiting for a job. The calling thread runs none of them.
#pragma once

#include <barrier>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace divla {

class Team {
 public:
  explicit Team(int count);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return static_cast<int>(threads_.size()); }
  // Runs job(0) to job(size - 1), each on its thread, and waits for all. Rethrows the first error of the lowest number.
  void Run(const std::function<void(int)>& job);

 private:
  void Loop(int index);

  const std::function<void(int)>* job_{};
  std::vector<std::exception_ptr> errors_;
  std::barrier<> begin_, end_;
  bool stop_{};
  std::vector<std::thread> threads_;
};

}  // namespace divla
