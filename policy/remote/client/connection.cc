#include "policy/remote/client/connection.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <functional>
#include <optional>

#include "policy/remote/wire/utf8.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Clock = std::chrono::steady_clock;
using Error = boost::system::error_code;

constexpr std::size_t kShownTextBytes = 300;
constexpr auto kGoodbye = std::chrono::milliseconds(500);

// At its end Beast's client waits for the server to hang up first; a server that broke the protocol is not waited for.
struct Stream : beast::tcp_stream {
  using beast::tcp_stream::tcp_stream;
};
template <class Handler>
void async_teardown(beast::role_type, Stream& stream, Handler&& handler) {  // NOLINT: found by its name
  stream.close();
  asio::post(stream.get_executor(), beast::bind_handler(std::forward<Handler>(handler), Error()));
}

double Seconds(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

// The end of a traceback says what happened.
std::string ShownText(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (text.size() <= kShownTextBytes) return OneLine(text, kShownTextBytes);
  std::string_view end = text.substr(text.size() - kShownTextBytes);
  while (!end.empty() && (static_cast<unsigned char>(end.front()) & 0xC0U) == 0x80U) end.remove_prefix(1);
  return "... " + OneLine(end, kShownTextBytes);
}

}  // namespace

struct ConnectionLoop::Impl {
  asio::io_context context{1};

  // False when `deadline` comes first.
  bool RunUntil(const std::function<bool()>& done, Clock::time_point deadline) {
    while (!done()) {
      context.restart();
      if (context.run_one_until(deadline) == 0 && Clock::now() >= deadline) return done();
    }
    return true;
  }
};

ConnectionLoop::ConnectionLoop() : impl_(std::make_unique<Impl>()) {}
ConnectionLoop::~ConnectionLoop() = default;

// Handlers share it: one that comes after the connection's end still finds it.
struct Connection::Impl : std::enable_shared_from_this<Connection::Impl> {
  Impl(ConnectionLoop::Impl& of, RemoteAddress where, ConnectionOptions how)
      : loop(of), address(std::move(where)), options(std::move(how)), resolver(of.context), stream(of.context) {}

  ConnectionLoop::Impl& loop;
  const RemoteAddress address;
  const ConnectionOptions options;
  asio::ip::tcp::resolver resolver;
  websocket::stream<Stream> stream;
  websocket::response_type response;  // of the handshake
  beast::flat_buffer incoming;
  std::string outgoing;
  bool waiting{};
  Reply reply{Reply::kNone};
  std::string message;
  WireValue metadata;

  // Starts one step of the opening and waits for it. `start` is given the handler.
  template <class Start>
  void Step(const char* what, Clock::time_point deadline, Start start) {
    const auto outcome = std::make_shared<std::optional<Error>>();
    start([self = shared_from_this(), outcome](Error error) { *outcome = error; });
    if (!loop.RunUntil([&] { return outcome->has_value(); }, deadline)) {
      Shut();
      throw ConnectionLost(
          fmt::format("{}: expected {} within {} s, found silence", address.Text(), what, Seconds(options.connect)));
    }
    if (!**outcome) return;
    const Error error = **outcome;
    Shut();
    if (error == websocket::error::upgrade_declined) {
      throw ConnectionLost(
          fmt::format("{}: expected a websocket, found HTTP status {}", address.Text(), response.result_int()));
    }
    throw ConnectionLost(
        fmt::format("{}: expected {}, found: {}", address.Text(), what, OneLine(error.message(), 200)));
  }

