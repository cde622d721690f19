// The tokenizer against Hugging Face's: ids, pieces and character classes that tests/golden/references/ holds.
#include <gtest/gtest.h>
#include <utf8proc.h>

#include <nlohmann/json.hpp>

#include "policy/divla/text/pretokenize.h"
#include "policy/divla/text/tokenizer.h"
#include "policy/divla/text/unicode_classes.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

using nlohmann::json;

const std::string kFolder = std::string(DIVLA_SOURCE_DIR) + "/tests/golden/references/tokenizer";

json Read(const std::string& name) { return json::parse(GetFile(kFolder + "/" + name)); }

std::string Utf8(std::int32_t code) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(code, bytes.data());
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size)};
}

TEST(TokenizerReference, IdsEqualThoseOfTransformers) {
  const Tokenizer tokenizer = Tokenizer::Load(kFolder);
  const json cases = Read("tokenizer_cases.json");
  ASSERT_GE(cases.size(), 200U);
  for (const json& one : cases) {
    const auto text = one.at("text").get<std::string>();
    EXPECT_EQ(tokenizer.Encode(text), one.at("ids").get<std::vector<int>>()) << one.at("text").dump(-1, ' ', true);
  }
}

TEST(TokenizerReference, PiecesEqualThoseOfThePreTokenizer) {
  for (const json& one : Read("tokenizer_cases.json")) {
    const std::string normal = NormalizeNfc(one.at("text").get<std::string>());
    std::vector<std::size_t> sizes;
    for (const std::string_view word : PreTokenize(normal)) sizes.push_back(word.size());
    EXPECT_EQ(sizes, one.at("pieces").get<std::vector<std::size_t>>()) << one.at("text").dump(-1, ' ', true);
  }
}

TEST(TokenizerReference, EveryCodePointHasItsClassAndNormalForm) {
  const json facts = Read("unicode.json");
  std::vector<char> classes(0x110000, 'x');
  for (const auto& [name, letter] : std::map<std::string, char>{{"letter", 'L'}, {"number", 'N'}, {"space", 's'}}) {
    for (const json& range : facts.at(name)) {
      for (auto code = range.at(0).get<std::size_t>(); code <= range.at(1).get<std::size_t>(); ++code) {
        classes[code] = letter;
      }
    }
  }
  std::map<std::int32_t, std::string> changed;
  for (const json& row : facts.at("nfc")) {
    for (const json& code : row.at(1)) changed[row.at(0).get<std::int32_t>()] += Utf8(code.get<std::int32_t>());
  }
  int wrong = 0;
  for (std::int32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;
    const auto character = static_cast<std::uint32_t>(code);
    const char found = IsLetter(character) ? 'L' : IsNumber(character) ? 'N' : IsWhiteSpace(character) ? 's' : 'x';
    const std::string self = Utf8(code);
    const std::string normal = NormalizeNfc(self);
    const auto expected = changed.find(code);
    const bool same = found == classes[static_cast<std::size_t>(code)] &&
                      normal == (expected == changed.end() ? self : expected->second);
    if (!same && ++wrong <= 20) ADD_FAILURE() << "U+" << std::hex << code << " class " << found;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(TokenizerReference, BothKindsOfFilesGiveTheSameTokenizer) {
  const Tokenizer whole = Tokenizer::Load(kFolder);
  TempFolder parts;
  whole.Save(parts.Path());
  const Tokenizer again = Tokenizer::Load(parts.Path());
  EXPECT_EQ(again.VocabSize(), whole.VocabSize());
  for (const json& one : Read("tokenizer_cases.json")) {
    const auto text = one.at("text").get<std::string>();
    const std::vector<int> ids = whole.Encode(text);
    EXPECT_EQ(again.Encode(text), ids) << text;
    // Bytes are kept, so what comes back is the normal form of what stands between the special tokens.
    EXPECT_EQ(again.Decode(ids, false), whole.Decode(ids, false));
  }
}

}  // namespace
}  // namespace divla
