#include "policy/divla/train/packed_reading.h"

#include "policy/divla/head/condition_action_tokens.h"
#include "policy/divla/model.h"

namespace divla {
namespace {

// KL divergence to a Gaussian over the bins; log_probabilities (N, V) over the whole vocabulary.
at::Tensor LocationLoss(const TrainConfig& config, const at::Tensor& log_probabilities, const at::Tensor& labels,
                        int first_location_id) {
  const at::Tensor bins = at::arange(kLocationBins, at::kFloat);
  const at::Tensor distance = (bins - labels.unsqueeze(1).to(at::kFloat)) / config.location_sigma;
  const at::Tensor target = at::softmax(-0.5 * distance * distance, 1);
  const at::Tensor own = log_probabilities.narrow(1, first_location_id, kLocationBins);
  return (at::xlogy(target, target) - target * own).sum(1).mean();
}

// flat (B*S*L, d): hidden states of the segments
at::Tensor NextTokenLoss(const TrainConfig& config, const ParamStore& params, const Batch& batch,
                         const at::Tensor& flat, int first_location_id, LossValues& values) {
  // One product for text and location positions.
  const std::int64_t texts = batch.text_at.size(0), locations = batch.location_at.size(0);
  const at::Tensor log_probabilities = at::log_softmax(
      Logits(config.model.text, params, flat.index_select(0, at::cat({batch.text_at, batch.location_at})))
          .to(at::kFloat),
      1);
  const at::Tensor text = at::nll_loss(log_probabilities.narrow(0, 0, texts), batch.text_labels);
  values.text = text.item<double>();
  if (locations == 0) return text;
  const at::Tensor own = log_probabilities.narrow(0, texts, locations);
  const at::Tensor location = LocationLoss(config, own, batch.location_labels, first_location_id);
  values.location = location.item<double>();
  values.location_bins = (own.narrow(1, first_location_id, kLocationBins).argmax(1) - batch.location_labels)
                             .abs()
                             .to(at::kFloat)
                             .mean()
                             .item<double>();
  return (1.0 - config.location_fraction) * text + config.location_fraction * location;
}

PackedReading ReadPackedInstructions(const TrainConfig& config, const ParamStore& params, const Batch& batch,
                                     const at::Tensor& views) {
  const std::int64_t rows = views.size(0), segments = batch.packing.segments;
  const at::Tensor seen = Keypoints(config.model.vision, params, views);  // the same for all segments of a row
  const at::Tensor of_segments = seen.unsqueeze(1)
                                     .expand({rows, segments, seen.size(1), seen.size(2), seen.size(3)})
                                     .reshape({rows * segments, seen.size(1), seen.size(2), seen.size(3)});
  PackedReading reading;
  reading.z = ProjectInstruction(params, batch.body->name, MeanEmbedding(params, batch.instructions), of_segments);
  return reading;
}

}  // namespace

PackedReading ReadPacked(const TrainConfig& config, const ParamStore& params, const Batch& batch,
                         const at::Tensor& views, int first_location_id, LossValues& values) {
  const DivlaConfig& model = config.model;
  if (!model.head.HasLanguageModel()) return ReadPackedInstructions(config, params, batch, views);
  const std::int64_t rows = views.size(0), width = model.text.hidden_size, tokens = model.head.num_action_tokens;
  const std::int64_t segments = batch.packing.segments, total = segments * batch.packing.length;
  std::vector<at::Tensor> pieces = PrefixPieces(params, *batch.prompt, views);
  const at::Tensor table = at::cat({Param(params, "model.embed_tokens.weight"), ActionTokens(params)});
  pieces.push_back(at::embedding(table, batch.segment_ids));
  const at::Tensor hidden = PackedForward(model.text, params, at::cat(pieces, 1), batch.packing, batch.rope, true);
  const at::Tensor flat = hidden.view({rows * total, width});
  PackedReading reading;
  if (model.head.reasoning) {
    reading.next_token = NextTokenLoss(config, params, batch, flat, first_location_id, values);
  }
  reading.z = ProjectActionTokens(params, flat.index_select(0, batch.action_at).view({rows * segments, tokens, width}));
  if (model.head.reasoning) {
    reading.r = ReasoningSummary(params, at::bmm(batch.answer_weights.unsqueeze(1), hidden.to(at::kFloat)).squeeze(1));
  }
  return reading;
}

}  // namespace divla
