#include "policy/divla/train/batch.h"

#include <algorithm>
#include <cmath>

namespace divla {
namespace {

std::size_t Size(std::int64_t n) { return static_cast<std::size_t>(n); }

// Draws a source by weight, then a row.
std::pair<const Source*, int> DrawRow(const Body& body, Rng& rng) {
  double at = rng.Uniform() * body.weight;
  std::size_t source = 0;
  while (source + 1 < body.sources.size() && at >= body.sources[source].weight) at -= body.sources[source++].weight;
  const std::vector<int>& rows = body.sources[source].pictured;
  return {&body.sources[source], rows[static_cast<std::size_t>(rng.Int(static_cast<int>(rows.size())))]};
}

// What each byte of each colour becomes: photometric augmentation, one gain and colour offset for all views of a row;
// geometry stays.
using Tint = std::array<std::array<float, 256>, 3>;
Tint DrawTint(const TrainConfig& config, std::uint64_t row) {
  Rng rng({.seed = config.seed, .stream = "train-tint", .index = row});
  const auto gain = static_cast<float>(1.0 + config.gain_std * rng.Normal());
  std::array<float, 3> offset{};
  for (float& o : offset) o = static_cast<float>(config.offset_std * rng.Normal());
  Tint tint{};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t byte = 0; byte < 256; ++byte)
      tint[c][byte] = (static_cast<float>(byte) / 127.5F - 1.0F) * gain + offset[c];
  }
  return tint;
}

}  // namespace

Batch BatchMaker::Make(int body_index, std::uint64_t number) const {
  const Body& body = dataset_.Bodies()[Size(body_index)];
  const EmbodimentConfig& shape = body.config;
  const VisionConfig& vision = config_.model.vision;
  const PolicyHeadConfig& head = config_.model.head;
  const std::int64_t rows = config_.micro_batch, views = static_cast<std::int64_t>(shape.cameras.size());
  const std::int64_t cells = vision.TokensPerView(), chunk = head.chunk_size;
  Rng rng({.seed = config_.seed, .stream = "train-rows", .index = number});
  Batch batch;
  batch.body = &body;
  batch.prompt = &prompts_[Size(body_index)];

  batch.pixels = at::empty({rows, views, vision.image_height, vision.image_width, 3}, at::kFloat);
  batch.state = at::empty({rows, shape.state_dim}, at::kFloat);
  batch.tool = at::empty({rows, shape.ToolDim()}, at::kFloat);
  batch.actions = at::zeros({rows, chunk, shape.action_dim}, at::kFloat);
  batch.action_mask = at::zeros({rows, chunk}, at::kFloat);
  batch.cell_class =
      at::full({rows * views * cells}, static_cast<std::int64_t>(dataset_.ObjectClasses().size()), at::kLong);
  auto* pixels = batch.pixels.mutable_data_ptr<float>();
  auto* cell_class = batch.cell_class.mutable_data_ptr<std::int64_t>();
  std::map<std::int64_t, std::array<float, 2>> cell_offsets;
  const std::size_t frame = Size(vision.image_height) * Size(vision.image_width) * 3;
  std::vector<std::vector<Segment>> segments(Size(rows));
  std::size_t most = 1;
  for (std::int64_t b = 0; b < rows; ++b) {
    const auto [source, row] = DrawRow(body, rng);
    const RowsReader& reader = source->reader;
    const RowLabels labels = reader.Labels(row);
    const Tint tint = DrawTint(config_, number * static_cast<std::uint64_t>(rows) + static_cast<std::uint64_t>(b));
    for (std::int64_t v = 0; v < views; ++v) {
      const auto bytes = reader.Frame(row, source->cameras[Size(v)]);
      float* out = pixels + (Size(b) * Size(views) + Size(v)) * frame;
      for (std::size_t i = 0; i < frame; i += 3) {
        for (std::size_t c = 0; c < 3; ++c) out[i + c] = tint[c][bytes[i + c]];
      }
    }
    const auto state = reader.State(row), tool = reader.Tool(row);
    std::copy(state.begin(), state.end(), batch.state.mutable_data_ptr<float>() + b * shape.state_dim);
    std::copy(tool.begin(), tool.end(), batch.tool.mutable_data_ptr<float>() + b * shape.ToolDim());
    const int valid = ValidChunk(reader, row, static_cast<int>(chunk));
    for (std::int64_t k = 0; k < valid; ++k) {
      const auto action = ActionOf(shape, reader, row + static_cast<int>(k));
      std::copy(action.begin(), action.end(),
                batch.actions.mutable_data_ptr<float>() + (b * chunk + k) * shape.action_dim);
      batch.action_mask.mutable_data_ptr<float>()[b * chunk + k] = 1.0F;
    }
    for (const RowObject& object : labels.objects) {
      for (std::int64_t v = 0; v < views; ++v) {
        const auto at = object.pixels.find(shape.cameras[Size(v)]);
        if (at == object.pixels.end() || !at->second) continue;
        const auto [u_fraction, v_fraction] = *at->second;
        const float x = std::clamp(u_fraction, 0.0F, 0.99999F) * static_cast<float>(vision.MergedWidth());
        const float y = std::clamp(v_fraction, 0.0F, 0.99999F) * static_cast<float>(vision.MergedHeight());
        const std::int64_t cell = (b * views + v) * cells + static_cast<std::int64_t>(y) * vision.MergedWidth() +
                                  static_cast<std::int64_t>(x);
        cell_class[cell] = dataset_.ClassIndex(object.object_class);
        cell_offsets[cell] = {x - std::floor(x), y - std::floor(y)};
      }
    }
    Segment own = MakeSegment(body, labels.instruction, labels.reasoning, labels.object_pixels);
    const auto points = reader.Points(row);
    std::copy(points.begin(), points.end(), own.points.begin());
    segments[Size(b)].push_back(std::move(own));
    std::vector<int> order(labels.alternatives.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    rng.Shuffle(order);
    for (int other : order) {
      if (segments[Size(b)].size() >= Size(config_.segments)) break;
      const RowAlternative& alternative = labels.alternatives[Size(other)];
      Segment segment = MakeSegment(body, alternative.instruction, alternative.reasoning, alternative.object_pixels);
      segment.points = alternative.points;
      segments[Size(b)].push_back(std::move(segment));
    }
    most = std::max(most, segments[Size(b)].size());
  }

  SetPoints(segments, most, batch);
  if (head.HasLanguageModel()) {
    PackSegments(segments, most, rng, batch);
  } else {
    PadInstructions(segments, most, batch);
  }

  std::vector<std::int64_t> cell_at;
  std::vector<float> offsets;
  for (const auto& [cell, offset] : cell_offsets) {
    cell_at.push_back(cell);
    offsets.insert(offsets.end(), offset.begin(), offset.end());
  }
  batch.cell_at = at::tensor(cell_at, at::kLong);
  batch.cell_offset = at::tensor(offsets, at::kFloat).view({-1, 2});

  const std::int64_t draws = config_.action_draws * rows;
  batch.timesteps = at::empty({draws}, at::kLong);
  batch.noise = at::empty({draws, chunk, shape.action_dim}, at::kFloat);
  Rng noise({.seed = config_.seed, .stream = "train-noise", .index = number});
  for (std::int64_t i = 0; i < draws; ++i)
    batch.timesteps.mutable_data_ptr<std::int64_t>()[i] = noise.Int(head.num_train_timesteps);
  auto* values = batch.noise.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < batch.noise.numel(); ++i) values[i] = static_cast<float>(noise.Normal());
  return batch;
}

}  // namespace divla
