#include "policy/divla/train/batch.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "policy/divla/model.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

// at::tensor() of an index list, also an empty one.
at::Tensor Indices(const std::vector<std::int64_t>& values) { return at::tensor(values, at::kLong); }

std::size_t Size(std::int64_t n) { return static_cast<std::size_t>(n); }

// Draws a source by weight, then a row.
std::pair<const Source*, int> DrawRow(const Body& body, Rng& rng) {
  double at = rng.Uniform() * body.weight;
  std::size_t source = 0;
  while (source + 1 < body.sources.size() && at >= body.sources[source].weight) at -= body.sources[source++].weight;
  const std::vector<int>& rows = body.sources[source].pictured;
  return {&body.sources[source], rows[static_cast<std::size_t>(rng.Int(static_cast<int>(rows.size())))]};
}

}  // namespace

BatchMaker::BatchMaker(const TrainConfig& config, const Dataset& dataset, const Tokenizer& tokenizer)
    : config_(config), dataset_(dataset) {
  first_location_ = tokenizer.TokenId(LocationToken(0));
  for (int bin = 0; bin < kLocationBins; ++bin) {
    DIVLA_CHECK(tokenizer.TokenId(LocationToken(bin)) == first_location_ + bin,
                "location tokens must have consecutive ids");
  }
  im_end_ = tokenizer.TokenId(kImEnd);
  next_action_ = tokenizer.Encode(kNextAction);
  const auto add = [&](const std::string& instruction, const std::string& reasoning) {
    if (!instructions_.contains(instruction)) {
      const std::vector<ImageGrid> one(1, {1, 1});
      const Prompt prompt = BuildPrompt(tokenizer, instruction, one);
      instructions_[instruction] = std::vector<int>(prompt.ids.begin() + PrefixLength(prompt), prompt.ids.end());
    }
    if (!reasonings_.contains(reasoning)) reasonings_[reasoning] = tokenizer.Encode(reasoning);
  };
  for (const Body& body : dataset.Bodies()) {
    prompts_.push_back(BuildPrompt(tokenizer, "", ViewGrids(config.model, body.config)));
    for (const Source& source : body.sources) {
      for (const int row : source.pictured) {
        const RowLabels labels = source.reader.Labels(row);
        add(labels.instruction, labels.reasoning);
        for (const RowAlternative& other : labels.alternatives) add(other.instruction, other.reasoning);
      }
    }
  }
}

BatchMaker::Segment BatchMaker::MakeSegment(const Body& body, const std::string& instruction,
                                            const std::string& reasoning, const Pixels& pixels) const {
  Segment segment;
  segment.prompt = instructions_.at(instruction);
  segment.answer = reasonings_.at(reasoning);
  for (const std::string& view : body.config.location_views) {
    const auto at = pixels.find(view);
    int row = 0, column = 0;  // bin 0 where the object is out of view
    if (at != pixels.end() && at->second) {
      column = LocationBin(static_cast<double>((*at->second)[0]));
      row = LocationBin(static_cast<double>((*at->second)[1]));
    }
    segment.answer.push_back(first_location_ + row);
    segment.answer.push_back(first_location_ + column);
  }
  segment.answer.insert(segment.answer.end(), next_action_.begin(), next_action_.end());
  segment.answer.push_back(im_end_);
  return segment;
}

