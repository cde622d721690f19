#include <atomic>
#include <csignal>

#include "harness/cli/commands.h"

namespace divla {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch it");

void OnSignal(int signal) {
  interrupted = true;
  std::signal(signal, SIG_DFL);  // the second one ends the program at once
}

}  // namespace

void CatchInterrupts() {
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
}

bool Interrupted() { return interrupted; }

}  // namespace divla
