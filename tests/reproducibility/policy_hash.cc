// Prints the hash of a policy's answers to fixed queries: run it under other settings of the machine, or under an
// emulator of another one, and compare. `policy_hash [--strict] [--batch N] [--threads N] [--lines] CHECKPOINT`
// --threads: that many copies at once, each with its own policy; all must agree.
// Exit code 0; 1 when the copies differ; 2 for wrong arguments.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "policy/registry.h"
#include "sim/check.h"
#include "tests/policy/fixed_queries.h"

namespace divla {
namespace {

int Run(const std::vector<std::string>& arguments) {
  PolicyOptions options;
  int batch = 1, threads = 1;
  bool lines = false;
  std::string checkpoint;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const auto number = [&] { return i + 1 < arguments.size() ? std::atoi(arguments[++i].c_str()) : 0; };
    if (word == "--strict") {
      options.strict = true;
    } else if (word == "--batch") {
      batch = number();
    } else if (word == "--threads") {
      threads = number();
    } else if (word == "--lines") {
      lines = true;
    } else {
      checkpoint = word;
    }
  }
  if (checkpoint.empty() || batch < 1 || batch > 5 || threads < 1) {
    std::fprintf(stderr, "policy_hash [--strict] [--batch 1..5] [--threads N] [--lines] CHECKPOINT\n");
    return 2;
  }
  std::vector<FixedAnswers> answers(static_cast<std::size_t>(threads));
  std::vector<std::thread> copies;
  for (FixedAnswers& answer : answers) {
    copies.emplace_back([&answer, &checkpoint, &options, batch] {
      answer = AskFixedQueries(*MakePolicy(checkpoint, checkpoint, options), batch);
    });
  }
  for (std::thread& copy : copies) copy.join();
  if (lines) {
    for (const std::string& line : answers.front().lines) std::printf("%s\n", line.c_str());
  }
  for (const FixedAnswers& answer : answers) {
    if (answer.hash == answers.front().hash) continue;
    std::printf("the copies differ: %s and %s\n", answers.front().hash.c_str(), answer.hash.c_str());
    return 1;
  }
  std::printf("%s\n", answers.front().hash.c_str());
  return 0;
}

}  // namespace
}  // namespace divla

int main(int count, char** words) {
  try {
    return divla::Run({words + 1, words + count});
  } catch (const divla::InputError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
