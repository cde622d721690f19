#include "policy/divla/ops/memory_bandwidth.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "policy/divla/ops/kernel/kernels.h"
#include "sim/check.h"

namespace divla {
namespace {

// The pieces that products are divided into have the same size.
constexpr std::int64_t kPieceBytes = 256 * 1024;

}  // namespace

double MeasureReadBandwidth(int threads, std::int64_t bytes, int passes) {
  DIVLA_CHECK(threads >= 1 && passes >= 1 && bytes >= (1 << 20), "a measurable reading of memory");
  const kernel::Kernels& kernels = kernel::KernelsFor(kernel::ChooseInstructionSet());
  const std::int64_t pieces = bytes / kPieceBytes;
  // Written once: memory that was never written is one page of zeros everywhere.
  std::vector<unsigned char> memory(static_cast<std::size_t>(pieces * kPieceBytes), 1);
  double best = 0;
  for (int pass = 0; pass < passes; ++pass) {
    std::atomic<std::int64_t> next = 0;
    std::atomic<std::uint64_t> sum = 0;
    const auto read = [&] {
      for (std::int64_t i = next++; i < pieces; i = next++)
        sum += kernels.read(memory.data() + i * kPieceBytes, kPieceBytes);
    };
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> others;
    for (int thread = 1; thread < threads; ++thread) others.emplace_back(read);
    read();
    for (std::thread& other : others) other.join();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    DIVLA_CHECK(sum == static_cast<std::uint64_t>(memory.size() / 8) * 0x0101010101010101U, "bytes left out");
    best = std::max(best, static_cast<double>(memory.size()) / seconds.count() / 1e9);
  }
  return best;
}

}  // namespace divla
