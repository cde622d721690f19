// The memory of an agent that keeps one plain value of each episode.
#pragma once

#include <utility>

#include "harness/agent.h"
#include "sim/check.h"

namespace divla {

template <class Value>
class MemoryOf final : public AgentMemory {
 public:
  explicit MemoryOf(Value kept) : value(std::move(kept)) {}
  static const Value& In(const AgentMemory& memory) {
    const auto* mine = dynamic_cast<const MemoryOf*>(&memory);
    DIVLA_CHECK(mine != nullptr, "an agent recalls what it remembered itself");
    return mine->value;
  }
  const Value value;
};

}  // namespace divla
