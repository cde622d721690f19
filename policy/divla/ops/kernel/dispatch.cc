#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/divla/ops/kernel/kernels.h"
#include "sim/check.h"

namespace divla::kernel {

const char* ToString(InstructionSet set) {
  switch (set) {
    case InstructionSet::kPlain:
      return "plain";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kAvx512:
      return "avx512";
    case InstructionSet::kAvx512Bf16:
      return "avx512_bf16";
  }
  return "";
}

bool IsSupported(InstructionSet set) {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  // Every processor with AVX2 has F16C, which clang 14 cannot ask for.
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  switch (set) {
    case InstructionSet::kPlain:
      return true;
    case InstructionSet::kAvx2:
      return avx2;
    case InstructionSet::kAvx512:
      return avx512;
    case InstructionSet::kAvx512Bf16:
      return avx512 && __builtin_cpu_supports("avx512bf16") != 0;
  }
  return false;
}

InstructionSet ChooseInstructionSet() {
  constexpr InstructionSet kAll[] = {InstructionSet::kAvx512Bf16, InstructionSet::kAvx512, InstructionSet::kAvx2,
                                     InstructionSet::kPlain};
  const char* variable = std::getenv("DIVLA_KERNEL_ISA");
  const std::string_view wanted = variable != nullptr ? variable : "";
  for (const InstructionSet set : kAll) {
    if (!wanted.empty() && wanted != ToString(set)) continue;
    if (IsSupported(set)) return set;
    if (!wanted.empty())
      throw MachineError("environment: DIVLA_KERNEL_ISA: this processor lacks " + std::string(wanted));
  }
  throw InputError("environment: DIVLA_KERNEL_ISA: expected plain, avx2, avx512 or avx512_bf16, found '" +
                   std::string(wanted) + "'");
}

const Kernels& KernelsFor(InstructionSet set) {
  DIVLA_CHECK(IsSupported(set), "the processor lacks this instruction set");
  switch (set) {
    case InstructionSet::kPlain:
      return plain::kKernels;
    case InstructionSet::kAvx2:
      return avx2::kKernels;
    case InstructionSet::kAvx512:
      return avx512::kKernels;
    case InstructionSet::kAvx512Bf16:
      return avx512_bf16::kKernels;
  }
  return plain::kKernels;
}

}  // namespace divla::kernel
