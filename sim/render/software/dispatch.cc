#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/check.h"
#include "sim/render/software/kernels.h"

namespace divla::software {

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
      return __builtin_cpu_supports("x86-64-v2") != 0;
    case InstructionSet::kAvx2:
      return __builtin_cpu_supports("x86-64-v3") != 0;
    case InstructionSet::kAvx512:
      return __builtin_cpu_supports("x86-64-v4") != 0;
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
