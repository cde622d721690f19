#include "policy/remote/client/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "policy/remote/wire/utf8.h"
#include "sim/check.h"

namespace divla {
namespace {

[[noreturn]] void Refuse(const std::string& name, const char* found) {
  throw InputError(
      fmt::format("policy '{}': expected ws://HOST:PORT or ws://HOST:PORT/PATH, found {}", OneLine(name, 200), found));
}

bool IsPort(std::string_view text) {
  int number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= 65535;
}

}  // namespace

std::string RemoteAddress::Text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}{}:{}{}", kRemotePrefix, v6 ? "[" : "", host, v6 ? "]" : "", port, path);
}

RemoteAddress ParseRemoteAddress(const std::string& name) {
  if (!name.starts_with(kRemotePrefix)) Refuse(name, "another scheme (for TLS put a proxy or a tunnel before it)");
  // Nothing that could end the request line or a header of the handshake.
  if (std::any_of(name.begin(), name.end(), [](char c) { return c <= ' ' || c == '\x7f'; })) {
    Refuse(name, "a space or control character");
  }
  std::string_view rest = std::string_view(name).substr(std::string_view(kRemotePrefix).size());
  RemoteAddress address;
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) {
    address.path = rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) Refuse(name, "a '[' without its ']'");
    address.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (!rest.empty() && rest[0] != ':') Refuse(name, "something between ']' and the port");
  } else {
    const std::size_t colon = rest.find(':');
    address.host = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon);
  }
  if (address.host.empty() || address.host.find('@') != std::string::npos) Refuse(name, "no host");
  if (rest.empty()) return address;
  if (!IsPort(rest.substr(1))) Refuse(name, "no port from 1 to 65535");
  address.port = rest.substr(1);
  return address;
}

}  // namespace divla
