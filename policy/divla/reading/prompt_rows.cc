#include "policy/divla/reading/prompt_rows.h"

#include <algorithm>

#include "policy/divla/model.h"
#include "policy/divla/text/prompt.h"

namespace divla {

PromptRows MakePromptRows(const Reader& reader, const std::string& embodiment,
                          std::span<const std::string> instructions, const at::Tensor& views, std::int64_t room) {
  const auto count = static_cast<std::int64_t>(instructions.size());
  const std::vector<ImageGrid> grids = ViewGrids(reader.config, reader.config.embodiments.at(embodiment));
  PromptRows rows;
  std::vector<Prompt> prompts;
  for (const std::string& instruction : instructions) {
    prompts.push_back(BuildPrompt(reader.tokenizer, instruction, grids));
    rows.lengths.push_back(static_cast<std::int64_t>(prompts.back().ids.size()));
    rows.longest = std::max(rows.longest, rows.lengths.back());
  }
  const std::int64_t prefix = rows.prefix_length = PrefixLength(prompts[0]), capacity = rows.longest + room;
  for (const TokenRange& image : prompts[0].images) {
    for (int slot = image.begin; slot < image.end; ++slot) rows.visual.push_back(slot);
  }
  rows.prefix = PrefixPieces(reader.params, prompts[0], views);
  rows.ids = at::zeros({count, capacity - prefix}, at::kLong);
  for (std::int64_t q = 0; q < count; ++q) {
    const std::vector<int>& ids = prompts[static_cast<std::size_t>(q)].ids;
    std::copy(ids.begin() + prefix, ids.end(), rows.ids.mutable_data_ptr<std::int64_t>() + q * (capacity - prefix));
  }
  // Positions depend on the slot alone: all prompts share the pictures' part and count up after it.
  at::Tensor positions = at::empty({3, capacity}, at::kLong);
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    auto* out = positions.mutable_data_ptr<std::int64_t>() + axis * capacity;
    const std::vector<int>& known = prompts[0].positions[static_cast<std::size_t>(axis)];
    const std::int64_t last = known[static_cast<std::size_t>(prefix - 1)];
    for (std::int64_t i = 0; i < capacity; ++i) {
      out[i] = i < prefix ? known[static_cast<std::size_t>(i)] : last + 1 + i - prefix;
    }
  }
  rows.rope = MakeRopeTable(reader.config.text, positions);
  rows.cache = MakeKvCache(reader.config.text, count, capacity);
  return rows;
}

at::Tensor VisualAttention(const PromptRows& rows, const at::Tensor& attention, const at::Tensor& which) {
  const at::Tensor index = which.unsqueeze(2).expand({which.size(0), which.size(1), attention.size(2)});
  return attention.gather(1, index).index_select(2, at::tensor(rows.visual, at::kLong)).mean(1);
}

}  // namespace divla
