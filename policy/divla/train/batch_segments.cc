// The texts of a batch: what a segment reads and answers, and how the segments of all rows are laid out.
#include <algorithm>
#include <cmath>

#include "policy/divla/model.h"
#include "policy/divla/text/answer.h"
#include "policy/divla/train/batch.h"
#include "sim/check.h"

namespace divla {
namespace {

// at::tensor() of an index list, also an empty one.
at::Tensor Indices(const std::vector<std::int64_t>& values) { return at::tensor(values, at::kLong); }

std::size_t Size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

BatchMaker::BatchMaker(const TrainConfig& config, const Dataset& dataset, const Tokenizer& tokenizer)
    : config_(config), dataset_(dataset), tokenizer_(tokenizer) {
  first_location_ = tokenizer.TokenId(LocationToken(0));
  for (int bin = 0; bin < kLocationBins; ++bin) {
    DIVLA_CHECK(tokenizer.TokenId(LocationToken(bin)) == first_location_ + bin,
                "location tokens must have consecutive ids");
  }
  im_end_ = tokenizer.TokenId(kImEnd);
  const auto encode = [&](const std::string& instruction) {
    if (!config.model.head.HasLanguageModel()) return tokenizer.Encode(instruction);
    const std::vector<ImageGrid> one(1, {1, 1});
    const Prompt prompt = BuildPrompt(tokenizer, instruction, one);
    return std::vector<int>(prompt.ids.begin() + PrefixLength(prompt), prompt.ids.end());
  };
  const auto add = [&](const std::string& instruction, const std::string& reasoning) {
    if (!instructions_.contains(instruction)) instructions_[instruction] = encode(instruction);
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
  if (!config_.model.head.reasoning) {
    segment.answer = {im_end_};
    return segment;
  }
  segment.answer = AnswerTokens(tokenizer_, reasonings_.at(reasoning), pixels, body.config.location_views);
  segment.answer.push_back(im_end_);
  return segment;
}

void BatchMaker::SetPoints(const std::vector<std::vector<Segment>>& segments, std::size_t most, Batch& batch) {
  const auto count = static_cast<std::int64_t>(segments.size() * most);
  batch.points = at::zeros({count, 6}, at::kFloat);
  batch.points_mask = at::zeros({count, 6}, at::kFloat);
  auto *points = batch.points.mutable_data_ptr<float>(), *mask = batch.points_mask.mutable_data_ptr<float>();
  for (std::size_t b = 0; b < segments.size(); ++b) {
    for (std::size_t s = 0; s < segments[b].size(); ++s) {
      for (std::size_t i = 0; i < 6; ++i) {
        const float point = segments[b][s].points[i];
        if (!std::isfinite(point)) continue;
        const std::size_t at = (b * most + s) * 6 + i;
        points[at] = (point - batch.body->points_mean[i]) / batch.body->points_std[i];
        mask[at] = 1.0F;
      }
    }
  }
}

void BatchMaker::PadInstructions(const std::vector<std::vector<Segment>>& segments, std::size_t most, Batch& batch) {
  std::vector<std::vector<int>> lists;
  for (const std::vector<Segment>& row : segments) {
    for (std::size_t s = 0; s < most; ++s) lists.push_back(s < row.size() ? row[s].prompt : std::vector<int>());
  }
  batch.packing = {0, static_cast<std::int64_t>(most), 0};
  batch.instructions = PadTokenLists(lists);
}

void BatchMaker::PackSegments(const std::vector<std::vector<Segment>>& segments, std::size_t most, Rng& rng,
                              Batch& batch) const {
  const std::int64_t tokens = config_.model.head.num_action_tokens, rows = static_cast<std::int64_t>(segments.size());
  const bool reasons = config_.model.head.reasoning;
  std::size_t length = 1;
  for (const auto& row : segments) {
    for (const Segment& s : row) length = std::max(length, s.prompt.size() + s.answer.size() + Size(tokens));
  }
  const auto packed = static_cast<std::int64_t>(most), span = static_cast<std::int64_t>(length);
  const std::int64_t prefix = PrefixLength(*batch.prompt), total = packed * span;
  batch.packing = {prefix, packed, span};
  batch.segment_ids = at::zeros({rows, packed * span}, at::kLong);
  batch.answer_weights = at::zeros({rows, total}, at::kFloat);
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
        if (!reasons) {
          *out++ = id, ++place;
          continue;
        }
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
    }
  }
  batch.text_at = Indices(text_at);
  batch.text_labels = Indices(text_labels);
  batch.location_at = Indices(location_at);
  batch.location_labels = Indices(location_labels);
  batch.action_at = Indices(action_at);

  // Positions: the prefix's own, then one segment's, counting on.
  at::Tensor positions = at::empty({3, prefix + span}, at::kLong);
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    auto* out = positions.mutable_data_ptr<std::int64_t>() + axis * (prefix + span);
    const std::vector<int>& known = batch.prompt->positions[Size(axis)];
    for (std::int64_t i = 0; i < prefix; ++i) out[i] = known[Size(i)];
    for (std::int64_t i = 0; i < span; ++i) out[prefix + i] = known[Size(prefix) - 1] + 1 + i;
  }
  batch.rope = MakeRopeTable(config_.model.text, positions);
}

}  // namespace divla
