// Closed-loop validation during training: a few clean episodes of each task between steps, so that one sees what a
// policy can do and not only its loss. Seeds from kFirstValidationSeed on belong to it: no suite and no demonstration
// uses them, so choosing a checkpoint by its validation says nothing about the episodes it will be tested on.
#pragma once

#include <functional>
#include <vector>

#include "harness/training/demonstration.h"
#include "policy/trainer.h"
#include "sim/render/renderer.h"

namespace divla {

// Throws InputError that begins with `where` for a seed of suites or demonstrations.
void CheckValidationSeed(std::uint64_t seed, const std::string& where);

// Runs the checkpoint in `request.checkpoint` on episodes 0 to episodes - 1 of each task. Results are in the order of
// the request and do not depend on `workers`; a task is missing when `stop` said so before it was finished. Throws as
// Evaluate does (harness/evaluation.h).
std::vector<ValidationResult> Validate(const ValidationRequest& request, int workers, RendererKind renderer,
                                       const std::function<bool()>& stop);

}  // namespace divla
