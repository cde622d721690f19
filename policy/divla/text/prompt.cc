#include "policy/divla/text/prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "sim/check.h"

namespace divla {
namespace {

// The chat template's text, with one <|image_pad|> for each image.
std::string TemplateText(std::string_view instruction, std::size_t images) {
  std::string text;
  const auto turn = [&](std::string_view role) { text.append(kImStart).append(role).append("\n"); };
  const auto end_turn = [&] { text.append(kImEnd).append("\n"); };
  turn("system");
  text += "You are a helpful assistant.";
  end_turn();
  turn("user");
  for (std::size_t i = 0; i < images; ++i) text.append(kVisionStart).append(kImagePad).append(kVisionEnd);
  text += instruction;
  end_turn();
  turn("assistant");
  return text;
}

// Grows a prompt by text tokens and images, with positions: text counts up on all three axes at once; an image that
// starts at p has temporal p, height p + row, width p + column, and the text after it goes on at p + max(height,
// width).
class PromptBuilder {
 public:
  void AddText(int id) {
    Add(id, next_, next_, next_);
    ++next_;
  }

  void AddImage(int id, const ImageGrid& grid) {
    const int begin = static_cast<int>(prompt_.ids.size());
    for (int row = 0; row < grid.height; ++row) {
      for (int column = 0; column < grid.width; ++column) Add(id, next_, next_ + row, next_ + column);
    }
    prompt_.images.push_back({begin, static_cast<int>(prompt_.ids.size())});
    next_ += std::max(grid.height, grid.width);
  }

  Prompt Finish() {
    prompt_.next_position = next_;
    return std::move(prompt_);
  }

 private:
  void Add(int id, int temporal, int height, int width) {
    prompt_.ids.push_back(id);
    prompt_.positions[0].push_back(temporal);
    prompt_.positions[1].push_back(height);
    prompt_.positions[2].push_back(width);
  }

  Prompt prompt_;
  int next_{};
};

}  // namespace

Prompt BuildPrompt(const Tokenizer& tokenizer, std::string_view instruction, std::span<const ImageGrid> images) {
  for (const ImageGrid& grid : images) DIVLA_CHECK(grid.height >= 1 && grid.width >= 1, "an image without tokens");
  for (const std::string_view name : {kImStart, kImEnd, kVisionStart, kVisionEnd, kImagePad}) tokenizer.TokenId(name);
  const int image_pad = tokenizer.TokenId(kImagePad);
  const std::vector<int> ids = tokenizer.Encode(TemplateText(instruction, images.size()));
  const auto pads = static_cast<std::size_t>(std::count(ids.begin(), ids.end(), image_pad));
  if (pads != images.size()) {
    throw InputError(fmt::format("instruction: expected no {}, found {}", kImagePad, pads - images.size()));
  }
  PromptBuilder builder;
  std::size_t image = 0;
  for (const int id : ids) {
    if (id == image_pad) {
      builder.AddImage(id, images[image++]);
    } else {
      builder.AddText(id);
    }
  }
  return builder.Finish();
}

}  // namespace divla
