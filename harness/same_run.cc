#include "harness/same_run.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/run_blocks.h"
#include "sim/check.h"

namespace divla {
namespace {

using nlohmann::json;

class Comparer {
 public:
  Comparer(const std::filesystem::path& file, const std::string& as) : file_(file), as_(as) {}

  void Require(const char* key, const json& expected, const json& found, const char* advice = "") const {
    if (expected == found) return;
    const auto text = [](const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); };
    throw InputError(fmt::format("file {}: key '{}': expected {} {}, found {}{}", file_.string(), key, text(expected),
                                 as_, text(found), advice));
  }

 private:
  const std::filesystem::path& file_;
  const std::string& as_;
};

json Cells(const RunInfo& info) {
  json cells = json::array();
  for (const SuiteCell& cell : info.cells) cells.push_back(ToString(cell));
  return cells;
}

json Pictures(const RunInfo& info) { return info.pictures ? ToJson(*info.pictures) : json(nullptr); }

}  // namespace

void RequireSameRun(const std::filesystem::path& file, const RunInfo& expected, const RunInfo& found,
                    const std::string& as) {
  const Comparer compare(file, as);
  compare.Require("suite.name", expected.suite, found.suite);
  compare.Require("suite.version", expected.suite_version, found.suite_version);
  compare.Require("policy.name", expected.policy, found.policy);
  compare.Require("policy.weights_sha256", expected.weights_sha256, found.weights_sha256);
  compare.Require("control", expected.control, found.control);
  compare.Require("strict", expected.strict, found.strict);
  compare.Require("latency", ToJson(expected.latency), ToJson(found.latency));
  compare.Require("remote", expected.remote, found.remote);
  compare.Require("seed", expected.seed, found.seed);
  compare.Require("group_size", expected.group_size, found.group_size);
  compare.Require("cells", Cells(expected), Cells(found));
  compare.Require("versions.renderer", expected.versions.renderer, found.versions.renderer);
  compare.Require("pictures", Pictures(expected), Pictures(found));
  compare.Require("versions.rules", expected.versions.rules, found.versions.rules);
  compare.Require("versions.divla", expected.versions.divla, found.versions.divla);
  compare.Require("versions.git_commit", expected.versions.git_commit, found.versions.git_commit);
  compare.Require("versions.mujoco", expected.versions.mujoco, found.versions.mujoco);
  compare.Require("versions.libtorch", expected.versions.libtorch, found.versions.libtorch);
  compare.Require("versions.compiler", expected.versions.compiler, found.versions.compiler);
}

bool DependsOnMachine(const RunInfo& info) {
  return !info.weights_sha256.empty() && !info.strict && info.remote.empty();
}

void RequireSameMachine(const std::filesystem::path& file, const RunInfo& expected, const RunInfo& found,
                        const std::string& as) {
  if (!DependsOnMachine(expected)) return;
  const Comparer compare(file, as);
  constexpr const char* kAdvice = " (only a run with --strict may go on on another processor)";
  compare.Require("machine.cpu", expected.machine.cpu, found.machine.cpu, kAdvice);
  compare.Require("machine.isa", expected.machine.isa, found.machine.isa, kAdvice);
  compare.Require("machine.gpu", expected.machine.gpu, found.machine.gpu, kAdvice);
}

}  // namespace divla
