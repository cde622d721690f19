// PolicyServer: any policy behind a websocket, for clients of the openpi policy protocol (Physical-Intelligence/openpi,
// packages/openpi-client). One binary message of metadata first; then each observation is answered by a chunk of actions.
// policy/README.md has the keys. Standard types only.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace divla {

// A robot that clients may ask about.
struct ServedRobot {
  RobotInterface robot;
  // Observation::tool for a state, for clients that send joints only; called by the thread in Run. Empty: such clients
  // are refused when the policy reads the tool's pose.
  std::function<std::vector<float>(std::span<const float> state)> tool;
};

struct ServeOptions {
  std::string host{"127.0.0.1"};  // a numeric address of this machine, or "localhost"; "0.0.0.0" is every network
  int port{8000};                 // 0: a free one
  std::string api_key;            // empty: none is asked for; else clients send "Authorization: Api-Key KEY"
  int max_clients{16};            // open conversations; one more is refused with status 503
  int max_batch{16};              // queries of different clients that are answered together
  std::size_t max_message{std::size_t{16} << 20};  // bytes; a longer message closes the connection with code 1009
  // Every wait for a peer ends.
  std::chrono::milliseconds handshake_timeout{10'000};  // for its request line and headers, and for its goodbye
  std::chrono::milliseconds message_timeout{30'000};    // for the rest of a message that has begun
  std::chrono::milliseconds write_timeout{30'000};      // until it has taken an answer
  std::chrono::milliseconds idle_timeout{600'000};      // without a question
  std::chrono::milliseconds drain_timeout{30'000};      // from the order to stop to the last goodbye
  // One line about a client that came, left or failed; from two threads. Empty: nothing is said.
  std::function<void(const std::string& line)> log;
};

class PolicyServer {
 public:
  // Binds the port, and asks the policy once about each robot that it knows, so that a broken policy fails here and the
  // metadata can say how long a chunk is. Throws InputError for a wrong host and when the policy knows none of the
  // robots, MachineError when the port cannot be had.
  PolicyServer(std::unique_ptr<Policy> policy, std::vector<ServedRobot> robots, ServeOptions options);
  ~PolicyServer();
  PolicyServer(const PolicyServer&) = delete;
  PolicyServer& operator=(const PolicyServer&) = delete;

  int Port() const;                         // that it listens on
  std::vector<std::string> Robots() const;  // that it answers about, in the order given

  // Serves until `stop` says true (asked some times a second, by this thread). Then no one new is let in, answers that
  // are being made are finished and sent, everyone is told goodbye (code 1001), and it returns. Once only.
  void Run(const std::function<bool()>& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace divla
