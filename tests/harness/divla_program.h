// Runs the built program as a person would.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "harness/json_fields.h"
#include "tests/harness/temp_folder.h"

namespace divla {

struct Answer {
  int code{};
  std::string out, err;
};

// `arguments` goes through the shell.
inline Answer Divla(const std::string& arguments) {
  const TempFolder folder;
  const std::string command = std::string(DIVLA_PROGRAM) + " " + arguments + " >" + (folder / "out").string() + " 2>" +
                              (folder / "err").string();
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, ReadTextFile(folder / "out"), ReadTextFile(folder / "err")};
}

inline void ExpectRefused(const std::string& arguments, int code, const std::string& part) {
  const Answer answer = Divla(arguments);
  EXPECT_EQ(answer.code, code) << arguments << "\n" << answer.err;
  EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << answer.err;
  EXPECT_TRUE(answer.err.starts_with("divla: ")) << answer.err;
  EXPECT_NE(answer.err.find(part), std::string::npos) << "no '" << part << "' in: " << answer.err;
}

}  // namespace divla
