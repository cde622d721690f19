// instruction_synonym and instruction_noise: the same sentence, word by word and letter by letter.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>

#include "sim/check.h"
#include "tasks/axes/registry.h"
#include "tasks/axes/synonyms.h"
#include "tasks/axes/text.h"

namespace divla {
namespace {

bool IsLetter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool IsUpper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

// A phrase of the instruction that the list has synonyms for.
struct Replaceable {
  std::size_t at{};
  const Synonym* synonym{};
};

// Longest phrases first, none overlapping, in order of the text.
std::vector<Replaceable> FindReplaceable(const std::string& text) {
  std::vector<Replaceable> found;
  for (const Synonym& synonym : Synonyms()) {
    for (std::size_t at = FindPhrase(text, synonym.phrase); at != std::string::npos;
         at = FindPhrase(text, synonym.phrase, at + 1)) {
      const bool overlaps = std::any_of(found.begin(), found.end(), [&](const Replaceable& other) {
        return at < other.at + other.synonym->phrase.size() && other.at < at + synonym.phrase.size();
      });
      if (!overlaps) found.push_back({at, &synonym});
    }
  }
  std::sort(found.begin(), found.end(), [](const Replaceable& a, const Replaceable& b) { return a.at < b.at; });
  return found;
}

class SynonymAxis final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{
        "instruction_synonym",
        "instruction",
        "words of the instruction are replaced by held-out synonyms (assets/language/synonyms.json)",
        {{"share of the words that have one", "1", {0.2, 0.4, 0.6, 0.8, 1.0}}},
        "words inserted, deleted or replaced, share of the longer text",
        {Claim::kInstruction},
        false};
    return spec;
  }

  bool Edit(const Task&, int level, Rng& rng, EpisodePlan& plan) const override {
    std::vector<Replaceable> words = FindReplaceable(plan.instruction);
    if (words.empty()) return false;
    const double share = Spec().parameters[0].At(level);
    const auto count = static_cast<std::size_t>(std::ceil(share * static_cast<double>(words.size()) - 1e-9));
    std::vector<std::size_t> order(words.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    rng.Shuffle(order);
    order.resize(count);
    std::sort(order.rbegin(), order.rend());  // from the end, so that places stay right
    for (const std::size_t i : order) {
      const Replaceable& word = words[i];
      std::string other = word.synonym->others[static_cast<std::size_t>(
          Rng({plan.seed, plan.key.task, "instruction_synonym", 0, plan.key.index, "choice", i})
              .Int(static_cast<int>(word.synonym->others.size())))];
      if (IsUpper(plan.instruction[word.at]))
        other[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(other[0])));
      plan.instruction.replace(word.at, word.synonym->phrase.size(), other);
    }
    return true;
  }

  double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const override {
    return WordDistance(clean.instruction, twin.instruction);
  }
};

std::vector<std::string> Letters(const std::string& text) {
  std::vector<std::string> letters;
  for (const char c : text) letters.emplace_back(1, c);
  return letters;
}

class NoiseAxis final : public Axis {
 public:
  const AxisSpec& Spec() const override {
    static const AxisSpec spec{"instruction_noise",
                               "instruction",
                               "typing errors: letters missing, doubled, swapped or in the wrong case",
                               {{"letters that go wrong", "share", {0.03, 0.06, 0.10, 0.15, 0.20}}},
                               "letters inserted, deleted or replaced",
                               {Claim::kInstruction},
                               false};
    return spec;
  }

  bool Edit(const Task&, int level, Rng& rng, EpisodePlan& plan) const override {
    // A letter goes wrong in the same way at every level from which on it does.
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i + 1 < plan.instruction.size(); ++i) {
      if (IsLetter(plan.instruction[i]) && IsLetter(plan.instruction[i + 1])) places.push_back(i);
    }
    if (places.empty()) return false;
    std::vector<int> errors;
    for (std::size_t i = 0; i < places.size(); ++i) errors.push_back(rng.Int(4));
    std::vector<std::size_t> order(places.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    rng.Shuffle(order);
    const double share = Spec().parameters[0].At(level);
    const auto count = static_cast<std::size_t>(std::ceil(share * static_cast<double>(places.size())));
    order.resize(std::max<std::size_t>(count, static_cast<std::size_t>(1)));
    std::sort(order.rbegin(), order.rend());
    for (const std::size_t i : order) Spoil(plan.instruction, places[i], errors[i]);
    return true;
  }

  double Measure(const EpisodePlan& clean, const EpisodePlan& twin) const override {
    return EditDistance(Letters(clean.instruction), Letters(twin.instruction));
  }

 private:
  static void Spoil(std::string& text, std::size_t at, int error) {
    switch (error) {
      case 0:
        text.erase(at, 1);
        break;
      case 1:
        text.insert(at, 1, text[at]);
        break;
      case 2:
        std::swap(text[at], text[at + 1]);
        break;
      default:
        text[at] = static_cast<char>(text[at] ^ 0x20);  // ASCII: the other case
    }
  }
};

}  // namespace

const Axis& InstructionSynonym() {
  static const SynonymAxis axis;
  return axis;
}
const Axis& InstructionNoise() {
  static const NoiseAxis axis;
  return axis;
}

}  // namespace divla
