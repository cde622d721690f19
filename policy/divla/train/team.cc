#include "policy/divla/train/team.h"

#include <ATen/Parallel.h>

#include <utility>

namespace divla {

Team::Team(int count) : errors_(static_cast<std::size_t>(count)), begin_(count + 1), end_(count + 1) {
  for (int i = 0; i < count; ++i) threads_.emplace_back([this, i] { Loop(i); });
}

Team::~Team() {
  stop_ = true;
  begin_.arrive_and_wait();
  for (std::thread& thread : threads_) thread.join();
}

void Team::Run(const std::function<void(int)>& job) {
  job_ = &job;
  begin_.arrive_and_wait();
  end_.arrive_and_wait();
  for (std::exception_ptr& error : errors_) {
    if (error) std::rethrow_exception(std::exchange(error, nullptr));
  }
}

void Team::Loop(int index) {
  at::set_num_threads(1);  // LibTorch's own threads would wait for each other at every operation
  while (true) {
    begin_.arrive_and_wait();
    if (stop_) return;
    try {
      (*job_)(index);
    } catch (...) {
      errors_[static_cast<std::size_t>(index)] = std::current_exception();
    }
    end_.arrive_and_wait();
  }
}

}  // namespace divla
