// An observation as a client sends it with our own keys, written without the client under policy/remote/client.
#pragma once

#include <cstdint>
#include <optional>

#include "policy/remote/wire/value.h"
#include "sim/observation.h"

namespace divla::serve {

// What is said of the episode; what is empty is left out.
struct Episode {
  std::optional<std::uint64_t> seed{};
  std::optional<int> query{}, number{};
  bool reset{};
};

WireValue NativeMessage(const Observation& observation, const Episode& episode = {});

}  // namespace divla::serve
