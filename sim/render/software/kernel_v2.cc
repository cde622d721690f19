// The kernels with SSE4.2 (x86-64-v2). CMakeLists.txt sets the instruction set for this file alone.
#define DIVLA_KERNEL v2
#define DIVLA_LANES F4
#include "sim/render/software/kernel/simd4.h"
// After the lanes: the kernels are templates over them.
#include "sim/render/software/kernel/draw.h"
