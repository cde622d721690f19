// The drawing code, compiled once for each instruction set from kernel/: same sources, same bits, other vector widths.
#pragma once

#include "sim/render/software/frame_data.h"

namespace divla::software {

struct Kernels {
  std::int32_t lanes;                           // pixels at a time
  void (*draw_picture)(const Frame& frame);     // fills depth and key (opaque geoms) and color
  void (*add_transparent)(const Frame& frame);  // afterwards: depth and key as if transparent geoms were solid
};

enum class InstructionSet { kSse4, kAvx2, kAvx512 };

// "x86-64-v2", "x86-64-v3" or "x86-64-v4".
const char* ToString(InstructionSet set);
bool IsSupported(InstructionSet set);
// The widest that this processor supports; DIVLA_RENDER_ISA=v2, v3 or v4 asks for one (tests do). Throws MachineError
// when the processor has none of them (no SSE4.2) or not the one asked for, InputError for another word.
InstructionSet ChooseInstructionSet();
// DIVLA_CHECKs that the set is supported.
const Kernels& KernelsFor(InstructionSet set);

namespace v2 {
extern const Kernels kKernels;
}
namespace v3 {
extern const Kernels kKernels;
}
namespace v4 {
extern const Kernels kKernels;
}

}  // namespace divla::software
