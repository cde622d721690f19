// The kernels with AVX2 (x86-64-v3). CMakeLists.txt sets the instruction set for this file alone.
#define DIVLA_KERNEL v3
#define DIVLA_LANES F8
#include "sim/render/software/kernel/simd8.h"
// After the lanes: the kernels are templates over them.
#include "sim/render/software/kernel/draw.h"
