#include "harness/training/validation.h"

#include <fmt/format.h>

#include <filesystem>

#include "harness/agent.h"
#include "harness/evaluation.h"
#include "sim/check.h"

namespace divla {
namespace {

constexpr int kGroup = 8;  // episodes of one batch: enough that their pictures go through the tower together

}  // namespace

void CheckValidationSeed(std::uint64_t seed, const std::string& where) {
  if (seed >= kFirstValidationSeed) return;
  throw InputError(
      fmt::format("{}: expected a seed from {} on (smaller ones belong to suites and demonstrations), found {}", where,
                  kFirstValidationSeed, seed));
}

std::vector<ValidationResult> Validate(const ValidationRequest& request, int workers, RendererKind renderer,
                                       const std::function<bool()>& stop) {
  CheckValidationSeed(request.seed, "key 'validation.seed'");
  Suite suite;
  suite.name = "validation";
  suite.version = 1;
  suite.seed = request.seed;
  suite.group_size = kGroup;
  for (const std::string& task : request.tasks) suite.cells.push_back({task, "none", 0, request.episodes});
  EvaluationOptions options;
  options.workers = workers;
  options.frames = ReportFrames::kNone;
  options.renderer = renderer;
  options.stop = stop;
  // As an absolute path: a folder that is called like a policy ("divla-tiny") must not be taken for the shipped one.
  const std::string checkpoint = std::filesystem::absolute(request.checkpoint).string();
  const EvaluationResult result = Evaluate(
      suite, [&](RendererSource source) { return MakeAgent(checkpoint, std::move(source)); }, options, {}, nullptr);
  std::vector<ValidationResult> results;
  for (const std::string& task : request.tasks) {
    ValidationResult one{task, 0, 0};
    for (const EpisodeRecord& record : result.records) {
      if (record.key.task != task) continue;
      ++one.episodes;
      one.successes += record.success ? 1 : 0;
    }
    if (one.episodes == request.episodes) results.push_back(one);
  }
  return results;
}

}  // namespace divla