  void Open() {
    const Clock::time_point deadline = Clock::now() + options.connect;
    auto found = std::make_shared<asio::ip::tcp::resolver::results_type>();
    Step("a known host", deadline, [&](auto handler) {
      resolver.async_resolve(address.host, address.port, [handler, found](Error error, auto results) {
        *found = results;
        handler(error);
      });
    });
    auto& socket = beast::get_lowest_layer(stream);
    Step("a connection", deadline, [&](auto handler) {
      socket.async_connect(*found, [handler, found](Error error, const auto&) { handler(error); });
    });
    Error ignored;
    socket.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    // The deadlines here are total. Beast's own is for its farewell to a server that broke the protocol.
    stream.set_option(websocket::stream_base::timeout{options.connect, websocket::stream_base::none(),
                                                      /*keep_alive_pings=*/false});
    stream.read_message_max(options.limits.bytes);
    stream.set_option(websocket::stream_base::decorator([key = options.api_key](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "DiVLA-Bench");
      if (!key.empty()) request.set(beast::http::field::authorization, "Api-Key " + key);
    }));
    const bool v6 = address.host.find(':') != std::string::npos;
    const std::string host = fmt::format("{}{}{}:{}", v6 ? "[" : "", address.host, v6 ? "]" : "", address.port);
    Step("a websocket handshake", deadline,
         [&](auto handler) { stream.async_handshake(response, host, address.path, handler); });
    stream.binary(true);
    waiting = true;
    Read();
    Await(Clock::now() + options.metadata, "metadata", options.metadata);
    if (reply != Reply::kBinary) {
      throw ConnectionLost(reply == Reply::kText
                               ? fmt::format("{}: expected metadata, found text: {}", address.Text(), message)
                               : message);
    }
    metadata = Unpack(message, options.limits, address.Text() + ": metadata");
    if (metadata.AsMap() == nullptr) {
      throw InputError(fmt::format("{}: metadata: expected a map, found {}", address.Text(), metadata.KindName()));
    }
    reply = Reply::kNone;
    message.clear();
  }

  // A read is always under way, so that the server's pings are answered whenever the loop runs.
  void Read() {
    stream.async_read(incoming, [self = shared_from_this()](Error error, std::size_t) { self->OnRead(error); });
  }

  void OnRead(Error error) {
    if (Gone()) return;
    if (error) return Lose(Why(error));
    if (!waiting) return Lose("a message that nobody asked for");
    waiting = false;
    const auto bytes = incoming.cdata();
    const std::string_view view(static_cast<const char*>(bytes.data()), bytes.size());
    if (stream.got_binary()) {
      message.assign(view);
      reply = Reply::kBinary;
    } else {
      message = ShownText(view);
      reply = Reply::kText;
    }
    incoming.consume(incoming.size());
    Read();
  }

  std::string Why(Error error) const {
    if (error == websocket::error::closed) {
      const std::string said = OneLine({stream.reason().reason.data(), stream.reason().reason.size()}, 125);
      return fmt::format("closed by the server with code {}{}{}", static_cast<int>(stream.reason().code),
                         said.empty() ? "" : ": ", said);
    }
    if (error == websocket::error::message_too_big) {
      return fmt::format("a message of more than {} bytes", options.limits.bytes);
    }
    return OneLine(error.message(), 200);
  }

  bool Gone() const { return reply == Reply::kLost || reply == Reply::kSilent; }

  void Lose(const std::string& why, Reply as = Reply::kLost) {
    waiting = false;
    reply = as;
    message = fmt::format("{}: connection lost: {}", address.Text(), why);
    Shut();
  }

  void Shut() {
    resolver.cancel();
    beast::get_lowest_layer(stream).close();
  }

  void Ask(const std::string& question) {
    if (Gone()) return;
    DIVLA_CHECK(!waiting, "one question at a time");
    waiting = true;
    reply = Reply::kNone;
    outgoing = question;
    // What goes wrong here the read sees too, and it sees what the server said before.
    stream.async_write(asio::buffer(outgoing), [self = shared_from_this()](Error, std::size_t) {});
  }

  void Await(Clock::time_point deadline, const char* what, std::chrono::milliseconds limit) {
    if (loop.RunUntil([&] { return !waiting; }, deadline)) return;
    Lose(fmt::format("no {} within {} s", what, Seconds(limit)), Reply::kSilent);
  }

  void Goodbye() {
    if (Gone() || waiting || !stream.is_open()) return Shut();
    const auto closed = std::make_shared<bool>(false);
    stream.async_close(websocket::close_code::normal, [self = shared_from_this(), closed](Error) { *closed = true; });
    loop.RunUntil([&] { return *closed; }, Clock::now() + kGoodbye);
    reply = Reply::kLost;
    Shut();
  }
};

Connection::Connection(ConnectionLoop& loop, const RemoteAddress& address, const ConnectionOptions& options)
    : impl_(std::make_shared<Impl>(*loop.impl_, address, options)) {
  try {
    impl_->Open();
  } catch (...) {
    impl_->reply = Reply::kLost;
    impl_->Shut();
    throw;
  }
}

Connection::~Connection() {
  try {
    impl_->Goodbye();
  } catch (const std::exception&) {
    // A farewell that fails changes nothing.
  }
}

const WireValue& Connection::Metadata() const { return impl_->metadata; }

void Connection::AskAll(ConnectionLoop& loop, std::span<const Question> questions) {
  if (questions.empty()) return;
  // What came since the last time came unasked. (What is still on its way would pass for an answer: the protocol numbers
  // nothing.)
  loop.impl_->context.restart();
  loop.impl_->context.poll();
  const Clock::time_point start = Clock::now();
  for (const Question& question : questions) question.connection->impl_->Ask(*question.message);
  for (const Question& question : questions) {
    Impl& of = *question.connection->impl_;
    DIVLA_CHECK(&of.loop == loop.impl_.get(), "a connection waits in its own loop");
    of.Await(start + of.options.answer, "answer", of.options.answer);
  }
}

Connection::Reply Connection::LastReply() const { return impl_->reply; }
const std::string& Connection::Message() const { return impl_->message; }

}  // namespace divla
