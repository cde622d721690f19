#include "tests/policy/remote/serve/raw_client.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "policy/remote/native_keys.h"
#include "policy/remote/wire/ndarray.h"
#include "tests/policy/remote/serve/served_policy.h"

namespace divla::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Error = boost::system::error_code;

}  // namespace

template <class Start>
Error RawClient::Await(Start start) {
  bool done = false;
  Error result;
  start([&](const Error& error, auto...) {
    done = true;
    result = error;
  });
  network_.restart();
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!done && std::chrono::steady_clock::now() < end) {
    if (network_.run_one_until(end) == 0) network_.restart();
  }
  if (done) return result;
  ADD_FAILURE() << "waited for the server in vain";
  Cut();
  network_.restart();
  network_.run();
  return result;
}

RawClient::RawClient(int port) : ws_(network_) {
  beast::get_lowest_layer(ws_).expires_never();
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), static_cast<unsigned short>(port));
  EXPECT_FALSE(Await([&](auto done) { beast::get_lowest_layer(ws_).async_connect(server, done); }));
  ws_.read_message_max(0);
}

RawClient::~RawClient() { Cut(); }

int RawClient::Open(const Headers& headers) {
  ws_.set_option(websocket::stream_base::decorator([headers](websocket::request_type& request) {
    for (const auto& [name, value] : headers) request.set(name, value);
  }));
  websocket::response_type response;
  Await([&](auto done) { ws_.async_handshake(response, "localhost", "/", done); });
  return static_cast<int>(response.result_int());
}

WireValue RawClient::Enter(const Headers& headers) {
  EXPECT_EQ(Open(headers), 101);
  const Frame frame = Receive();
  EXPECT_EQ(frame.kind, Frame::Kind::kBinary);
  return frame.kind == Frame::Kind::kBinary ? Unpack(frame.bytes) : WireValue();
}

std::string RawClient::Get(const std::string& target, const Headers& headers, const std::string& method) {
  http::request<http::empty_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(http::field::host, "localhost");
  for (const auto& [name, value] : headers) request.set(name, value);
  auto& tcp = beast::get_lowest_layer(ws_);
  Await([&](auto done) { http::async_write(tcp, request, done); });
  http::response_parser<http::string_body> parser;
  if (method == "HEAD") parser.skip(true);
  const Error error = Await([&](auto done) { http::async_read(tcp, buffer_, parser, done); });
  if (error) return error.message();
  return std::to_string(parser.get().result_int()) + " " + parser.get().body();
}

void RawClient::Send(const std::string& bytes, bool binary) {
  ws_.binary(binary);
  Await([&](auto done) { ws_.async_write(asio::buffer(bytes), done); });
}

void RawClient::SendPiece(const std::string& bytes, bool last) {
  ws_.binary(true);
  Await([&](auto done) { ws_.async_write_some(last, asio::buffer(bytes), done); });
}

bool RawClient::SendRaw(const std::string& bytes) {
  return !Await([&](auto done) { asio::async_write(beast::get_lowest_layer(ws_), asio::buffer(bytes), done); });
}

Frame RawClient::Receive() {
  beast::flat_buffer message;
  const Error error = Await([&](auto done) { ws_.async_read(message, done); });
  if (error == websocket::error::closed) {
    return {Frame::Kind::kClosed, std::string(ws_.reason().reason.c_str()), ws_.reason().code};
  }
  if (error) return {};
  return {ws_.got_text() ? Frame::Kind::kText : Frame::Kind::kBinary, beast::buffers_to_string(message.data()), 0};
}

std::string RawClient::ReceiveRaw() {
  std::string all, piece(4096, '\0');
  while (true) {
    std::size_t size = 0;
    const Error error = Await([&](auto done) {
      beast::get_lowest_layer(ws_).async_read_some(asio::buffer(piece),
                                                   [&size, done](const Error& failed, std::size_t read) mutable {
                                                     size = read;
                                                     done(failed);
                                                   });
    });
    if (error) return all;
    all += piece.substr(0, size);
  }
}

WireValue RawClient::Ask(const std::string& message) {
  Send(message);
  const Frame frame = Receive();
  EXPECT_EQ(frame.kind, Frame::Kind::kBinary) << frame.bytes;
  return frame.kind == Frame::Kind::kBinary ? Unpack(frame.bytes) : WireValue();
}

void RawClient::Close() {
  Await([&](auto done) { ws_.async_close(websocket::close_code::normal, done); });
}

void RawClient::Cut() {
  Error ignored;
  beast::get_lowest_layer(ws_).socket().close(ignored);
}

std::string ActionBytes(const WireValue& answer) {
  const WireValue* actions = answer.Find(native::kActions);
  if (actions == nullptr || actions->AsNdArray() == nullptr) {
    ADD_FAILURE() << "no actions in the answer";
    return {};
  }
  EXPECT_EQ(actions->AsNdArray()->dtype, "<f4");
  return actions->AsNdArray()->data;
}

std::string Bytes(const std::vector<float>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

}  // namespace divla::serve
