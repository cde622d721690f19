#include "tests/policy/remote/client/test_server.h"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <mutex>
#include <thread>
#include <vector>

namespace divla {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Error = boost::system::error_code;
using asio::ip::tcp;

class Peer final : public TestPeer {
 public:
  Peer(tcp::socket socket, int number) : handle_(socket.native_handle()), stream_(std::move(socket)), number_(number) {}

  int Number() const override { return number_; }
  void Handshake() override { stream_.accept(error_); }
  void SendBinary(const std::string& bytes) override { Send(bytes, true); }
  void SendText(const std::string& text) override { Send(text, false); }
  std::optional<std::string> Receive() override {
    beast::flat_buffer buffer;
    stream_.read(buffer, error_);
    if (error_) return std::nullopt;
    return beast::buffers_to_string(buffer.data());
  }
  void Close(int code, const std::string& reason) override {
    stream_.close(websocket::close_reason(static_cast<websocket::close_code>(code), reason), error_);
  }
  void SendRaw(const std::string& bytes) override { asio::write(stream_.next_layer(), asio::buffer(bytes), error_); }
  void Cut() override {
    open_ = false;
    stream_.next_layer().close(error_);
  }
  void WaitForEnd() override {
    char byte{};
    while (stream_.next_layer().read_some(asio::buffer(&byte, 1), error_) > 0) {
    }
  }
  // From another thread: ends whatever the script waits for.
  void Shutdown() const {
    if (open_) ::shutdown(handle_, SHUT_RDWR);
  }

 private:
  void Send(const std::string& bytes, bool binary) {
    stream_.binary(binary);
    stream_.write(asio::buffer(bytes), error_);
  }

  const int handle_;
  std::atomic<bool> open_{true};  // afterwards the number may be another socket
  websocket::stream<tcp::socket> stream_;
  const int number_;
  Error error_;
};

}  // namespace

struct TestServer::Impl {
  explicit Impl(std::function<void(TestPeer&)> of)
      : script(std::move(of)), acceptor(context, {asio::ip::address_v4::loopback(), 0}) {}

  void Accept() {
    for (;;) {
      Error error;
      tcp::socket socket(context);
      acceptor.accept(socket, error);
      const std::lock_guard lock(mutex);
      if (error || ending) return;
      peers.push_back(std::make_unique<Peer>(std::move(socket), static_cast<int>(peers.size())));
      threads.emplace_back([this, peer = peers.back().get()] {
        script(*peer);
        peer->Shutdown();  // as a program that ends does
      });
    }
  }

  std::function<void(TestPeer&)> script;
  asio::io_context context;
  tcp::acceptor acceptor;
  mutable std::mutex mutex;
  bool ending{};
  std::vector<std::unique_ptr<Peer>> peers;
  std::vector<std::thread> threads;
  std::thread accepting;
};

TestServer::TestServer(std::function<void(TestPeer&)> script) : impl_(std::make_unique<Impl>(std::move(script))) {
  impl_->accepting = std::thread([this] { impl_->Accept(); });
}

TestServer::~TestServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->ending = true;
    for (const auto& peer : impl_->peers) peer->Shutdown();
  }
  ::shutdown(impl_->acceptor.native_handle(), SHUT_RDWR);
  impl_->accepting.join();
  for (std::thread& thread : impl_->threads) thread.join();
}

std::string TestServer::Name() const {
  return "ws://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port());
}

int TestServer::Connections() const {
  const std::lock_guard lock(impl_->mutex);
  return static_cast<int>(impl_->peers.size());
}

}  // namespace divla
