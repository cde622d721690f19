// serve_queries POLICY COUNT FOLDER: COUNT different questions for a policy, as a client sends them (N.msgpack), and
// what the policy answers to each in this process, alone and in strict arithmetic (N.actions: float32, N.reasoning).
// tests/acceptance/serve.sh compares `divla serve` with these.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "policy/registry.h"
#include "sim/check.h"
#include "sim/rng.h"
#include "tests/policy/policy_test_support.h"
#include "tests/policy/remote/serve/native_message.h"

namespace {

void Put(const std::string& path, const std::string& bytes) {
  std::ofstream stream(path, std::ios::binary);
  stream << bytes;
  if (!stream.flush().good()) throw divla::MachineError(path + ": cannot be written");
}

divla::Observation Seen(const divla::RobotInterface& robot, const divla::PolicyRequirements& wants, int number) {
  divla::Observation observation = divla::TestObservation(robot, wants, number);
  divla::Rng rng({.seed = 12, .stream = "serve-queries", .index = static_cast<std::uint64_t>(number)});
  for (float& joint : observation.state) joint += static_cast<float>(rng.Uniform(-0.1, 0.1));
  return observation;
}

void Write(const std::string& name, int count, const std::string& folder) {
  const auto policy = divla::MakePolicy(name, std::string(DIVLA_SOURCE_DIR) + "/assets/checkpoints", {.strict = true});
  for (int number = 0; number < count; ++number) {
    const divla::RobotInterface robot = divla::TestRobot(number % 2 == 0 ? "panda" : "agilex");
    const divla::Observation observation = Seen(robot, policy->Requirements(robot), number);
    const std::uint64_t seed = divla::Rng({.seed = 13, .index = static_cast<std::uint64_t>(number)}).NextU64();
    const int query_number = number % 7;
    policy->Reset(robot, 1);
    const divla::Query query{&observation, 0, seed, query_number};
    const divla::PolicyOutput output = policy->Infer({&query, 1}).at(0);
    const std::string stem = fmt::format("{}/{:04}", folder, number);
    Put(stem + ".msgpack",
        divla::Pack(divla::serve::NativeMessage(observation, {.seed = seed, .query = query_number})));
    Put(stem + ".actions",
        {reinterpret_cast<const char*>(output.actions.values.data()), output.actions.values.size() * sizeof(float)});
    Put(stem + ".reasoning", output.reasoning.text);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("serve_queries POLICY COUNT FOLDER\n", stderr);
    return 2;
  }
  Write(argv[1], std::stoi(argv[2]), argv[3]);
  return 0;
}
