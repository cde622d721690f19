#include "tasks/axes/synonyms.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/scene_builder.h"
#include "tasks/json_reader.h"

namespace divla {

std::vector<Synonym> ReadSynonyms(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw InputError("file " + file.string() + ": cannot be opened");
  const std::string where = "file " + file.string();
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(stream);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(where + ": " + error.what());
  }
  const JsonReader reader(json, where);
  reader.AllowOnly({"format", "version", "synonyms"});
  if (reader.Get<std::string>("format") != "divla-synonyms") reader.Fail("format", "expected \"divla-synonyms\"");
  if (reader.Get<int>("version") != 1) reader.Fail("version", "expected 1");
  const JsonReader entries(reader.At("synonyms"), where + ": synonyms");
  std::vector<Synonym> synonyms;
  for (const auto& [phrase, value] : reader.At("synonyms").items()) {
    Synonym synonym{phrase, entries.Get<std::vector<std::string>>(phrase.c_str())};
    if (phrase.empty() || synonym.others.empty()) entries.Fail(phrase, "expected at least one synonym, found none");
    if (std::any_of(synonym.others.begin(), synonym.others.end(), [](const auto& other) { return other.empty(); })) {
      entries.Fail(phrase, "expected words, found an empty text");
    }
    synonyms.push_back(std::move(synonym));
  }
  std::stable_sort(synonyms.begin(), synonyms.end(),
                   [](const Synonym& a, const Synonym& b) { return a.phrase.size() > b.phrase.size(); });
  return synonyms;
}

const std::vector<Synonym>& Synonyms() {
  static const std::vector<Synonym> synonyms = ReadSynonyms(AssetsDir() / "language" / "synonyms.json");
  return synonyms;
}

}  // namespace divla
