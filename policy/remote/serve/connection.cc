#include "policy/remote/serve/connection.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "policy/remote/serve/admission.h"
#include "sim/check.h"

namespace divla::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Error = boost::system::error_code;

constexpr std::size_t kReadPiece = 256 * 1024;             // bytes, reserved before they come
constexpr std::uint32_t kMostOfHead = 8 * 1024;            // bytes, of a request line and its headers
constexpr std::size_t kWithoutEnd = std::size_t{1} << 30;  // bytes beyond the longest message
constexpr const char* kErrorReason = "Internal server error. See the text frame before.";

// A wait that can be called off.
class Deadline {
 public:
  explicit Deadline(const asio::any_io_executor& executor) : timer_(std::make_shared<asio::steady_timer>(executor)) {}
  void Arm(std::chrono::milliseconds wait, std::function<void()> late) {
    timer_->expires_after(wait);
    timer_->async_wait([weak = std::weak_ptr(timer_), late = std::move(late)](const Error& error) {
      const auto timer = weak.lock();
      // A handler that was already on its way when the deadline was moved comes with success, too.
      if (!error && timer != nullptr && timer->expiry() <= asio::steady_timer::clock_type::now()) late();
    });
  }
  void Disarm() { timer_->expires_at(asio::steady_timer::time_point::max()); }

 private:
  const std::shared_ptr<asio::steady_timer> timer_;
};

class WebsocketConnection final : public ClientConnection {
 public:
  WebsocketConnection(asio::ip::tcp::socket socket, Door& door)
      : door_(door),
        number_(++door.number),
        ws_(std::move(socket)),
        read_deadline_(ws_.get_executor()),
        write_deadline_(ws_.get_executor()) {
    door_.connections.insert(this);
  }

  ~WebsocketConnection() override {
    door_.connections.erase(this);
    if (!conversing_) return;
    --door_.conversations;
    door_.Log(fmt::format("client {}: left after {} answers", number_, answers_));
  }

  void Start() override {
    Tcp().expires_after(door_.options.handshake_timeout);
    parser_.header_limit(kMostOfHead);
    http::async_read(Tcp(), buffer_, parser_,
                     [self = Self()](const Error& error, std::size_t) { self->OnHead(error); });
  }

  void Drain() override {
    if (!conversing_) return Kill();
    draining_ = true;
    if (conversation_ != nullptr && !asking_) Close(websocket::close_code::going_away, "the server is shutting down");
  }

  void Kill() override {
    ended_ = true;
    if (conversation_ != nullptr) conversation_->Forget();
    read_deadline_.Disarm();
    write_deadline_.Disarm();
    Tcp().close();  // everything that waits for the network comes back with an error
  }

 private:
  // permessage-deflate is compiled out: openpi does not use it, and it would let a small message grow large.
  using Stream = websocket::stream<beast::tcp_stream, /*deflateSupported=*/false>;

  std::shared_ptr<WebsocketConnection> Self() {
    return std::static_pointer_cast<WebsocketConnection>(shared_from_this());
  }
  beast::tcp_stream& Tcp() { return beast::get_lowest_layer(ws_); }

  // --- HTTP ---

  void OnHead(const Error& error) {
    if (error) {
      const bool not_http = error.category() == Error(http::error::bad_method).category() &&
                            error != http::error::end_of_stream && error != http::error::partial_message;
      return not_http ? Answer({400, "this is no HTTP request that is served here\n"}) : Kill();
    }
    // A client waits for the answer to its request before it sends anything else.
    if (buffer_.size() != 0) return Answer({400, "expected nothing behind the request\n"});
    const auto& request = parser_.get();
    RequestHead head;
    head.get_or_head = request.method() == http::verb::get || request.method() == http::verb::head;
    head.target = std::string(request.target());
    head.upgrade = websocket::is_upgrade(request);
    head.has_origin = request.find(http::field::origin) != request.end();
    head.authorization = std::string(request[http::field::authorization]);
    const bool full = door_.conversations >= door_.options.max_clients || door_.draining;
    if (const auto answer = AnswerToHead(head, door_.options.api_key, full)) return Answer(*answer);
    conversing_ = true;
    ++door_.conversations;
    door_.Log(fmt::format("client {}: came, {} of {}", number_, door_.conversations, door_.options.max_clients));
    Tcp().expires_never();  // the websocket has deadlines of its own
    ws_.set_option(websocket::stream_base::timeout{door_.options.handshake_timeout, websocket::stream_base::none(),
                                                   /*keep_alive_pings=*/false});
    ws_.set_option(websocket::stream_base::decorator(
        [](websocket::response_type& response) { response.set(http::field::server, "divla"); }));
    // Counted here: Beast's own way out of too long a message may cut the connection before the peer has read why. That
    // is good enough for frames that claim to be without end.
    ws_.read_message_max(door_.options.max_message + kWithoutEnd);
    ws_.auto_fragment(false);
    ws_.async_accept(request, [self = Self()](const Error& failed) { self->OnOpen(failed); });
  }

  void Answer(const HttpAnswer& answer) {
    response_ = {http::status(answer.status), 11};
    response_.set(http::field::server, "divla");
    response_.set(http::field::content_type, "text/plain; charset=utf-8");
    if (!answer.challenge.empty()) response_.set(http::field::www_authenticate, answer.challenge);
    if (answer.status == 426) response_.set(http::field::upgrade, "websocket");
    if (answer.status == 503) response_.set(http::field::retry_after, "5");
    response_.keep_alive(false);
    response_.body() = answer.body;
    response_.prepare_payload();
    if (parser_.get().method() == http::verb::head) response_.body().clear();
    if (answer.status != 200) door_.Log(fmt::format("client {}: refused, {}", number_, answer.status));
    Tcp().expires_after(door_.options.handshake_timeout);
    http::async_write(Tcp(), response_, [self = Self()](const Error&, std::size_t) {
      Error ignored;
      self->Tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
      self->Kill();
    });
  }

