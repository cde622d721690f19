#include "policy/divla/head/mean_pool.h"

#include "policy/divla/ops/ops.h"

namespace divla {
namespace {

const std::string kPrompt = "input_action_proj.mlps.", kAnswer = "reasoning_action_proj.mlps.";
const std::string kFilm = "reasoning_film.";

at::Tensor Projected(const ParamStore& params, const std::string& prefix, const at::Tensor& mean) {
  return Linear(params, prefix + "2", Gelu(Linear(params, prefix + "0", mean)));
}

}  // namespace

void AddMeanPool(ParamSpecs& specs, std::int64_t width) {
  for (const std::string& projector : {kPrompt, kAnswer}) {
    AddLinear(specs, projector + "0", width, width);
    AddLinear(specs, projector + "2", width, width);
  }
  for (const char* part : {"scale_fc", "shift_fc"}) {  // zero at first: the answer does nothing yet
    specs.push_back({kFilm + part + ".weight", {width, width}, Init::kZero, 1.0, true});
    specs.push_back({kFilm + part + ".bias", {width}, Init::kZero});
  }
}

at::Tensor MeanPoolCondition(const ParamStore& params, const at::Tensor& prompt, const at::Tensor& answer,
                             const at::Tensor& injected) {
  const at::Tensor a = Projected(params, kPrompt, prompt), r = Projected(params, kAnswer, answer);
  at::Tensor scale = Linear(params, kFilm + "scale_fc", r), shift = Linear(params, kFilm + "shift_fc", r);
  if (injected.defined()) {
    scale = scale * injected;
    shift = shift * injected;
  }
  return a * (scale + 1.0) + shift + prompt;
}

}  // namespace divla
