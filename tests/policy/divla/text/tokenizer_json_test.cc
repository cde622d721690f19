// Tests for policy/divla/text/tokenizer_json.cc and for the flags of added tokens.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "policy/divla/text/tokenizer.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

using nlohmann::json;

class TokenizerJson : public testing::Test {
 protected:
  TokenizerJson()
      : file_(
            json::parse(GetFile(std::string(DIVLA_SOURCE_DIR) + "/tests/golden/references/tokenizer/tokenizer.json"))) {
  }
  void ExpectRefused(const json& file, const std::vector<std::string>& parts) {
    PutFile(folder_.File("tokenizer.json"), file.dump());
    ExpectInputError([&] { Tokenizer::Load(folder_.Path()); }, parts);
  }
  void ExpectRefused(const std::string& pointer, const json& value, const std::vector<std::string>& parts) {
    SCOPED_TRACE(pointer);
    json changed = file_;
    changed[json::json_pointer(pointer)] = value;
    ExpectRefused(changed, parts);
  }
  json file_;
  TempFolder folder_;
};

TEST_F(TokenizerJson, RefusesWhatItDoesNotDo) {
  ExpectRefused("/normalizer/type", "NFKC", {"normalizer", "NFC", "NFKC"});
  ExpectRefused("/pre_tokenizer/pretokenizers/0/pattern/Regex", "\\w+", {"pre_tokenizer.0.pattern", "w+"});
  ExpectRefused("/pre_tokenizer/pretokenizers/1/add_prefix_space", true, {"pre_tokenizer.1.add_prefix_space"});
  ExpectRefused("/model/type", "Unigram", {"model.type", "BPE", "Unigram"});
  ExpectRefused("/model/dropout", 0.1, {"model.dropout", "0.1"});
  ExpectRefused("/model/ignore_merges", true, {"model.ignore_merges"});
  ExpectRefused("/decoder/type", "WordPiece", {"decoder.type", "ByteLevel"});
  ExpectRefused("/added_tokens/0/single_word", true, {"added_tokens.0.single_word"});
  ExpectRefused("/added_tokens/0/special", 1, {"added_tokens.0.special", "true or false"});
}

TEST_F(TokenizerJson, RefusesBrokenFiles) {
  ExpectRefused(json::array(), {"tokenizer.json", "JSON object"});
  ExpectRefused("/model", nullptr, {"model", "an object"});
  ExpectRefused("/model/vocab", 3, {"model.vocab"});
  ExpectRefused("/model/merges", 3, {"model.merges"});
  ExpectRefused("/model/merges/2", "ab", {"model.merges.2", "two tokens"});
  ExpectRefused("/model/merges/2", file_["model"]["merges"][1], {"model.merges.2", "model.merges.1"});
  ExpectRefused("/added_tokens/1/id", -4, {"added_tokens.1.id", "-4"});
  ExpectRefused("/added_tokens/1/id", 65, {"special token", "65"});
  ExpectRefused("/added_tokens/1", file_["added_tokens"][0], {"added_tokens.1", "again"});
}

TEST_F(TokenizerJson, MergesMayBeWrittenAsOneText) {
  PutFile(folder_.File("tokenizer.json"), file_.dump());
  const std::vector<int> ids = Tokenizer::Load(folder_.Path()).Encode("Put the red cup on the plate.");
  for (json& merge : file_["model"]["merges"]) merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  PutFile(folder_.File("tokenizer.json"), file_.dump());
  EXPECT_EQ(Tokenizer::Load(folder_.Path()).Encode("Put the red cup on the plate."), ids);
}

// What the tokenizers library answers for such tokens (checked on 400 random texts beside it).
TEST(AddedTokens, FlagsSayWhatIsTakenAndWhere) {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  const std::map<std::string, AddedToken> added = {{"<left>", {.id = 300, .strips_left = true}},
                                                   {"<right>", {.id = 301, .special = false, .strips_right = true}},
                                                   {"<caf\u00e9>", {.id = 302, .special = false, .normalized = true}},
                                                   {"<raw\u00e9>", {.id = 303}}};
  const Tokenizer tokenizer(tokens, {}, added);
  EXPECT_EQ(tokenizer.Encode("a \u3000<left> b"), (std::vector<int>{'a', 300, ' ', 'b'}));
  EXPECT_EQ(tokenizer.Encode("a <right>\n b"), (std::vector<int>{'a', ' ', 301, 'b'}));
  EXPECT_EQ(tokenizer.Encode("<right> <left>"), (std::vector<int>{301, 300}));
  EXPECT_EQ(tokenizer.Encode("<cafe\u0301>"), (std::vector<int>{302}));
  EXPECT_EQ(tokenizer.Encode("<raw\u00e9>"), (std::vector<int>{303}));
  EXPECT_EQ(tokenizer.Encode("<rawe\u0301>").size(), 7U);  // looked for before normalisation: plain bytes
  EXPECT_EQ(tokenizer.Decode(std::vector<int>{'a', 300, 301}, true), "a<right>");
  TempFolder folder;
  tokenizer.Save(folder.Path());
  const Tokenizer again = Tokenizer::Load(folder.Path());
  EXPECT_EQ(again.Encode("a <left><right> <cafe\u0301>"), tokenizer.Encode("a <left><right> <cafe\u0301>"));
  EXPECT_FALSE(again.IsSpecial(301));
}

// Marks that are newer than Unicode 9 neither move nor let others pass, as in the library.
TEST(AddedTokens, NormalFormKnowsNoMarksAfterUnicode9) {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  const Tokenizer tokenizer(tokens, {}, std::map<std::string, AddedToken>());
  const auto normal = [&](const std::string& text) { return tokenizer.Decode(tokenizer.Encode(text), false); };
  EXPECT_EQ(normal("\u0315\u0334"), "\u0334\u0315");                  // old marks are put in order
  EXPECT_EQ(normal("\u1DFA\u0334"), "\u1DFA\u0334");                  // U+1DFA is of Unicode 14
  EXPECT_EQ(normal("e\u0898\u0301"), "e\u0898\u0301");                // and so e and its accent stay apart
  EXPECT_EQ(normal("\U00011935\U00011930"), "\U00011935\U00011930");  // a composition of Unicode 13
}

}  // namespace
}  // namespace divla
