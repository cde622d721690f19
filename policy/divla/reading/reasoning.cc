// Reads all prompts at once, writes all answers token by token, then runs the action tokens.
#include "policy/divla/head/condition_action_tokens.h"
#include "policy/divla/ops/ops.h"
#include "policy/divla/reading/prompt_rows.h"

namespace divla {
namespace {

std::size_t Size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

Reading ReadAndReason(const Reader& reader, const std::string& embodiment, std::span<const std::string> instructions,
                      const at::Tensor& views, const std::vector<std::vector<int>>& forced, ReadingWatch* watch) {
  const TextConfig& text = reader.config.text;
  const ParamStore& params = reader.params;
  const auto count = static_cast<std::int64_t>(instructions.size());
  const std::int64_t width = text.hidden_size, k = reader.config.head.num_action_tokens;
  const int most = reader.config.embodiments.at(embodiment).max_new_tokens;
  const int im_end = reader.tokenizer.TokenId(kImEnd);
  PromptRows rows = MakePromptRows(reader, embodiment, instructions, views, most + 1 + k);
  std::vector<std::int64_t> next = rows.lengths;  // slot of each row's next token
  std::vector<at::Tensor> pieces = rows.prefix;
  const std::int64_t longest = rows.longest;
  pieces.push_back(EmbedTokens(params, rows.ids.narrow(1, 0, longest - rows.prefix_length).contiguous()));
  const at::Tensor slots = at::arange(longest, at::kLong).unsqueeze(0).expand({count, longest}).contiguous();
  at::Tensor attention, looked;
  at::Tensor* const watched = watch != nullptr ? &attention : nullptr;
  const at::Tensor hidden = CachedForward(text, params, at::cat(pieces, 1), slots, rows.rope, rows.cache, 0, watched);
  const at::Tensor ends = (at::tensor(next, at::kLong) - 1).view({count, 1});
  at::Tensor last = hidden.gather(1, ends.unsqueeze(2).expand({count, 1, width}));
  if (watch != nullptr) looked = VisualAttention(rows, attention, ends);

  Reading reading;
  reading.answers.resize(instructions.size());
  at::Tensor sum = at::zeros({count, width}, at::kFloat);
  std::vector<bool> done(instructions.size(), false);
  for (int step = 0; step < most; ++step) {
    const at::Tensor best = Argmax(Logits(text, params, last)).view({count}).contiguous();
    auto* ids = best.mutable_data_ptr<std::int64_t>();
    bool open = false;
    for (std::size_t q = 0; q < done.size(); ++q) {
      if (done[q]) continue;
      if (!forced[q].empty()) ids[q] = Size(step) < forced[q].size() ? forced[q][Size(step)] : im_end;
      const int id = static_cast<int>(ids[q]);
      if (id == im_end) {
        done[q] = true;
      } else {
        reading.answers[q].push_back(id);
        if (watch != nullptr) watch->wrote(q, reading.answers[q], looked[static_cast<std::int64_t>(q)]);
        open = true;
      }
    }
    if (!open) break;
    // A row that has finished writes where nobody reads.
    last = CachedForward(text, params, EmbedTokens(params, best.view({count, 1})),
                         at::tensor(next, at::kLong).view({count, 1}), rows.rope, rows.cache, 0, watched);
    if (watch != nullptr) looked = VisualAttention(rows, attention, at::zeros({count, 1}, at::kLong));
    for (std::int64_t q = 0; q < count; ++q) {
      if (done[Size(q)]) continue;
      sum[q] += last[q][0];
      ++next[Size(q)];
    }
  }
  // <|im_end|> and the action tokens; an answer cut off at max_new_tokens is ended here, too.
  const at::Tensor tail_slots = at::tensor(next, at::kLong).view({count, 1}) + at::arange(k + 1, at::kLong);
  const at::Tensor end = EmbedTokens(params, at::full({count, 1}, static_cast<std::int64_t>(im_end), at::kLong));
  const at::Tensor tail =
      CachedForward(text, params, at::cat({end, ActionTokens(params).unsqueeze(0).expand({count, k, width})}, 1),
                    tail_slots.contiguous(), rows.rope, rows.cache, 0, watched);
  if (watch != nullptr) {
    watch->acted = VisualAttention(rows, attention, at::arange(1, k + 1, at::kLong).expand({count, k}));
  }
  sum += tail.select(1, 0);
  std::vector<float> lengths;
  for (std::vector<int>& answer : reading.answers) {
    answer.push_back(im_end);
    lengths.push_back(static_cast<float>(answer.size()));
  }
  reading.z = ProjectActionTokens(params, tail.narrow(1, 1, k).contiguous());
  reading.r = ReasoningSummary(params, sum / at::tensor(lengths, at::kFloat).unsqueeze(1));
  return reading;
}

}  // namespace divla
