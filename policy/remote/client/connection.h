// One websocket connection to a policy server, in openpi's protocol: the server's metadata first, then one question and
// one answer after another. Every wait has a deadline. Boost.Beast is used in connection.cc alone.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "policy/remote/client/address.h"
#include "policy/remote/wire/value.h"

namespace divla {

struct ConnectionOptions {
  std::chrono::milliseconds connect{10000};   // name, TCP and websocket handshake, each try
  std::chrono::milliseconds metadata{30000};  // from the handshake to the whole first message
  std::chrono::milliseconds answer{120000};   // from the question to the whole answer; a first one may compile a model
  WireLimits limits{};                        // of every message of the server
  std::string api_key;                        // not empty: sent as "Authorization: Api-Key KEY"
};

// The connection is of no more use: refused, closed, cut, silent, or speaking something else than the protocol.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What several connections of one thread wait in together.
class ConnectionLoop {
 public:
  ConnectionLoop();
  ~ConnectionLoop();
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

 private:
  friend class Connection;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Belongs to one thread and to its loop, which outlives it.
class Connection {
 public:
  enum class Reply {
    kNone,    // nothing was asked
    kBinary,  // Message() is the answer
    kText,    // Message() is what openpi's server sends when its policy threw: its text, shortened to one line
    kLost,    // cut, closed, or not the protocol: Message() says why
    kSilent,  // no answer in time
  };

  // Connects and reads the metadata. Throws ConnectionLost, and InputError when the first message is no metadata.
  Connection(ConnectionLoop& loop, const RemoteAddress& address, const ConnectionOptions& options);
  ~Connection();  // says goodbye where that needs no waiting
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const WireValue& Metadata() const;

  // Asks all of `questions` at once, each on its own connection, and returns when each has its reply: at the latest
  // options.answer from now. After kText, kLost and kSilent a connection is of no more use.
  struct Question {
    Connection* connection{};
    const std::string* message{};  // valid during the call
  };
  static void AskAll(ConnectionLoop& loop, std::span<const Question> questions);
  Reply LastReply() const;
  const std::string& Message() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace divla
