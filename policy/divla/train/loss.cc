#include "policy/divla/train/loss.h"

#include "policy/divla/head/condition.h"
#include "policy/divla/head/normalizer.h"
#include "policy/divla/head/unet.h"
#include "policy/divla/model.h"
#include "policy/divla/train/packed_reading.h"

namespace divla {
namespace {

constexpr double kBackgroundWeight = 0.1;
constexpr double kOffsetWeight = 2.0;

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
  const std::int64_t rows = batch.pixels.size(0), segments = batch.packing.segments;

  at::Tensor visual;
  const at::Tensor views = EncodeViews(model, params, name, batch.pixels, &visual);
  const PackedReading reading = ReadPacked(config, params, batch, views, first_location_id, values);
  const at::Tensor auxiliary = AuxiliaryLoss(params, batch, visual);

  // Target points, of every segment.
  const at::Tensor difference = (Linear(params, "train.points", reading.z) - batch.points) * batch.points_mask;
  const at::Tensor points = difference.square().sum() / batch.points_mask.sum().clamp_min(1.0);

  // Diffusion, from segment 0.
  const std::int64_t draws = config.action_draws;
  const at::Tensor z_own = reading.z.view({rows, segments, -1}).select(1, 0);
  const at::Tensor c = Condition(params, name, z_own, Proprioception(params, name, batch.state, batch.tool));
  const at::Tensor r = reading.r.defined() ? reading.r.repeat({draws, 1}) : reading.r;
  const at::Tensor sample = Normalize(params, name, "action", ToRelative(batch.body->config, batch.actions, batch.tool))
                                .repeat({draws, 1, 1});
  const at::Tensor noisy = AddNoise(schedule, sample, batch.noise, batch.timesteps);
  const at::Tensor out = Unet(model.head, params, name, noisy, batch.timesteps, c.repeat({draws, 1}), r);
  const at::Tensor error =
      (out - (model.head.prediction_type == "sample" ? sample : batch.noise)).square().mean(2);  // (draws*B, chunk)
  const at::Tensor mask = batch.action_mask.repeat({draws, 1});
  const at::Tensor diffusion = (error * mask).sum() / mask.sum().clamp_min(1.0);

  at::Tensor loss = config.diffusion_weight * diffusion;
  if (reading.next_token.defined()) loss = loss + config.text_weight * reading.next_token;
  loss = loss + config.auxiliary_weight * auxiliary + config.points_weight * points;
  values.total = loss.item<double>();
  values.diffusion = diffusion.item<double>();
  values.auxiliary = auxiliary.item<double>();
  values.points = points.item<double>();
  return loss;
}

}  // namespace divla
