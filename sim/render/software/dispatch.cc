#include <cpuid.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/check.h"
#include "sim/render/software/kernels.h"

namespace divla::software {
namespace {

// The levels of the x86-64 psABI, feature by feature: clang 14 does not know them by name, nor the last three of v3.
// The builtin also asks whether the operating system keeps the registers.
bool HasV2() {
  return __builtin_cpu_supports("ssse3") != 0 && __builtin_cpu_supports("sse4.2") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
}

bool HasMovbeF16cLzcnt() {
  unsigned a = 0, b = 0, c = 0, d = 0, extended = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return false;
  if (__get_cpuid(0x80000001, &a, &b, &extended, &d) == 0) return false;
  constexpr unsigned kMovbe = 1u << 22, kF16c = 1u << 29, kLzcnt = 1u << 5;
  return (c & kMovbe) != 0 && (c & kF16c) != 0 && (extended & kLzcnt) != 0;
}

bool HasV3() {
  return HasV2() && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
         __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 && HasMovbeF16cLzcnt();
}

bool HasV4() {
  return HasV3() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0;
}

}  // namespace

const char* ToString(InstructionSet set) {
  switch (set) {
    case InstructionSet::kSse4:
      return "x86-64-v2";
    case InstructionSet::kAvx2:
      return "x86-64-v3";
    case InstructionSet::kAvx512:
      return "x86-64-v4";
  }
  return "";
}

bool IsSupported(InstructionSet set) {
  __builtin_cpu_init();
  switch (set) {
    case InstructionSet::kSse4:
      return HasV2();
    case InstructionSet::kAvx2:
      return HasV3();
    case InstructionSet::kAvx512:
      return HasV4();
  }
  return false;
}

InstructionSet ChooseInstructionSet() {
  constexpr InstructionSet kAll[] = {InstructionSet::kAvx512, InstructionSet::kAvx2, InstructionSet::kSse4};
  const char* variable = std::getenv("DIVLA_RENDER_ISA");
  const std::string_view wanted = variable != nullptr ? variable : "";
  for (const InstructionSet set : kAll) {
    const std::string_view name = ToString(set);  // "x86-64-v3"
    if (!wanted.empty() && wanted != name.substr(name.size() - 2)) continue;
    if (IsSupported(set)) return set;
    if (!wanted.empty()) throw MachineError("environment: DIVLA_RENDER_ISA: this processor lacks " + std::string(name));
  }
  if (!wanted.empty()) {
    throw InputError("environment: DIVLA_RENDER_ISA: expected v2, v3 or v4, found '" + std::string(wanted) + "'");
  }
  throw MachineError("the software renderer needs a processor with SSE4.2 (x86-64-v2)");
}

const Kernels& KernelsFor(InstructionSet set) {
  DIVLA_CHECK(IsSupported(set), "the processor lacks this instruction set");
  switch (set) {
    case InstructionSet::kSse4:
      return v2::kKernels;
    case InstructionSet::kAvx2:
      return v3::kKernels;
    case InstructionSet::kAvx512:
      return v4::kKernels;
  }
  return v2::kKernels;
}

}  // namespace divla::software
