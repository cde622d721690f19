// Where a policy server is.
#pragma once

#include <string>

namespace divla {

inline constexpr const char* kRemotePrefix = "ws://";      // begins the name of every remote policy
inline constexpr const char* kDefaultRemotePort = "8000";  // openpi's

struct RemoteAddress {
  std::string host;  // a name or an address; of IPv6 without its brackets
  std::string port{kDefaultRemotePort};
  std::string path{"/"};
  std::string Text() const;  // "ws://host:8000/", IPv6 in brackets
};

// "ws://HOST[:PORT][/PATH]", IPv6 as [::1]. Throws InputError for anything else, wss:// included.
RemoteAddress ParseRemoteAddress(const std::string& name);

}  // namespace divla
