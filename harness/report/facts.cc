#include "harness/report/facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/edits.h"

namespace divla {

std::vector<Fact> Facts(const RunInfo& info) {
  const RunVersions& versions = info.versions;
  const RunMachine& machine = info.machine;
  std::vector<Fact> facts{
      {"suite", fmt::format("{} v{}, {} episodes in groups of {}", info.suite, info.suite_version, info.episodes,
                            info.group_size)},
      {"policy", info.policy},
  };
  if (!info.control.empty()) facts.push_back({"control", info.control});
  if (info.latency.milliseconds > 0) {
    facts.push_back({"simulated latency",
                     fmt::format("{} ms ({} control steps) after each query; meanwhile the arm {}",
                                 info.latency.milliseconds, info.latency.Steps(),
                                 info.latency.play == LatencyPlay::kHold ? "holds" : "goes on with the old chunk")});
  }
  if (!info.remote.empty()) facts.push_back({"policy server", info.remote});
  if (!info.weights_sha256.empty()) facts.push_back({"weights SHA-256", info.weights_sha256});
  if (info.strict)
    facts.push_back({"strict", "yes: the policy computed with arithmetic that does not depend on the processor"});
  if (info.shard) facts.push_back({"shard", fmt::format("{} of {}", info.shard->index, info.shard->count)});
  facts.push_back({"seed", std::to_string(info.seed)});
  facts.push_back({"divla", versions.divla});
  facts.push_back({"commit", versions.git_commit + (versions.git_dirty ? " with local changes" : "")});
  if (!versions.rules.empty()) {
    std::string rules;
    for (const auto& [task, version] : versions.rules)
      rules += fmt::format("{}{} v{}", rules.empty() ? "" : ", ", task, version);
    facts.push_back({"rules", rules + "; any other task v1"});
  }
  facts.push_back({"MuJoCo", versions.mujoco});
  facts.push_back({"LibTorch", versions.libtorch});
  facts.push_back({"renderer", versions.renderer});
  if (info.pictures && !info.pictures->looks.empty()) facts.push_back({"looks", info.pictures->looks});
  facts.push_back({"compiler", versions.compiler});
  facts.push_back({"machine", fmt::format("{}, {}, {} cores, GPU {}, {} workers", machine.cpu, machine.isa,
                                          machine.cores, machine.gpu, info.workers)});
  facts.push_back({"command", fmt::format("{}", fmt::join(info.command, " "))});
  return facts;
}

std::vector<std::string> Warnings(const RunInfo& info, const RunSummary& summary) {
  std::vector<std::string> warnings;
  if (summary.finished < summary.planned) {
    warnings.push_back(
        fmt::format("{}{} of {} planned episodes are finished; the numbers cover the finished ones only.",
                    summary.interrupted ? "The run was stopped: " : "", summary.finished, summary.planned));
  }
  if (info.versions.git_dirty) {
    warnings.push_back("The program was built from a working tree with local changes, so the commit does not name it.");
  }
  if (info.suite == kEditedSuite) {
    warnings.push_back(
        "A person changed this episode in the viewer (run.json's block edited says what, and at which step): it says "
        "nothing about the policy alone.");
  }
  return warnings;
}

}  // namespace divla
