// One client on the network: the HTTP request, the websocket, and every deadline. All of it runs on the thread of the
// server's io_context; only replies come from elsewhere. Boost.Beast stays in connection.cc.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <set>
#include <string>

#include "policy/remote/serve/responder.h"
#include "policy/serve.h"

namespace divla::serve {

class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  virtual ~ClientConnection() = default;
  virtual void Start() = 0;
  // Finishes what is being answered, says goodbye and ends.
  virtual void Drain() = 0;
  // Ends now.
  virtual void Kill() = 0;
};

// All that the connections of a server share; outlives them.
struct Door {
  const ServeOptions& options;
  Responder& responder;
  std::set<ClientConnection*> connections{};  // those that live
  int conversations{};                        // those of them that are past the HTTP request
  long number{};                              // of connections so far, for the log
  bool draining{};

  void Log(const std::string& line) const {
    if (options.log) options.log(line);
  }
};

// It lives as long as it has something to do: a read, a write, or a reply to wait for. So a client that leaves while
// its question is being answered keeps its place until then, and no one can fill the line of questions by coming again
// and again.
std::shared_ptr<ClientConnection> MakeConnection(boost::asio::ip::tcp::socket socket, Door& door);

}  // namespace divla::serve
