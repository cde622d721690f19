#include "harness/provenance.h"

#include <fmt/format.h>
#include <mujoco/mujoco.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <optional>

namespace divla {
namespace {

// What `git <arguments>` prints in the source folder, without the last newline; empty when git or the repository is
// missing.
std::optional<std::string> Git(const std::string& arguments) {
  std::string folder = "'";
  for (const char c : std::string(DIVLA_SOURCE_DIR)) folder += c == '\'' ? std::string("'\\''") : std::string(1, c);
  folder += "'";
  const std::string command = fmt::format("git -C {} {} 2>/dev/null", folder, arguments);
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string text;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), n);
  if (::pclose(pipe) != 0) return std::nullopt;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

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
  const auto commit = Git("rev-parse --verify HEAD");
  versions.git_commit = commit.value_or("unknown");
  const auto changes = Git("status --porcelain");
  versions.git_dirty = !commit || !changes || !changes->empty();
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
