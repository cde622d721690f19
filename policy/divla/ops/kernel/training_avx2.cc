// AVX2. CMakeLists.txt sets the instruction set for this file alone.
#define DIVLA_KERNEL avx2
#include "policy/divla/ops/kernel/training_loops.h"

namespace divla::kernel {
namespace avx2 {

// Known to the compiler: code that sets it when the program starts would run on every processor.
constinit const TrainingLoops kTrainingLoops = {kLoopsOf<float>, kLoopsOf<Half>, SquareSum, Update};

}  // namespace avx2

}  // namespace divla::kernel
