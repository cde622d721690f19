// Plain C++, for every processor; and the choice between the sets.
#define DIVLA_KERNEL plain
#include "policy/divla/ops/kernel/training_loops.h"
#include "sim/check.h"

namespace divla::kernel {
namespace plain {

// Known to the compiler: code that sets it when the program starts would run on every processor.
constinit const TrainingLoops kTrainingLoops = {kLoopsOf<float>, kLoopsOf<Half>, SquareSum, Update};

}  // namespace plain

const TrainingLoops& TrainingLoopsFor(InstructionSet set) {
  DIVLA_CHECK(IsSupported(set), "instruction set");
  switch (set) {
    case InstructionSet::kPlain:
      return plain::kTrainingLoops;
    case InstructionSet::kAvx2:
      return avx2::kTrainingLoops;
    case InstructionSet::kAvx512:
    case InstructionSet::kAvx512Bf16:
      return avx512::kTrainingLoops;
  }
  return plain::kTrainingLoops;
}

const TrainingLoops& ChosenTrainingLoops() {
  static const TrainingLoops& chosen = TrainingLoopsFor(ChooseInstructionSet());
  return chosen;
}

}  // namespace divla::kernel
