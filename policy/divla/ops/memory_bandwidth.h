// How fast this machine reads memory: the bound of everything that reads each weight once (skinny_product.h).
#pragma once

#include <cstdint>

namespace divla {

// Reads `bytes` of ordinary memory (1 GB or more, or the caches take part) with `threads` threads, `passes` times, with
// the widest loads of the instruction set in use (kernel/kernels.h). -> GB/s (10^9 bytes) of the fastest pass. Takes and
// frees the memory. For `divla bench`: it looks at the clock. threads and passes from 1; bytes from 1 MB.
double MeasureReadBandwidth(int threads, std::int64_t bytes, int passes);

}  // namespace divla
