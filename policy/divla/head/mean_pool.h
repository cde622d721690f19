// The condition of the released DiVLA code (film_forward; divla.md 1.4): the prompt's and the answer's hidden states are
// averaged, each goes through a projector of its own, and the answer's modulates the prompt's by FiLM, once.
//
//   prompt states ─ mean ─ m ─ Linear ─ GELU ─ Linear ─ a ─┐
//   answer states ─ mean ─ Linear ─ GELU ─ Linear ─ r ─────┴─ a (1 + scale(r)) + shift(r) + m ─ condition
#pragma once

#include "policy/divla/weights/params.h"

namespace divla {

void AddMeanPool(ParamSpecs& specs, std::int64_t width);

// prompt, answer: mean states (N, width), after the language model's final norm. -> (N, width)
// injected (N, 1): 0 where FiLM by the answer is the identity; undefined: it is 1 everywhere.
at::Tensor MeanPoolCondition(const ParamStore& params, const at::Tensor& prompt, const at::Tensor& answer,
                             const at::Tensor& injected = {});

}  // namespace divla
