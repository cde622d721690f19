// Two kinds of error, kept apart everywhere:
//   our own mistakes  -> DIVLA_CHECK stops the program, in release builds too;
//   bad input         -> InputError with file, key, expected and found; `divla` prints it in one line and exits with 2.
//   a failing machine -> MachineError (unwritable folder, no OpenGL); `divla` exits with 3.
// Thread-safe: nothing here has state.
#pragma once

#include <stdexcept>
#include <string>

namespace divla {

// The person gave us something that cannot be used. The message is one line: file, key, expected, found.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The machine does not provide what the run needs. The message is one line that says what and how to mend it.
class MachineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Prints the failed condition with its place and message, then aborts. Used by DIVLA_CHECK only.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line, const std::string& message);

}  // namespace divla

#define DIVLA_CHECK(condition, message)                                              \
  do {                                                                               \
    if (!(condition)) ::divla::CheckFailed(#condition, __FILE__, __LINE__, message); \
  } while (false)