Batch BatchMaker::Make(int body_index, std::uint64_t number) const {
  const Body& body = dataset_.Bodies()[Size(body_index)];
  const EmbodimentConfig& shape = body.config;
  const VisionConfig& vision = config_.model.vision;
  const PolicyHeadConfig& head = config_.model.head;
  const std::int64_t rows = config_.micro_batch, views = static_cast<std::int64_t>(shape.cameras.size());
  const std::int64_t cells = vision.TokensPerView(), chunk = head.chunk_size, tokens = head.num_action_tokens;
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
    for (std::int64_t v = 0; v < views; ++v) {
      const auto bytes = reader.Frame(row, source->cameras[Size(v)]);
      // Photometric augmentation, one gain and colour offset for all views of a row; geometry stays.
      Rng tint({.seed = config_.seed,
                .stream = "train-tint",
                .index = number * static_cast<std::uint64_t>(rows) + static_cast<std::uint64_t>(b)});
      const auto gain = static_cast<float>(1.0 + config_.gain_std * tint.Normal());
      std::array<float, 3> offset{};
      for (float& o : offset) o = static_cast<float>(config_.offset_std * tint.Normal());
      std::array<std::array<float, 256>, 3> table{};
      for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t byte = 0; byte < 256; ++byte)
          table[c][byte] = (static_cast<float>(byte) / 127.5F - 1.0F) * gain + offset[c];
      }
      float* out = pixels + (Size(b) * Size(views) + Size(v)) * frame;
      for (std::size_t i = 0; i < frame; i += 3) {
        for (std::size_t c = 0; c < 3; ++c) out[i + c] = table[c][bytes[i + c]];
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

  // Lay out the segments. A row with fewer alternatives leaves its last segments empty.
  std::size_t length = 1;
  for (const auto& row : segments) {
    for (const Segment& s : row) length = std::max(length, s.prompt.size() + s.answer.size() + Size(tokens));
  }
  const auto packed = static_cast<std::int64_t>(most), span = static_cast<std::int64_t>(length);
  const std::int64_t prefix = PrefixLength(*batch.prompt), total = packed * span;
  batch.packing = {prefix, packed, span};
  batch.segment_ids = at::zeros({rows, packed * span}, at::kLong);
  batch.answer_weights = at::zeros({rows, total}, at::kFloat);
  batch.points = at::zeros({rows * packed, 6}, at::kFloat);
  batch.points_mask = at::zeros({rows * packed, 6}, at::kFloat);
  std::vector<std::int64_t> text_at, text_labels, location_at, location_labels, action_at;
  auto* ids = batch.segment_ids.mutable_data_ptr<std::int64_t>();
  for (std::int64_t b = 0; b < rows; ++b) {
    for (std::int64_t s = 0; s < packed; ++s) {
      if (Size(s) >= segments[Size(b)].size()) {
        for (std::int64_t k = 0; k < tokens; ++k) action_at.push_back(b * total + s * span + k);  // masked below
        continue;
      }
      const Segment& segment = segments[Size(b)][Size(s)];
      std::int64_t* out = ids + b * packed * span + s * span;
      std::int64_t place = b * total + s * span;  // in the flat hidden states
      for (int id : segment.prompt) *out++ = id, ++place;
      for (int id : segment.answer) {
        const int bin = id - first_location_;
        if (bin >= 0 && bin < kLocationBins) {
          location_at.push_back(place - 1);
          location_labels.push_back(bin);
          const int jitter = static_cast<int>(std::lround(config_.location_jitter * rng.Normal()));
          *out++ = first_location_ + std::clamp(bin + jitter, 0, kLocationBins - 1);
        } else {
          text_at.push_back(place - 1);
          text_labels.push_back(id);
          *out++ = id;
        }
        if (s == 0)
          batch.answer_weights.mutable_data_ptr<float>()[place] = 1.0F / static_cast<float>(segment.answer.size());
        ++place;
      }
      for (std::int64_t k = 0; k < tokens; ++k) {
        *out++ = config_.model.text.vocab_size + k;
        action_at.push_back(place++);
      }
      for (std::size_t i = 0; i < 6; ++i) {
        if (!std::isfinite(segment.points[i])) continue;
        const std::size_t at = (Size(b) * Size(packed) + Size(s)) * 6 + i;
        batch.points.mutable_data_ptr<float>()[at] = (segment.points[i] - body.points_mean[i]) / body.points_std[i];
        batch.points_mask.mutable_data_ptr<float>()[at] = 1.0F;
      }
    }
  }
  batch.text_at = Indices(text_at);
  batch.text_labels = Indices(text_labels);
  batch.location_at = Indices(location_at);
  batch.location_labels = Indices(location_labels);
  batch.action_at = Indices(action_at);

  std::vector<std::int64_t> cell_at;
  std::vector<float> offsets;
  for (const auto& [cell, offset] : cell_offsets) {
    cell_at.push_back(cell);
    offsets.insert(offsets.end(), offset.begin(), offset.end());
  }
  batch.cell_at = Indices(cell_at);
  batch.cell_offset = at::tensor(offsets, at::kFloat).view({-1, 2});

  // Positions: the prefix's own, then one segment's, counting on.
  at::Tensor positions = at::empty({3, prefix + span}, at::kLong);
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    auto* out = positions.mutable_data_ptr<std::int64_t>() + axis * (prefix + span);
    const std::vector<int>& known = batch.prompt->positions[Size(axis)];
    for (std::int64_t i = 0; i < prefix; ++i) out[i] = known[Size(i)];
    for (std::int64_t i = 0; i < span; ++i) out[prefix + i] = known[Size(prefix) - 1] + 1 + i;
  }
  batch.rope = MakeRopeTable(config_.model.text, positions);

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
