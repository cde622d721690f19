// The kernels with AVX-512 (x86-64-v4). CMakeLists.txt sets the instruction set for this file alone.
#define DIVLA_KERNEL v4
#define DIVLA_LANES F16
#include "sim/render/software/kernel/simd16.h"
// After the lanes: the kernels are templates over them.
#include "sim/render/software/kernel/draw.h"
