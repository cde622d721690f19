// Tests for policy/divla/text/tokenizer.cc and tokenizer_files.cc.
#include "policy/divla/text/tokenizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "policy/divla/text/bpe_trainer.h"
#include "sim/rng.h"
#include "tests/policy/policy_test_support.h"

namespace divla {
namespace {

// 256 bytes, then "ab", "bc", "abc", " a", and special tokens. Ranks: ab < bc < ab+c < " "+a.
Tokenizer SmallTokenizer() {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  for (const char* token : {"ab", "bc", "abc", " a"}) tokens.emplace_back(token);
  return {tokens,
          {{'a', 'b'}, {'b', 'c'}, {256, 'c'}, {' ', 'a'}},
          {{"<|im_end|>", 260}, {"<|im", 261}, {"<loc_000>", 262}, {"<loc_127>", 263}, {"<|image_pad|>", 270}}};
}

Tokenizer TrainedTokenizer() {
  const std::vector<CountedText> texts = {
      {"Pick purple cube to yellow box. I'm hungry, is there anything I can eat?", 5},
      {"The yellow box is on the right.\nNext action:", 3}};
  return TrainBpe(texts, 400, SpecialTokens());
}

TEST(Tokenizer, MergesByRankThenFromTheLeft) {
  const Tokenizer tokenizer = SmallTokenizer();
  EXPECT_EQ(tokenizer.Encode("abc"), (std::vector<int>{258}));
  EXPECT_EQ(tokenizer.Encode("bcbc"), (std::vector<int>{257, 257}));
  EXPECT_EQ(tokenizer.Encode("abab"), (std::vector<int>{256, 256}));
  // "ab" outranks " a", so the space stays alone.
  EXPECT_EQ(tokenizer.Encode("x abc"), (std::vector<int>{'x', ' ', 258}));
  EXPECT_EQ(tokenizer.Encode("x ac"), (std::vector<int>{'x', 259, 'c'}));
  // Words do not merge with each other: the pre-tokenizer keeps digits apart.
  EXPECT_EQ(tokenizer.Encode("a1b"), (std::vector<int>{'a', '1', 'b'}));
  EXPECT_TRUE(tokenizer.Encode("").empty());
}

TEST(Tokenizer, SpecialTextInsideIsLeftmostThenLongest) {
  const Tokenizer tokenizer = SmallTokenizer();
  EXPECT_EQ(tokenizer.Encode("a<|im_end|>b"), (std::vector<int>{'a', 260, 'b'}));
  EXPECT_EQ(tokenizer.Encode("<|imx"), (std::vector<int>{261, 'x'}));
  EXPECT_EQ(tokenizer.Encode("<<|im_end|><|im_end|>"), (std::vector<int>{'<', 260, 260}));
  EXPECT_EQ(tokenizer.Encode("<loc_12"), (std::vector<int>{'<', 'l', 'o', 'c', '_', '1', '2'}));
  // A special token cuts the words: "ab" across it does not merge.
  EXPECT_EQ(tokenizer.Encode("a<loc_000>b"), (std::vector<int>{'a', 262, 'b'}));
}

TEST(Tokenizer, NormalizesTextButNotAcrossSpecialTokens) {
  const Tokenizer tokenizer = SmallTokenizer();
  EXPECT_EQ(tokenizer.Encode("e\u0301"), (std::vector<int>{0xC3, 0xA9}));
  EXPECT_EQ(tokenizer.Encode("e<|im_end|>\u0301"), (std::vector<int>{'e', 260, 0xCC, 0x81}));
}

TEST(Tokenizer, DecodesWithAndWithoutSpecialTokens) {
  const Tokenizer tokenizer = SmallTokenizer();
  const std::vector<int> ids = {258, 262, ' ', 263, 'x', 260};
  EXPECT_EQ(tokenizer.Decode(ids, false), "abc<loc_000> <loc_127>x<|im_end|>");
  EXPECT_EQ(tokenizer.Decode(ids, true), "abc x");
  EXPECT_EQ(tokenizer.DecodeGrounded(ids), "abc<loc_000> <loc_127>x");
  // Ids of a padded vocabulary, and bytes that are no character.
  EXPECT_EQ(tokenizer.Decode(std::vector<int>{265, -1, 100000, 'y'}, false), "y");
  EXPECT_EQ(tokenizer.Decode(std::vector<int>{0xE6, 0x96}, false), "\ufffd");
}

TEST(Tokenizer, KnowsItsSpecialTokens) {
  const Tokenizer tokenizer = SmallTokenizer();
  EXPECT_EQ(tokenizer.VocabSize(), 271);
  EXPECT_EQ(tokenizer.TokenId(kImEnd), 260);
  EXPECT_TRUE(tokenizer.IsSpecial(270));
  EXPECT_FALSE(tokenizer.IsSpecial(256));
  EXPECT_FALSE(tokenizer.HasSpecial("ab"));
  EXPECT_EQ(tokenizer.LocationOf(263), 127);
  EXPECT_EQ(tokenizer.LocationOf(260), std::nullopt);
  ExpectInputError([&] { tokenizer.TokenId("<|nothing|>"); }, {"<|nothing|>"});
  EXPECT_EQ(SpecialTokens().size(), 6U + 128U);
  EXPECT_EQ(LocationToken(7), "<loc_007>");
  EXPECT_EQ(LocationBin(0), 0);
  EXPECT_EQ(LocationBin(0.5), 64);
  EXPECT_EQ(LocationBin(1), 127);
  EXPECT_EQ(LocationBin(-3), 0);
}

TEST(Tokenizer, HardTextsRoundTrip) {
  const Tokenizer tokenizer = TrainedTokenizer();
  const std::vector<std::string> texts = {
      "I'm hungry, is there anything I can eat? They'LL've it.",
      "numbers 1234567890 \u00bd \u0664",
      "line\nbreaks\r\n\r\n  and\ttabs  \n \n",
      "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 emoji",
      "\u628a\u7d2b\u8272\u65b9\u5757\u653e\u8fdb\u84dd\u8272\u76d2\u5b50\u3002",
      "caf\u00e9 na\u00efve \u00c5ngstr\u00f6m",
      "<|im_start|>user\nPick<loc_064><loc_003> it<|im_end|>\n<|im_ends|><loc_128>",
      std::string("zero\0byte", 9),
      "    ",
      "\u3000\u00a0",
  };
  for (const std::string& text : texts) {
    SCOPED_TRACE(text);
    EXPECT_EQ(tokenizer.Decode(tokenizer.Encode(text), false), text);
  }
  EXPECT_EQ(tokenizer.Decode(tokenizer.Encode("Cafe\u0301"), false), "Caf\u00e9");  // NFC
  ExpectInputError([&] { tokenizer.Encode("a\xc3"); }, {"UTF-8"});
}

TEST(Tokenizer, LongWordsTakeNoQuadraticTime) {
  const Tokenizer tokenizer = SmallTokenizer();
  std::string word;
  for (int i = 0; i < 200'000; ++i) word += "abc"[i % 3];
  const std::vector<int> ids = tokenizer.Encode(word);
  EXPECT_EQ(tokenizer.Decode(ids, false), word);
  EXPECT_EQ(ids.front(), 258);
}

// The rule as a plain loop: find the pair of lowest rank, merge all its occurrences from the left, repeat.
std::vector<std::string> SlowMerge(const std::string& word,
                                   const std::map<std::pair<std::string, std::string>, int>& ranks) {
  std::vector<std::string> parts;
  for (const char byte : word) parts.emplace_back(1, byte);
  while (true) {
    int best = INT_MAX;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto found = ranks.find({parts[i], parts[i + 1]});
      if (found != ranks.end()) best = std::min(best, found->second);
    }
    if (best == INT_MAX) return parts;
    std::vector<std::string> merged;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto found = i + 1 < parts.size() ? ranks.find({parts[i], parts[i + 1]}) : ranks.end();
      if (found != ranks.end() && found->second == best) {
        merged.push_back(parts[i] + parts[i + 1]);
        ++i;
      } else {
        merged.push_back(parts[i]);
      }
    }
    parts = merged;
  }
}

TEST(Tokenizer, AgreesWithThePlainLoopOnRandomWords) {
  Rng rng(StreamKey{.seed = 3, .stream = "tokenizer-test"});
  const auto random_word = [&](int most) {
    std::string word;
    for (int i = 1 + rng.Int(most); i > 0; --i) word += "abcd"[rng.Int(4)];
    return word;
  };
  std::vector<CountedText> texts;
  for (int i = 0; i < 200; ++i) texts.push_back({random_word(12), 1 + rng.Int(5)});
  const Tokenizer tokenizer = TrainBpe(texts, 400, {});
  ASSERT_EQ(tokenizer.VocabSize(), 400);
  TempFolder folder;
  tokenizer.Save(folder.Path());
  std::map<std::pair<std::string, std::string>, int> ranks;
  std::istringstream merges(GetFile(folder.File("merges.txt")));
  std::string left;
  std::string right;
  std::getline(merges, left);  // the version
  while (merges >> left >> right) ranks.emplace(std::pair(left, right), static_cast<int>(ranks.size()));
  ASSERT_EQ(ranks.size(), 144U);
  for (int i = 0; i < 500; ++i) {
    const std::string word = random_word(30);
    std::vector<std::string> parts;
    for (const int id : tokenizer.Encode(word)) parts.push_back(tokenizer.Decode(std::vector<int>{id}, false));
    EXPECT_EQ(parts, SlowMerge(word, ranks)) << word;
  }
}

class TokenizerFiles : public testing::Test {
 protected:
  TokenizerFiles() { SmallTokenizer().Save(folder_.Path()); }
  void ExpectRefused(const std::vector<std::string>& parts) {
    ExpectInputError([&] { Tokenizer::Load(folder_.Path()); }, parts);
  }
  nlohmann::json Json(const std::string& name) { return nlohmann::json::parse(GetFile(folder_.File(name))); }
  void Put(const std::string& name, const nlohmann::json& value) { PutFile(folder_.File(name), value.dump()); }

