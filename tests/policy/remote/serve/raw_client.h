// A websocket client of Boost.Beast for the tests of the server, that can also be rude. Every call ends within
// kPatience, with a failed test when it had to wait so long.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <map>
#include <string>

#include "policy/remote/wire/value.h"
#include "tests/policy/remote/serve/native_message.h"

namespace divla::serve {

struct Frame {
  enum class Kind { kBinary, kText, kClosed, kCut };  // a message, a goodbye, or the end without one
  Kind kind{Kind::kCut};
  std::string bytes;  // of a message, or the reason of a goodbye
  int code{};         // of a goodbye
};

class RawClient {
 public:
  using Headers = std::map<std::string, std::string>;

  explicit RawClient(int port);
  ~RawClient();

  // The status of the answer to a websocket request: 101 when it was opened.
  int Open(const Headers& headers = {});
  // Opens, and reads the metadata. A test that gets another answer has failed.
  WireValue Enter(const Headers& headers = {});
  // "200 OK\n": status and body of a plain request.
  std::string Get(const std::string& target, const Headers& headers = {}, const std::string& method = "GET");

  void Send(const std::string& bytes, bool binary = true);
  // Of a message that goes on.
  void SendPiece(const std::string& bytes, bool last);
  // Straight into the socket, past the websocket. False when the peer has gone.
  bool SendRaw(const std::string& bytes);
  Frame Receive();
  // What the peer sends until it closes the connection.
  std::string ReceiveRaw();
  // Sends `message` and gives the answer as a map; a test that gets another answer has failed.
  WireValue Ask(const std::string& message);
  // Says goodbye and waits for the peer's.
  void Close();
  void Cut();

 private:
  template <class Start>
  boost::system::error_code Await(Start start);

  boost::asio::io_context network_;
  boost::beast::websocket::stream<boost::beast::tcp_stream> ws_;
  boost::beast::flat_buffer buffer_;
};

// The actions' numbers, as their bytes.
std::string ActionBytes(const WireValue& answer);
std::string Bytes(const std::vector<float>& numbers);

}  // namespace divla::serve
