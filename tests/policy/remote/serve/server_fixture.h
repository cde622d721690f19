// A server of ServedPolicy, and messages for it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tests/policy/remote/serve/raw_client.h"
#include "tests/policy/remote/serve/served_policy.h"

namespace divla::serve {

struct ServerFixture {
  std::shared_ptr<Backstage> backstage = std::make_shared<Backstage>();
  ServedPolicy policy{std::make_shared<Backstage>(), true};  // to compare with
  std::size_t first_batches{};                               // made while the server started
  RunningServer server;
  explicit ServerFixture(ServeOptions options = {}, bool batch_invariant = true)
      : server(std::make_unique<ServedPolicy>(backstage, batch_invariant), std::move(options)) {
    first_batches = backstage->Batches().size();
  }
  Observation Seen(int variant, const std::string& robot = "panda") const {
    const RobotInterface interface = TestRobot(robot);
    return TestObservation(interface, policy.Requirements(interface), variant);
  }
  std::string Told(const std::string& instruction) const {
    Observation seen = Seen(0);
    seen.instruction = instruction;
    return Pack(NativeMessage(seen));
  }
  std::string Message(int variant, const Episode& episode = {}) const {
    return Pack(NativeMessage(Seen(variant), episode));
  }
};

// Asks until it is so; false after kPatience.
template <class Condition>
bool Eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace divla::serve
