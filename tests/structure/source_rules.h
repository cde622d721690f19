// The rules that a source file can break on its own: who includes whom, how long a file may be, no path of one machine.
// The rules are read from the text, so they hold without building anything.
#pragma once

#include <string>
#include <vector>

namespace divla {

struct Violation {
  std::string file;  // relative to the root of the repository, with '/'
  int line{};        // 1-based; 0 when the whole file is meant
  std::string rule;  // one line: what was expected and what was found
};

// The most lines of a source file; longer ones are split by topic.
inline constexpr int kMaxSourceLines = 500;

// Checks the #include lines of a source file of sim/, tasks/, policy/, media/, harness/, viewer/ or python/; of
// another folder nothing.
//   sim      sees sim and MuJoCo. Its plain-type headers (observation, action, image, rng, check, hash), the only ones
//   that
//            policy may see, see nothing but each other: so a policy cannot reach the simulator's state by any way
//            round.
//   tasks    sees sim, tasks and MuJoCo.
//   policy   sees policy and those plain-type headers; torch only under policy/divla. Not MuJoCo.
//   media    sees media, those plain-type headers, FFmpeg and FreeType. Not MuJoCo.
//   harness  sees sim, tasks, media, harness, MuJoCo, and of policy the headers policy, registry, trainer and rows, which in
//   turn
//            may not include policy/divla. No torch.
//   viewer   sees all of these, GLFW and Dear ImGui, but neither torch nor policy/divla.
//   python   sees sim, tasks, harness, MuJoCo, Python and pybind11. Not policy: its programs bring a torch of their own.
std::vector<Violation> CheckIncludes(const std::string& file, const std::string& text);

// At most kMaxSourceLines lines.
std::vector<Violation> CheckLength(const std::string& file, const std::string& text);

// No line names a folder that exists on one machine only, such as a home folder.
std::vector<Violation> CheckMachinePaths(const std::string& file, const std::string& text);

}  // namespace divla
