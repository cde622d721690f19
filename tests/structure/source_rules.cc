#include "tests/structure/source_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <optional>
#include <sstream>
#include <string_view>

namespace divla {
namespace {

constexpr std::array<std::string_view, 6> kPlainSimHeaders = {"action", "check", "hash", "image", "observation", "rng"};
constexpr std::array<std::string_view, 9> kPublicPolicyHeaders = {
    "policy", "registry", "rows", "trainer", "probe", "model_bench", "sha256", "serve", "noise_seed"};
constexpr std::array<std::string_view, 8> kOurFolders = {"sim",     "tasks",  "policy", "media",
                                                         "harness", "viewer", "python", "tests"};

template <std::size_t n>
bool Contains(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "sim/rng.h" is in folder "sim"; "imgui.h" is in none.
std::string_view FirstPart(std::string_view path) {
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool IsHeaderOf(std::string_view folder, const auto& names, std::string_view path) {
  return FirstPart(path) == folder && path.ends_with(".h") &&
         Contains(names, path.substr(folder.size() + 1, path.size() - folder.size() - 3));
}

// The same for "sim/rng.h" and "sim/rng.cc".
bool IsPlainSimFile(std::string_view path) {
  const std::string header = std::string(path.substr(0, path.rfind('.'))) + ".h";
  return IsHeaderOf("sim", kPlainSimHeaders, header);
}

enum class Family { kOurs, kMujoco, kTorch, kGui, kMedia, kNetwork, kArrow, kPython, kOther };

Family FamilyOf(std::string_view path) {
  const std::string_view folder = FirstPart(path);
  if (folder == "mujoco") return Family::kMujoco;
  if (folder == "torch" || folder == "ATen" || folder == "c10") return Family::kTorch;
  if (folder == "GLFW" || folder == "imgui" || path.starts_with("imgui")) return Family::kGui;
  if (folder.starts_with("libav") || folder == "libswscale" || path == "ft2build.h") return Family::kMedia;
  if (path.starts_with("boost/asio") || path.starts_with("boost/beast") || path.starts_with("msgpack")) {
    return Family::kNetwork;
  }
  if (folder == "arrow" || folder == "parquet") return Family::kArrow;
  if (folder == "pybind11" || path == "Python.h") return Family::kPython;
  if (Contains(kOurFolders, folder)) return Family::kOurs;
  return Family::kOther;
}

struct Include {
  std::string path;
  bool quoted{};  // "..." rather than <...>
};

std::optional<Include> ParseInclude(std::string_view line) {
  const auto skip_blanks = [&line] {
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  };
  skip_blanks();
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  skip_blanks();
  if (!line.starts_with("include")) return std::nullopt;
  line.remove_prefix(std::string_view("include").size());
  skip_blanks();
  if (line.empty() || (line.front() != '"' && line.front() != '<')) return std::nullopt;
  const bool quoted = line.front() == '"';
  line.remove_prefix(1);
  const std::size_t end = line.find(quoted ? '"' : '>');
  if (end == std::string_view::npos) return std::nullopt;
  return Include{std::string(line.substr(0, end)), quoted};
}

// Why `file`, which is in `folder`, may not include our own header `path`; empty when it may.
std::string OwnHeaderProblem(std::string_view file, std::string_view folder, std::string_view path) {
  const std::string_view other = FirstPart(path);
  if (folder == "sim") {
    if (other != "sim") return "sim includes no other folder";
    if (IsPlainSimFile(file) && !IsPlainSimFile(path))
      return "a plain-type file of sim includes only plain-type headers";
  } else if (folder == "tasks") {
    if (other != "sim" && other != "tasks") return "tasks includes only sim and tasks";
  } else if (folder == "policy") {
    if (other != "policy" && !IsHeaderOf("sim", kPlainSimHeaders, path)) {
      return "policy includes only policy and the plain-type headers of sim";
    }
    if (IsHeaderOf("policy", kPublicPolicyHeaders, file) &&
        (path.starts_with("policy/divla/") || path.starts_with("policy/remote/"))) {
      return "a public header of policy includes nothing of policy/divla and policy/remote";
    }
  } else if (folder == "media") {
    if (other != "media" && !IsHeaderOf("sim", kPlainSimHeaders, path)) {
      return "media includes only media and the plain-type headers of sim";
    }
  } else if (folder == "harness") {
    if (other == "policy" && !IsHeaderOf("policy", kPublicPolicyHeaders, path)) {
      return "harness includes of policy only policy.h, registry.h, rows.h, trainer.h, probe.h, model_bench.h, "
             "sha256.h, serve.h and noise_seed.h";
    }
    if (other == "viewer" || other == "python" || other == "tests") {
      return "harness includes only sim, tasks, policy, media and harness";
    }
  } else if (folder == "viewer") {
    if (path.starts_with("policy/divla/") || path.starts_with("policy/remote/")) {
      return "viewer includes nothing of policy/divla and policy/remote";
    }
    if (other == "tests") return "nothing includes tests";
    if (path.starts_with("policy/divla/")) return "viewer includes nothing of policy/divla";
    if (other == "python" || other == "tests") return "nothing includes python or tests";
  } else if (folder == "python") {
    if (other != "sim" && other != "tasks" && other != "harness" && other != "python") {
      return "python includes only sim, tasks, harness and python";
    }
  }
  return {};
}

std::string IncludeProblem(std::string_view file, std::string_view folder, const Include& include) {
  switch (FamilyOf(include.path)) {
    case Family::kOurs:
      return OwnHeaderProblem(file, folder, include.path);
    case Family::kMujoco:
      if (folder == "policy" || folder == "media") return fmt::format("{} cannot see MuJoCo", folder);
      if (IsPlainSimFile(file)) return "a plain-type file of sim cannot see MuJoCo";
      return {};
    case Family::kTorch:
      return file.starts_with("policy/divla/") ? "" : "torch is included only under policy/divla";
    case Family::kGui:
      return folder == "viewer" ? "" : "GLFW and Dear ImGui are included only in viewer";
    case Family::kMedia:
      return folder == "media" ? "" : "FFmpeg and FreeType are included only in media";
    case Family::kNetwork:
      return file.starts_with("policy/remote/")
                 ? ""
                 : "Boost.Asio, Boost.Beast and msgpack are included only under policy/remote";
    case Family::kArrow:
      return file.starts_with("harness/lerobot/") ? "" : "Arrow and Parquet are included only under harness/lerobot";
    case Family::kPython:
      return folder == "python" ? "" : "Python's and pybind11's headers are included only in python";
    case Family::kOther:
      return include.quoted ? "our headers are named from the root, others with <>" : "";
  }
  return {};
}

void ForEachLine(const std::string& text, const std::function<void(int, const std::string&)>& visit) {
  std::istringstream stream(text);
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) visit(number, line);
}

}  // namespace

std::vector<Violation> CheckIncludes(const std::string& file, const std::string& text) {
  std::vector<Violation> violations;
  const std::string folder(FirstPart(file));
  if (!Contains(kOurFolders, folder) || folder == "tests") return violations;
  ForEachLine(text, [&](int number, const std::string& line) {
    const std::optional<Include> include = ParseInclude(line);
    if (!include) return;
    const std::string problem = IncludeProblem(file, folder, *include);
    if (!problem.empty()) violations.push_back({file, number, fmt::format("{}; found '{}'", problem, include->path)});
  });
  return violations;
}

std::vector<Violation> CheckLength(const std::string& file, const std::string& text) {
  int lines = 0;
  ForEachLine(text, [&lines](int number, const std::string&) { lines = number; });
  if (lines <= kMaxSourceLines) return {};
  return {{file, 0, fmt::format("expected at most {} lines, found {}", kMaxSourceLines, lines)}};
}

std::vector<Violation> CheckMachinePaths(const std::string& file, const std::string& text) {
  // Written in two pieces so that this file passes its own rule.
  static const std::array<std::string, 4> kFolders = {std::string("/wo") + "rk/", std::string("/tm") + "p/b/",
                                                      std::string("/ro") + "ot/", std::string("/ho") + "me/"};
  std::vector<Violation> violations;
  ForEachLine(text, [&](int number, const std::string& line) {
    for (const std::string& folder : kFolders) {
      for (std::size_t at = line.find(folder); at != std::string::npos; at = line.find(folder, at + 1)) {
        // "frame/work/" and "../work/" are relative: only a path that begins there is one of a machine.
        const char before = at == 0 ? ' ' : line[at - 1];
        if (std::isalnum(static_cast<unsigned char>(before)) != 0 ||
            std::string_view("._-}~").find(before) != std::string_view::npos)
          continue;
        violations.push_back({file, number, fmt::format("expected no path of one machine, found '{}'", folder)});
      }
    }
  });
  return violations;
}

}  // namespace divla
