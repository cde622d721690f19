#include "harness/exit_code.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <new>

#include "sim/check.h"

namespace divla {

int SayAndExit(const std::string& program, const std::string& message, int code) {
  fmt::print(stderr, "{}: {}\n", program, message);
  return code;
}

int ExitCodeOf(const std::string& program, const std::function<int()>& work) {
  try {
    return work();
  } catch (const InputError& error) {
    return SayAndExit(program, error.what(), kExitBadInput);
  } catch (const MachineError& error) {
    return SayAndExit(program, error.what(), kExitMachine);
  } catch (const std::filesystem::filesystem_error& error) {
    return SayAndExit(program, error.what(), kExitMachine);
  } catch (const std::bad_alloc&) {
    return SayAndExit(program, "out of memory", kExitMachine);
  }
}

}  // namespace divla