  TempFolder folder_;
};

TEST_F(TokenizerFiles, LoadGivesTheSameTokenizer) {
  const Tokenizer trained = TrainedTokenizer();
  trained.Save(folder_.Path());
  const Tokenizer loaded = Tokenizer::Load(folder_.Path());
  const std::string text = "Pick yellow box\n right. <|im_end|> <loc_099> \u65b9";
  EXPECT_EQ(loaded.Encode(text), trained.Encode(text));
  EXPECT_EQ(loaded.VocabSize(), trained.VocabSize());
  const TempFolder second;
  loaded.Save(second.Path());
  for (const char* name : {"vocab.json", "merges.txt", "added_tokens.json"}) {
    EXPECT_EQ(GetFile(second.File(name)), GetFile(folder_.File(name))) << name;
  }
}

TEST_F(TokenizerFiles, ReadsTokenizerConfigWhereAddedTokensAreMissing) {
  std::filesystem::remove(folder_.File("added_tokens.json"));
  ExpectRefused({"added_tokens.json"});
  PutFile(folder_.File("tokenizer_config.json"), R"({"added_tokens_decoder": {"300": {"content": "<|im_end|>"}}})");
  EXPECT_EQ(Tokenizer::Load(folder_.Path()).TokenId(kImEnd), 300);
  PutFile(folder_.File("tokenizer_config.json"), R"({"added_tokens_decoder": {"3x": {"content": "<|im_end|>"}}})");
  ExpectRefused({"tokenizer_config.json", "3x"});
}

TEST_F(TokenizerFiles, RefusesBrokenVocab) {
  nlohmann::json vocab = Json("vocab.json");
  vocab.erase("\u0120");  // the space
  Put("vocab.json", vocab);
  ExpectRefused({"vocab.json", "\u0120", "byte 32"});
  vocab["\u0120"] = -1;
  Put("vocab.json", vocab);
  ExpectRefused({"vocab.json", "\u0120", "-1"});
  vocab["\u0120"] = 65;
  Put("vocab.json", vocab);
  ExpectRefused({"vocab.json", "id 65", "twice"});
  vocab["\u0120"] = 32;
  vocab["a b"] = 400;
  Put("vocab.json", vocab);
  ExpectRefused({"vocab.json", "'a b'"});
  PutFile(folder_.File("vocab.json"), "[]");
  ExpectRefused({"vocab.json", "JSON object"});
  std::filesystem::remove(folder_.File("vocab.json"));
  ExpectRefused({"vocab.json", "No such file"});
}

TEST_F(TokenizerFiles, RefusesBrokenMerges) {
  PutFile(folder_.File("merges.txt"), "#version: 0.2\na b\nx y\n");
  ExpectRefused({"merges.txt", "line 3", "x y"});
  PutFile(folder_.File("merges.txt"), "a b\nab\n");
  ExpectRefused({"merges.txt", "line 2"});
  PutFile(folder_.File("merges.txt"), "a b\na b\n");
  ExpectRefused({"merges.txt", "line 2", "line 1"});
  PutFile(folder_.File("merges.txt"), "#version: 0.2\r\na b\r\n");
  EXPECT_EQ(Tokenizer::Load(folder_.Path()).Encode("ab"), (std::vector<int>{256}));
}

TEST_F(TokenizerFiles, RefusesSpecialTokensWithoutAnIdOfTheirOwn) {
  Put("added_tokens.json", {{"<|im_end|>", 256}});
  ExpectRefused({"<|im_end|>", "256"});
  Put("added_tokens.json", {{"<|im_end|>", 300}, {"<|im_start|>", 300}});
  ExpectRefused({"<|im_start|>", "300"});
  Put("added_tokens.json", {{"<|im_end|>", "x"}});
  ExpectRefused({"added_tokens.json", "<|im_end|>"});
}

}  // namespace
}  // namespace divla
