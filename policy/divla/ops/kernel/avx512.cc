// AVX-512 without bfloat16 arithmetic. CMakeLists.txt sets the instruction set for this file alone.
#define DIVLA_KERNEL avx512
#include "policy/divla/ops/kernel/lanes_avx512.h"

namespace divla::kernel::avx512 {

// Known to the compiler: code that sets it when the program starts would run on every processor.
constinit const Kernels kKernels = {
    {Multiply<Float32Weights<Lanes>>, Multiply<Float16Weights<Lanes>>, Multiply<Bfloat16Weights<Lanes>>, nullptr},
    PackPairs<Lanes>,
    Read};

}  // namespace divla::kernel::avx512
