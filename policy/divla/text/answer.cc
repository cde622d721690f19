#include "policy/divla/text/answer.h"

#include <fmt/format.h>

#include "policy/divla/text/reasoning_text.h"
#include "sim/check.h"

namespace divla {

std::vector<int> PlainTokens(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<int> ids = tokenizer.Encode(text);
  for (const int id : ids) {
    if (tokenizer.IsSpecial(id)) {
      throw InputError(fmt::format("forced reasoning: expected plain text, found a special token in '{}'", text));
    }
  }
  return ids;
}

std::vector<int> AnswerTokens(const Tokenizer& tokenizer, std::span<const int> text,
                              const std::map<std::string, std::optional<std::array<float, 2>>>& pixels,
                              std::span<const std::string> location_views) {
  std::vector<int> answer(text.begin(), text.end());
  for (const std::string& view : location_views) {
    const auto at = pixels.find(view);
    int row = 0, column = 0;
    if (at != pixels.end() && at->second) {
      column = LocationBin(static_cast<double>((*at->second)[0]));
      row = LocationBin(static_cast<double>((*at->second)[1]));
    }
    answer.push_back(tokenizer.TokenId(LocationToken(row)));
    answer.push_back(tokenizer.TokenId(LocationToken(column)));
  }
  const std::vector<int> end = tokenizer.Encode(kSpacedNextAction);
  answer.insert(answer.end(), end.begin(), end.end());
  return answer;
}

std::map<std::string, std::array<float, 2>> AnswerPixels(const Tokenizer& tokenizer, std::span<const int> answer,
                                                         std::span<const std::string> location_views) {
  std::vector<int> bins;
  for (const int id : answer) {
    if (const auto bin = tokenizer.LocationOf(id)) bins.push_back(*bin);
  }
  std::map<std::string, std::array<float, 2>> pixels;
  if (bins.size() != 2 * location_views.size()) return pixels;
  const auto middle = [](int bin) { return (static_cast<float>(bin) + 0.5F) / static_cast<float>(kLocationBins); };
  for (std::size_t i = 0; i < location_views.size(); ++i) {
    const int row = bins[2 * i], column = bins[2 * i + 1];
    if (row != 0 || column != 0) pixels[location_views[i]] = {middle(column), middle(row)};
  }
  return pixels;
}

}  // namespace divla
