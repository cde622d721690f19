// How a program of this project ends: its exit code, and one line on stderr that says why.
#pragma once

#include <functional>
#include <string>

namespace divla {

inline constexpr int kExitBadInput = 2;
inline constexpr int kExitMachine = 3;

// "PROGRAM: MESSAGE" on stderr; returns `code`.
int SayAndExit(const std::string& program, const std::string& message, int code);

// The exit code of `work`, or that of what it throws: 2 for InputError, 3 for MachineError, a file system that refuses and
// memory that is used up. Anything else is our own mistake and passes through.
int ExitCodeOf(const std::string& program, const std::function<int()>& work);

}  // namespace divla
