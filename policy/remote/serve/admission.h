// What is said to an HTTP request, before or instead of opening a websocket. Plain types, so that every rule is tested
// without a network.
#pragma once

#include <optional>
#include <string>

namespace divla::serve {

// Of the request, with what an attacker may have put there.
struct RequestHead {
  bool get_or_head{};         // the method
  std::string target;         // "/healthz"
  bool upgrade{};             // asks for a websocket
  bool has_origin{};          // sent by a web page
  std::string authorization;  // the header's value
};

struct HttpAnswer {
  unsigned status{};
  std::string body;         // one line
  std::string challenge{};  // WWW-Authenticate, with 401
  bool operator==(const HttpAnswer&) const = default;
};

// Nothing: the websocket may be opened. `GET /healthz` is answered with 200 "OK\n" whoever asks. A request with an
// Origin header comes from a page in a browser, which could otherwise reach a server on the loopback of the machine
// that it is shown on; no robot's client sends one. `api_key` empty: none is asked for; keys are compared in a time
// that does not depend on them.
std::optional<HttpAnswer> AnswerToHead(const RequestHead& head, const std::string& api_key, bool full);

}  // namespace divla::serve
