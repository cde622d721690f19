// What verify prints.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/proof/verify.h"

namespace divla {
namespace {

using nlohmann::json;

std::string Short(const std::string& text) { return text.size() <= 160 ? text : text.substr(0, 157) + "..."; }

std::string Line(const Difference& difference) {
  const std::string where = difference.step < 0 ? "" : fmt::format("control step {}: ", difference.step);
  return fmt::format("{}{}: expected {}, found {}", where, difference.field, Short(difference.expected),
                     Short(difference.found));
}

json ToJson(const Difference& difference) {
  return {{"step", difference.step < 0 ? json(nullptr) : json(difference.step)},
          {"field", difference.field},
          {"expected", difference.expected},
          {"found", difference.found}};
}

json ToJson(const std::vector<Difference>& differences) {
  json list = json::array();
  for (const Difference& difference : differences) list.push_back(ToJson(difference));
  return list;
}

struct Counts {
  int logs{};
  long long steps{};
  int same_score{};  // of the episodes with a log
};

Counts Count(const Verification& verification) {
  Counts counts;
  for (const EpisodeCheck& check : verification.episodes) {
    counts.steps += check.steps;
    counts.logs += check.has_log;
    counts.same_score += check.has_log && check.same_score;
  }
  return counts;
}

}  // namespace

std::string FormatVerification(const Verification& verification, const std::filesystem::path& run) {
  std::string text;
  for (const Difference& difference : verification.folder) text += Line(difference) + "\n";
  const bool one = verification.episodes.size() == 1;
  for (const EpisodeCheck& check : verification.episodes) {
    if (check.differences.empty()) continue;
    const std::size_t shown = one ? check.differences.size() : 1;
    for (std::size_t i = 0; i < shown; ++i) {
      text += fmt::format("{}: {}", ToString(check.key), Line(check.differences[i]));
      if (i + 1 == shown && check.differences.size() > shown) {
        text += fmt::format(" (and {} more: --episode {})", check.differences.size() - shown, ToString(check.key));
      }
      text += "\n";
    }
  }
  for (const std::string& note : verification.notes) text += "note: " + note + "\n";
  const Counts counts = Count(verification);
  const std::size_t n = verification.episodes.size();
  text += fmt::format("{}: {} of {} episodes agree", run.string(),
                      n - static_cast<std::size_t>(verification.Different()), n);
  if (counts.logs > 0) {
    text +=
        fmt::format("; {} logs, {} control steps played; scores agree in {} of {}; frames {}", counts.logs,
                    counts.steps, counts.same_score, counts.logs, verification.frames ? "drawn again" : "not checked");
  }
  if (verification.stopped) text += "; stopped by the user, the other episodes were not checked";
  return text + "\n";
}

json ToJson(const Verification& verification) {
  json episodes = json::array();
  for (const EpisodeCheck& check : verification.episodes) {
    episodes.push_back({{"key", ToString(check.key)},
                        {"agrees", check.differences.empty()},
                        {"log", check.has_log},
                        {"steps", check.steps},
                        {"same_score", check.has_log ? json(check.same_score) : json(nullptr)},
                        {"differences", ToJson(check.differences)}});
  }
  const Counts counts = Count(verification);
  return {{"agrees", verification.Agrees()},
          {"stopped", verification.stopped},
          {"n", verification.episodes.size()},
          {"different", verification.Different()},
          {"logs", counts.logs},
          {"steps", counts.steps},
          {"same_score", counts.same_score},
          {"frames_checked", verification.frames},
          {"folder", ToJson(verification.folder)},
          {"notes", verification.notes},
          {"episodes", episodes}};
}

}  // namespace divla
