// The desk between the network and the policy: reads questions, keeps count of each client's episode, and packs
// answers. Used by the network thread, but for what the policy's thread hands back.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "policy/remote/serve/policy_thread.h"
#include "policy/remote/serve/question.h"
#include "policy/remote/serve/responder.h"
#include "policy/remote/wire/value.h"

namespace divla::serve {

// What the first message to each client says.
WireValue ServerMetadata(const PolicyInfo& info, const std::vector<ServedBody>& bodies, std::size_t max_message);

class Desk final : public Responder {
 public:
  // `policy` outlives every conversation's last answer. `log` is called by both threads, and may be empty.
  Desk(std::vector<ServedBody> bodies, std::string greeting, WireLimits limits, int slots, PolicyThread& policy,
       std::function<void(const std::string&)> log);
  ~Desk() override;

  std::string Greeting() const override { return greeting_; }
  // There are never more than `slots` at once.
  std::unique_ptr<Conversation> Open() override;

 private:
  class Client;

  const std::vector<ServedBody> bodies_;
  const std::string greeting_;
  const WireLimits limits_;
  PolicyThread& policy_;
  const std::function<void(const std::string&)> log_;
  std::set<int> free_slots_;
};

}  // namespace divla::serve
