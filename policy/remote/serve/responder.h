// What the transport knows of whoever answers: bytes in, bytes out. So the network is tested with any answer, and the
// answers without a network.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace divla::serve {

struct Reply {
  // Not empty: the question could not be answered, and this may be told to the client in one line. The connection ends.
  std::string error;
  std::string message;  // else the answer's bytes
};

// One client's questions, one at a time. Used by the network thread.
class Conversation {
 public:
  virtual ~Conversation() = default;
  // `reply` is called exactly once, by any thread, also from within Ask; the conversation lives until then.
  virtual void Ask(std::string message, std::function<void(Reply)> reply) = 0;
  // Nobody waits any more for what was asked last: it need not be answered in earnest.
  virtual void Forget() = 0;
};

class Responder {
 public:
  virtual ~Responder() = default;
  virtual std::string Greeting() const = 0;  // the bytes of the first message to each client
  virtual std::unique_ptr<Conversation> Open() = 0;
};

}  // namespace divla::serve
