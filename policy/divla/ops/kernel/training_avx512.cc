// AVX-512. CMakeLists.txt sets the instruction set for this file alone.
#define DIVLA_KERNEL avx512
#include "policy/divla/ops/kernel/training_loops.h"

namespace divla::kernel {
namespace avx512 {

// Known to the compiler: code that sets it when the program starts would run on every processor.
constinit const TrainingLoops kTrainingLoops = {kLoopsOf<float>, kLoopsOf<Half>, SquareSum, Update};

}  // namespace avx512

}  // namespace divla::kernel
