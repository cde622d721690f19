#include "policy/divla/train/loss.h"

#include <cmath>

#include "policy/divla/head/condition.h"
#include "policy/divla/head/normalizer.h"
#include "policy/divla/head/unet.h"
#include "policy/divla/model.h"

namespace divla {
namespace {

constexpr double kBackgroundWeight = 0.1;
constexpr double kOffsetWeight = 2.0;

// KL divergence to a Gaussian over the bins; log_probabilities (N, V) over the whole vocabulary.
at::Tensor LocationLoss(const TrainConfig& config, const at::Tensor& log_probabilities, const at::Tensor& labels,
                        int first_location_id) {
  const at::Tensor bins = at::arange(kLocationBins, at::kFloat);
  const at::Tensor distance = (bins - labels.unsqueeze(1).to(at::kFloat)) / config.location_sigma;
  const at::Tensor target = at::softmax(-0.5 * distance * distance, 1);
  const at::Tensor own = log_probabilities.narrow(1, first_location_id, kLocationBins);
  return (at::xlogy(target, target) - target * own).sum(1).mean();
}

at::Tensor AuxiliaryLoss(const ParamStore& params, const Batch& batch, const at::Tensor& visual) {
  const at::Tensor out =
      Linear(params, "train.cells.fc", LayerNorm(params, "train.cells.norm", visual)).flatten(0, -2).to(at::kFloat);
  const std::int64_t classes = out.size(1) - 2;  // with "nothing" as the last
  const at::Tensor log_probabilities = at::log_softmax(out.narrow(1, 0, classes), 1);
  const at::Tensor weights = at::full({classes}, 1.0, at::kFloat);
  weights[classes - 1] = kBackgroundWeight;
  const at::Tensor classification = at::nll_loss(log_probabilities, batch.cell_class, weights);
  if (batch.cell_at.numel() == 0) return classification;
  const at::Tensor offset = out.narrow(1, classes, 2).index_select(0, batch.cell_at);
  return classification + kOffsetWeight * (offset - batch.cell_offset).abs().mean();
}

}  // namespace

void AddTrainingHeads(ParamSpecs& specs, const DivlaConfig& config, int object_classes) {
  AddLayerNorm(specs, "train.cells.norm", config.text.hidden_size);
  AddLinear(specs, "train.cells.fc", config.text.hidden_size, object_classes + 3);
  AddLinear(specs, "train.points", config.head.cond_dim, 6);
}

at::Tensor Loss(const TrainConfig& config, const ParamStore& params, const DdimSchedule& schedule, const Batch& batch,
                int first_location_id, LossValues& values) {
  const DivlaConfig& model = config.model;
  const std::string& name = batch.body->name;
  const std::int64_t rows = batch.pixels.size(0), width = model.text.hidden_size;
  const std::int64_t total = batch.packing.segments * batch.packing.length;

  at::Tensor visual;
  std::vector<at::Tensor> pieces =
      PrefixPieces(params, *batch.prompt, EncodeViews(model, params, name, batch.pixels, &visual));
  const at::Tensor table = at::cat({Param(params, "model.embed_tokens.weight"), ActionTokens(params)});
  pieces.push_back(at::embedding(table, batch.segment_ids));
  const at::Tensor hidden = PackedForward(model.text, params, at::cat(pieces, 1), batch.packing, batch.rope, true);
  const at::Tensor flat = hidden.view({rows * total, width});

  // Next tokens: one product for text and location positions.
  const std::int64_t texts = batch.text_at.size(0), locations = batch.location_at.size(0);
  const at::Tensor log_probabilities = at::log_softmax(
      Logits(model.text, params, flat.index_select(0, at::cat({batch.text_at, batch.location_at}))).to(at::kFloat), 1);
  const at::Tensor text = at::nll_loss(log_probabilities.narrow(0, 0, texts), batch.text_labels);
  at::Tensor next_token = text;
  if (locations > 0) {
    const at::Tensor own = log_probabilities.narrow(0, texts, locations);
    const at::Tensor location = LocationLoss(config, own, batch.location_labels, first_location_id);
    next_token = (1.0 - config.location_fraction) * text + config.location_fraction * location;
    values.location = location.item<double>();
    values.location_bins = (own.narrow(1, first_location_id, kLocationBins).argmax(1) - batch.location_labels)
                               .abs()
                               .to(at::kFloat)
                               .mean()
                               .item<double>();
  }
  const at::Tensor auxiliary = AuxiliaryLoss(params, batch, visual);

  // Target points, from every segment's action tokens.
  const std::int64_t tokens = model.head.num_action_tokens, segments = batch.packing.segments;
  const at::Tensor z =
      ProjectActionTokens(params, flat.index_select(0, batch.action_at).view({rows * segments, tokens, width}));
  const at::Tensor difference = (Linear(params, "train.points", z) - batch.points) * batch.points_mask;
  const at::Tensor points = difference.square().sum() / batch.points_mask.sum().clamp_min(1.0);

  // Diffusion, from segment 0.
  const std::int64_t draws = config.action_draws;
  const at::Tensor z_own = z.view({rows, segments, -1}).select(1, 0);
  const at::Tensor c = Condition(params, name, z_own, Proprioception(params, name, batch.state, batch.tool));
  const at::Tensor r =
      ReasoningSummary(params, at::bmm(batch.answer_weights.unsqueeze(1), hidden.to(at::kFloat)).squeeze(1));
  const at::Tensor sample = Normalize(params, name, "action", ToRelative(batch.body->config, batch.actions, batch.tool))
                                .repeat({draws, 1, 1});
  const at::Tensor noisy = AddNoise(schedule, sample, batch.noise, batch.timesteps);
  const at::Tensor out =
      Unet(model.head, params, name, noisy, batch.timesteps, c.repeat({draws, 1}), r.repeat({draws, 1}));
  const at::Tensor error =
      (out - (model.head.prediction_type == "sample" ? sample : batch.noise)).square().mean(2);  // (draws*B, chunk)
  const at::Tensor mask = batch.action_mask.repeat({draws, 1});
  const at::Tensor diffusion = (error * mask).sum() / mask.sum().clamp_min(1.0);

  const at::Tensor loss = config.diffusion_weight * diffusion + config.text_weight * next_token +
                          config.auxiliary_weight * auxiliary + config.points_weight * points;
  values.total = loss.item<double>();
  values.diffusion = diffusion.item<double>();
  values.text = text.item<double>();
  values.auxiliary = auxiliary.item<double>();
  values.points = points.item<double>();
  return loss;
}

}  // namespace divla
