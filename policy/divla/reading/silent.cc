// Without a reasoning nothing is decoded: prompt, <|im_end|> and action tokens are read at once.
#include "policy/divla/head/condition_action_tokens.h"
#include "policy/divla/reading/prompt_rows.h"

namespace divla {

Reading ReadSilently(const Reader& reader, const std::string& embodiment, std::span<const std::string> instructions,
                     const at::Tensor& views, ReadingWatch* watch) {
  const auto count = static_cast<std::int64_t>(instructions.size());
  const std::int64_t width = reader.config.text.hidden_size, k = reader.config.head.num_action_tokens;
  PromptRows rows = MakePromptRows(reader, embodiment, instructions, views, 1 + k);
  const std::int64_t slots = rows.longest + 1 + k;
  for (std::int64_t q = 0; q < count; ++q) {
    rows.ids[q][rows.lengths[static_cast<std::size_t>(q)] - rows.prefix_length].fill_(reader.tokenizer.TokenId(kImEnd));
  }
  const at::Tensor rest = EmbedTokens(reader.params, rows.ids);
  for (std::int64_t q = 0; q < count; ++q) {
    rest[q]
        .narrow(0, rows.lengths[static_cast<std::size_t>(q)] - rows.prefix_length + 1, k)
        .copy_(ActionTokens(reader.params));
  }
  std::vector<at::Tensor> pieces = rows.prefix;
  pieces.push_back(rest);
  at::Tensor attention;
  const at::Tensor hidden = CachedForward(reader.config.text, reader.params, at::cat(pieces, 1),
                                          at::arange(slots, at::kLong).unsqueeze(0).expand({count, slots}).contiguous(),
                                          rows.rope, rows.cache, 0, watch != nullptr ? &attention : nullptr);
  const at::Tensor first = at::tensor(rows.lengths, at::kLong).view({count, 1}) + 1;
  const at::Tensor tokens = first + at::arange(k, at::kLong);
  if (watch != nullptr) watch->acted = VisualAttention(rows, attention, tokens);
  Reading reading;
  reading.z = ProjectActionTokens(reader.params, hidden.gather(1, tokens.unsqueeze(2).expand({count, k, width})));
  return reading;
}

}  // namespace divla
