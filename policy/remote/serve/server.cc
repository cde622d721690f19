// PolicyServer: the port, the policy and the order in which all of it ends.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <functional>
#include <optional>

#include "policy/remote/serve/connection.h"
#include "policy/remote/serve/desk.h"
#include "policy/remote/serve/policy_thread.h"
#include "policy/remote/serve/question.h"
#include "policy/serve.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;
using asio::ip::tcp;
using serve::ClientConnection;
using serve::ServedBody;

constexpr auto kGlance = std::chrono::milliseconds(50);      // how often it is asked whether to stop
constexpr auto kNoSockets = std::chrono::milliseconds(100);  // pause when the system has no socket left
constexpr int kAtTheDoor = 32;  // connections beyond max_clients: health checks, and those that are told to go

asio::ip::address Address(const std::string& host) {
  if (host == "localhost") return asio::ip::address_v4::loopback();
  Error error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (error) throw InputError(fmt::format("--host: expected a numeric address or localhost, found '{}'", host));
  return address;
}

tcp::acceptor Bind(asio::io_context& network, const ServeOptions& options) {
  if (options.port < 0 || options.port > 65535) {
    throw InputError(fmt::format("--port: expected 0 to 65535, found {}", options.port));
  }
  const tcp::endpoint endpoint(Address(options.host), static_cast<unsigned short>(options.port));
  tcp::acceptor acceptor(network);
  Error error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    throw MachineError(fmt::format("port {} of {} is in use: choose another with --port, or 0 for a free one",
                                   options.port, options.host));
  }
  if (error)
    throw MachineError(fmt::format("cannot listen on {} port {}: {}", options.host, options.port, error.message()));
  return acceptor;
}

// A first answer about a robot at rest before grey pictures: it finds a policy that cannot answer, warms it up, and
// says how long a chunk is.
int ChunkOf(Policy& policy, const ServedRobot& served, const PolicyRequirements& wants) {
  Observation observation;
  observation.robot = served.robot.name;
  observation.instruction = "Stay.";
  observation.state = served.robot.home;
  observation.tool = served.tool ? served.tool(observation.state)
                                 : std::vector<float>(static_cast<std::size_t>(served.robot.arms) * kToolPoseSize);
  for (const std::string& camera : wants.cameras) {
    Image image{wants.image_height, wants.image_width, {}};
    image.rgb.assign(image.ByteCount(), 128);
    observation.images.emplace(camera, std::move(image));
  }
  policy.Reset(served.robot, 1);
  const Query query{&observation, 0, 0, 0};
  const std::vector<PolicyOutput> outputs = policy.Infer({&query, 1});
  if (outputs.size() != 1 || outputs[0].actions.size < wants.n_action_steps) {
    throw InputError(fmt::format("policy {}: expected at least {} actions for robot {}, found {}", policy.Info().name,
                                 wants.n_action_steps, served.robot.name,
                                 outputs.empty() ? 0 : outputs[0].actions.size));
  }
  return outputs[0].actions.size;
}

std::vector<ServedBody> Bodies(Policy& policy, const std::vector<ServedRobot>& robots) {
  std::vector<ServedBody> bodies;
  std::string refusal = "no robots";
  for (const ServedRobot& served : robots) {
    PolicyRequirements wants;
    try {
      wants = policy.Requirements(served.robot);
    } catch (const InputError& error) {
      refusal = error.what();
      continue;
    }
    const int chunk = ChunkOf(policy, served, wants);
    bodies.push_back({served.robot, std::move(wants), chunk, served.tool});
  }
  if (bodies.empty()) throw InputError(refusal);
  return bodies;
}

}  // namespace

// What is destroyed first stands last: the policy's thread hands replies to the network, the network's handlers hold
// connections, and these know the door and the desk.
struct PolicyServer::State {
  State(std::unique_ptr<Policy> policy, const std::vector<ServedRobot>& robots, ServeOptions given)
      : options(std::move(given)), acceptor(Bind(network, options)), glance(network), pause(network) {
    DIVLA_CHECK(options.max_clients >= 1 && options.max_batch >= 1 && options.max_message >= 1,
                "limits of at least one");
    bodies = Bodies(*policy, robots);
    const std::string greeting = Pack(serve::ServerMetadata(policy->Info(), bodies, options.max_message));
    WireLimits limits;
    limits.bytes = options.max_message;
    thread = std::make_unique<serve::PolicyThread>(std::move(policy), options.max_clients, options.max_batch);
    desk = std::make_unique<serve::Desk>(bodies, greeting, limits, options.max_clients, *thread, options.log);
    door.emplace(serve::Door{options, *desk});
  }
  ~State() { thread.reset(); }

  void Accept() {
    acceptor.async_accept([this](const Error& error, tcp::socket socket) {
      if (!acceptor.is_open()) return;
      if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space) {
        pause.expires_after(kNoSockets);
        pause.async_wait([this](const Error&) { Accept(); });
        return;
      }
      if (!error) Admit(std::move(socket));
      Accept();
    });
  }

  void Admit(tcp::socket socket) {
    if (door->connections.size() >= static_cast<std::size_t>(options.max_clients + kAtTheDoor)) return;  // closed
    Error ignored;
    socket.set_option(tcp::no_delay(true), ignored);  // an answer must not wait for the peer's acknowledgement
    serve::MakeConnection(std::move(socket), *door)->Start();
  }

  void Glance(const std::function<bool()>& stop) {
    glance.expires_after(kGlance);
    glance.async_wait([this, &stop](const Error&) {
      const auto now = std::chrono::steady_clock::now();
      if (!door->draining && stop()) {
        door->draining = true;
        last_moment = now + options.drain_timeout;
        acceptor.close();
        pause.cancel();
        ForEach(&ClientConnection::Drain);
      }
      if (door->draining && now >= last_moment) ForEach(&ClientConnection::Kill);
      if (door->draining && door->connections.empty()) return;  // nothing is left to do: run() comes back
      Glance(stop);
    });
  }

  void ForEach(void (ClientConnection::*what)()) {
    std::vector<std::shared_ptr<ClientConnection>> alive;  // the set changes when one ends
    for (ClientConnection* connection : door->connections) {
      if (auto one = connection->weak_from_this().lock()) alive.push_back(std::move(one));
    }
    for (const auto& connection : alive) ((*connection).*what)();
  }

  ServeOptions options;
  std::vector<ServedBody> bodies;
  std::unique_ptr<serve::Desk> desk;
  std::optional<serve::Door> door;
  asio::io_context network{1};
  tcp::acceptor acceptor;
  asio::steady_timer glance, pause;
  std::chrono::steady_clock::time_point last_moment;
  std::unique_ptr<serve::PolicyThread> thread;
};

PolicyServer::PolicyServer(std::unique_ptr<Policy> policy, std::vector<ServedRobot> robots, ServeOptions options)
    : state_(std::make_unique<State>(std::move(policy), robots, std::move(options))) {}

PolicyServer::~PolicyServer() = default;

int PolicyServer::Port() const { return state_->acceptor.local_endpoint().port(); }

std::vector<std::string> PolicyServer::Robots() const {
  std::vector<std::string> names;
  for (const ServedBody& body : state_->bodies) names.push_back(body.robot.name);
  return names;
}

void PolicyServer::Run(const std::function<bool()>& stop) {
  state_->Accept();
  state_->Glance(stop);
  state_->network.run();
}

}  // namespace divla
