// LoadTokenizerJson: the file of Hugging Face's tokenizers library. It can describe many kinds of tokenizers; what this
// program does not do is refused, so that ids are never silently others.
#include <fmt/format.h>

#include "policy/divla/text/tokenizer_parts.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;

constexpr std::string_view kQwen2Split =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// One tokenizer.json with its path, for errors.
class File {
 public:
  explicit File(const std::string& path) : path_(path) {
    root_ = json::parse(ReadFile(path), nullptr, /*allow_exceptions=*/false);
    if (!root_.is_object()) throw InputError(fmt::format("file {}: expected a JSON object", path));
  }

  Tokenizer Read() const {
    CheckSteps();
    const json& model = Part("model", true);
    CheckModel(model);
    const std::map<std::string, AddedToken> added = Added();
    const auto vocab = model.find("vocab");
    if (vocab == model.end() || !vocab->is_object()) Fail("model.vocab", "an object of ids", Found(model, "vocab"));
    TokenizerParts parts(path_, *vocab, added);
    const auto merges = model.find("merges");
    if (merges == model.end() || !merges->is_array()) Fail("model.merges", "a list of pairs", Found(model, "merges"));
    for (std::size_t i = 0; i < merges->size(); ++i) ReadMerge((*merges)[i], i, parts);
    return std::move(parts).Finish("file " + path_, added);
  }

 private:
  [[noreturn]] void Fail(const std::string& key, std::string_view expected, const std::string& found) const {
    throw InputError(fmt::format("file {}: key '{}': expected {}, found {}", path_, key, expected, found));
  }

  // What stands at a key, short enough for one line.
  static std::string Found(const json& object, const std::string& key) {
    const auto found = object.find(key);
    if (found == object.end()) return "nothing";
    const std::string text = found->dump(-1, ' ', true, json::error_handler_t::replace);
    return text.size() <= 200 ? text : text.substr(0, 200) + "...";
  }

  const json& Part(const std::string& key, bool required) const {
    static const json empty = json::object();
    const auto found = root_.find(key);
    if (!required && (found == root_.end() || found->is_null())) return empty;
    if (found == root_.end() || !found->is_object()) Fail(key, "an object", Found(root_, key));
    return *found;
  }

  // The key must hold `expected`; absent or null is fine when that means the same.
  void Must(const json& object, const std::string& path, const std::string& key, const json& expected,
            bool optional) const {
    const auto found = object.find(key);
    if (optional && (found == object.end() || found->is_null())) return;
    if (found == object.end() || *found != expected) Fail(path + "." + key, expected.dump(), Found(object, key));
  }

  // The members of a "Sequence", or the one step itself.
  std::vector<json> Steps(const std::string& key, const std::string& list) const {
    const json& part = Part(key, true);
    if (part.value("type", json()) != "Sequence") return {part};
    const auto steps = part.find(list);
    if (steps == part.end() || !steps->is_array()) Fail(key + "." + list, "a list", Found(part, list));
    return *steps;
  }

  void CheckSteps() const {
    const std::vector<json> normal = Steps("normalizer", "normalizers");
    if (normal.size() != 1 || !normal[0].is_object() || normal[0].value("type", json()) != "NFC") {
      Fail("normalizer", "NFC only", Found(root_, "normalizer"));
    }
    const std::vector<json> split = Steps("pre_tokenizer", "pretokenizers");
    if (split.size() != 2 || !split[0].is_object() || !split[1].is_object()) {
      Fail("pre_tokenizer", "a Split and a ByteLevel", Found(root_, "pre_tokenizer"));
    }
    Must(split[0], "pre_tokenizer.0", "type", "Split", false);
    Must(split[0], "pre_tokenizer.0", "pattern", {{"Regex", kQwen2Split}}, false);
    Must(split[0], "pre_tokenizer.0", "behavior", "Isolated", false);
    Must(split[0], "pre_tokenizer.0", "invert", false, true);
    Must(split[1], "pre_tokenizer.1", "type", "ByteLevel", false);
    Must(split[1], "pre_tokenizer.1", "add_prefix_space", false, false);
    Must(split[1], "pre_tokenizer.1", "use_regex", false, false);
    const json& after = Part("post_processor", false);
    if (!after.empty() && after.value("type", json()) != "ByteLevel") {
      Must(after, "post_processor", "type", "TemplateProcessing", false);
      Must(after, "post_processor", "special_tokens", json::object(), false);  // it would put tokens around the text
    }
    Must(Part("decoder", true), "decoder", "type", "ByteLevel", false);
  }

  void CheckModel(const json& model) const {
    Must(model, "model", "type", "BPE", true);
    Must(model, "model", "dropout", nullptr, true);
    Must(model, "model", "continuing_subword_prefix", "", true);
    Must(model, "model", "end_of_word_suffix", "", true);
    Must(model, "model", "byte_fallback", false, true);
    Must(model, "model", "ignore_merges", false, true);
  }

  std::map<std::string, AddedToken> Added() const {
    std::map<std::string, AddedToken> added;
    const auto list = root_.find("added_tokens");
    if (list == root_.end()) return added;
    if (!list->is_array()) Fail("added_tokens", "a list", Found(root_, "added_tokens"));
    for (std::size_t i = 0; i < list->size(); ++i) {
      const json& token = (*list)[i];
      const std::string key = fmt::format("added_tokens.{}", i);
      if (!token.is_object() || !token.contains("id")) Fail(key, "an object with 'id' and 'content'", token.dump());
      const auto [name, parsed] = ParseAddedToken(path_, key, ParseTokenId(path_, key + ".id", token["id"]), token);
      if (!added.emplace(name, parsed).second) Fail(key, "every token once", "'" + name + "' again");
    }
    return added;
  }

  // ["a", "b"], or "a b" as versions before 0.20 of the library wrote it.
  void ReadMerge(const json& merge, std::size_t index, TokenizerParts& parts) const {
    const auto place = [&] { return fmt::format("key 'model.merges.{}'", index); };
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      parts.AddMerge(path_, place(), merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>());
      return;
    }
    const std::string_view text = merge.is_string() ? merge.get_ref<const std::string&>() : std::string_view();
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) Fail(fmt::format("model.merges.{}", index), "two tokens", merge.dump());
    parts.AddMerge(path_, place(), text.substr(0, space), text.substr(space + 1));
  }

  std::string path_;
  json root_;
};

}  // namespace

Tokenizer LoadTokenizerJson(const std::string& path) { return File(path).Read(); }

}  // namespace divla