  // --- the conversation ---

  void OnOpen(const Error& error) {
    if (error || ended_) return Kill();
    conversation_ = door_.responder.Open();
    Write(door_.responder.Greeting(), /*text=*/false);
    Read();
  }

  // There is always a read in flight, so that pings are answered and a client that leaves is noticed while its question
  // is thought about.
  void Read() {
    ws_.async_read_some(buffer_, kReadPiece,
                        [self = Self()](const Error& error, std::size_t) { self->OnPiece(error); });
  }

  void OnPiece(const Error& error) {
    if (error || ended_) return Kill();
    if (closing_) return;  // the goodbye reads on by itself
    if (buffer_.size() > door_.options.max_message) {
      return Close(websocket::close_code::too_big, fmt::format("expected at most {} bytes", door_.options.max_message));
    }
    if (!ws_.is_message_done()) {
      if (!receiving_) {
        receiving_ = true;
        read_deadline_.Arm(door_.options.message_timeout, Late("a message did not end in time"));
      }
      return Read();
    }
    receiving_ = false;
    read_deadline_.Disarm();
    std::string message = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    if (!ws_.got_binary()) return Close(websocket::close_code::unknown_data, "expected a binary message");
    // The next question may come as soon as the peer has read the last answer, which can be before we hear of it.
    if (asking_) {
      if (next_) return Close(websocket::close_code::policy_error, "expected one question at a time");
      next_ = std::move(message);
    } else {
      Ask(std::move(message));
    }
    if (!closing_ && !ended_) Read();
  }

  void Ask(std::string message) {
    asking_ = true;
    conversation_->Ask(std::move(message), [self = Self()](Reply reply) mutable {
      const asio::any_io_executor executor = self->executor_;  // self may be gone before post returns
      asio::post(executor,
                 [self = std::move(self), reply = std::move(reply)]() mutable { self->OnReply(std::move(reply)); });
    });
  }

  void OnReply(Reply reply) {
    if (ended_ || closing_) return;
    if (reply.error.empty()) {
      ++answers_;
      return Write(std::move(reply.message), /*text=*/false);
    }
    fails_ = true;
    Write(std::move(reply.error), /*text=*/true);
  }

  void Write(std::string message, bool text) {
    DIVLA_CHECK(!writing_, "one write at a time");
    writing_ = true;
    asking_ = true;
    outgoing_ = std::move(message);
    ws_.text(text);
    write_deadline_.Arm(door_.options.write_timeout, [weak = weak_from_this()] {
      if (const auto self = std::static_pointer_cast<WebsocketConnection>(weak.lock())) {
        self->door_.Log(fmt::format("client {}: did not take its answer in time", self->number_));
        self->Kill();
      }
    });
    ws_.async_write(asio::buffer(outgoing_),
                    [self = Self()](const Error& error, std::size_t) { self->OnWritten(error); });
  }

  void OnWritten(const Error& error) {
    if (error || ended_) return Kill();
    writing_ = asking_ = false;
    write_deadline_.Disarm();
    outgoing_ = {};
    if (wanted_) return Close(static_cast<websocket::close_code>(wanted_->code), std::string(wanted_->reason.c_str()));
    if (fails_) return Close(websocket::close_code::internal_error, kErrorReason);
    if (draining_) return Close(websocket::close_code::going_away, "the server is shutting down");
    if (next_) return Ask(*std::exchange(next_, std::nullopt));
    if (!receiving_) read_deadline_.Arm(door_.options.idle_timeout, Late("no question came in time"));
  }

  std::function<void()> Late(const char* reason) {
    return [weak = weak_from_this(), reason] {
      if (const auto self = std::static_pointer_cast<WebsocketConnection>(weak.lock())) {
        self->Close(websocket::close_code::policy_error, reason);
      }
    };
  }

  void Close(websocket::close_code code, const std::string& reason) {
    if (closing_ || ended_) return;
    const websocket::close_reason goodbye(code, reason);
    if (writing_) {  // behind what is being written; write_deadline_ ends that
      if (!wanted_) wanted_ = goodbye;
      return;
    }
    closing_ = true;
    conversation_->Forget();
    read_deadline_.Disarm();
    door_.Log(fmt::format("client {}: closed, {}", number_, reason));
    // Ends by handshake_timeout at the latest, also when the peer does not answer or does not read.
    ws_.async_close(goodbye, [self = Self()](const Error&) { self->Kill(); });
  }

  Door& door_;
  const long number_;
  Stream ws_;
  // Of its own: replies come from another thread, which must not touch the stream.
  const asio::any_io_executor executor_{ws_.get_executor()};
  Deadline read_deadline_, write_deadline_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
  std::unique_ptr<Conversation> conversation_;
  std::string outgoing_;
  std::optional<std::string> next_;                // a question that came while one is answered
  std::optional<websocket::close_reason> wanted_;  // to close with, once the write is over
  long answers_{};
  bool conversing_{}, receiving_{}, asking_{}, writing_{}, fails_{}, draining_{}, closing_{}, ended_{};
};

}  // namespace

std::shared_ptr<ClientConnection> MakeConnection(asio::ip::tcp::socket socket, Door& door) {
  return std::make_shared<WebsocketConnection>(std::move(socket), door);
}

}  // namespace divla::serve
