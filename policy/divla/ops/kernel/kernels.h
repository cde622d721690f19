// The inner loops of products with few rows and of the memory read test, compiled once for each instruction set.
// Nothing here needs torch; any thread may call.
#pragma once

#include <cstdint>

namespace divla::kernel {

enum class InstructionSet { kPlain, kAvx2, kAvx512, kAvx512Bf16 };

// "plain", "avx2", "avx512" or "avx512_bf16".
const char* ToString(InstructionSet set);
// Plain C++ runs everywhere; AVX2 stands for AVX2 with FMA and F16C, AVX-512 for F, BW, DQ and VL.
bool IsSupported(InstructionSet set);
// The widest that this processor supports; DIVLA_KERNEL_ISA, one of the names above, asks for one (tests do). Throws
// MachineError when the processor lacks the one asked for, InputError for another word.
InstructionSet ChooseInstructionSet();

// How weights lie in memory and what the rows of x are packed into beside them.
enum Format : int {
  kFloat32Weights,   // x: float, in order
  kFloat16Weights,   // x: float, in order
  kBfloat16Weights,  // x: float, see `pack_pairs`
  kBfloat16Dots,     // weights and x bfloat16, in order; products of pairs by one instruction
  kFormats
};

// x is padded with zeros to a multiple of this many numbers.
inline constexpr std::int64_t kPadding = 32;

// sums[r * stride + o] = sum over k of x[r][k] * weight[o][k], for o in [0, outputs). The order of the sum depends on
// the instruction set, the format and `depth` only: neither on the number of rows nor on the number of outputs.
struct Job {
  const void* x{};                // rows x `x_stride` numbers, 64-byte aligned
  std::int64_t x_stride{};        // numbers, a multiple of kPadding that is at least `depth`
  const unsigned char* weight{};  // outputs x depth, any alignment; not read outside of it
  std::int64_t rows{}, outputs{}, depth{};
  float* sums{};
  std::int64_t stride{};
};

struct Kernels {
  void (*multiply[kFormats])(const Job& job);  // [kBfloat16Dots] is null where the processor lacks the instruction
  // Puts `count` floats, a multiple of kPadding, into the order in which kBfloat16Weights reads them. In place: no.
  void (*pack_pairs)(const float* in, std::int64_t count, float* out);
  // The sum of all 8-byte numbers, each read once and as fast as this machine can. `bytes` is a multiple of 4096.
  std::uint64_t (*read)(const void* data, std::int64_t bytes);
};

// DIVLA_CHECKs that the set is supported.
const Kernels& KernelsFor(InstructionSet set);

namespace plain {
extern const Kernels kKernels;
}
namespace avx2 {
extern const Kernels kKernels;
}
namespace avx512 {
extern const Kernels kKernels;
}
namespace avx512_bf16 {
extern const Kernels kKernels;
}

}  // namespace divla::kernel
