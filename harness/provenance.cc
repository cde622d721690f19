#include "harness/provenance.h"

#include <mujoco/mujoco.h>
#include <sched.h>

#include <algorithm>
#include <fstream>

#include "harness/source_commit.h"
#include "tasks/registry.h"

namespace divla {
namespace {

std::string CpuModel() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      const auto colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  }
  return "unknown";
}

// The x86-64 micro-architecture level: what decides which kernels libraries choose.
std::string IsaLevel() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
  if (__builtin_cpu_supports("x86-64-v2")) return "x86-64-v2";
  return "x86-64";
}

}  // namespace

RunVersions ReadVersions(const std::string& renderer) {
  RunVersions versions;
  versions.divla = DIVLA_VERSION;
  versions.git_commit = kSourceCommit;
  versions.git_dirty = kSourceDirty;
  versions.mujoco = mj_versionString();
  versions.libtorch = DIVLA_TORCH_VERSION;
  versions.renderer = renderer;
#ifdef __clang__
  versions.compiler = __VERSION__;  // names itself
#else
  versions.compiler = "GCC " __VERSION__;
#endif
  return versions;
}

std::map<std::string, int> RulesInUse(const std::vector<SuiteCell>& cells) {
  std::map<std::string, int> rules;
  for (const SuiteCell& cell : cells) {
    const int version = FindTask(cell.task).Spec().rules;
    if (version > 1) rules[cell.task] = version;
  }
  return rules;
}

RunMachine ReadMachine() {
  RunMachine machine;
  machine.cpu = CpuModel();
  machine.isa = IsaLevel();
  machine.cores = UsableCores();
  machine.gpu = "none";
  return machine;
}

int UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace divla
