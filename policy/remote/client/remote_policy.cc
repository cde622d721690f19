#include "policy/remote/client/remote_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "policy/check_observation.h"
#include "policy/remote/client/address.h"
#include "policy/remote/client/answer.h"
#include "policy/remote/client/connection.h"
#include "policy/remote/client/profile.h"
#include "sim/check.h"

namespace divla {
namespace {

// Questions are kept so that an episode can be asked again; of all open episodes of this policy together.
constexpr std::size_t kMostKeptBytes = std::size_t{512} << 20;
constexpr auto kBetweenTries = std::chrono::seconds(1);

void WarnOfTextMarkers(const std::string& source) {
  static std::atomic<bool> said{false};
  if (said.exchange(true)) return;
  fmt::print(
      stderr,
      "{}: the server writes its array keys (__ndarray__, data, dtype, shape) as text. They are understood here; "
      "openpi's client would not find an array\n",
      source);
}

ConnectionOptions OptionsFor(const RemoteOptions& options) {
  const auto milliseconds = [](double seconds) {
    return std::chrono::milliseconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds * 1000)));
  };
  ConnectionOptions connection;
  connection.connect = milliseconds(options.connect_seconds);
  connection.metadata = milliseconds(options.connect_seconds);
  connection.answer = milliseconds(options.answer_seconds);
  if (const char* key = std::getenv("DIVLA_API_KEY")) connection.api_key = key;
  const std::string& key = connection.api_key;
  if (std::any_of(key.begin(), key.end(), [](char c) { return c <= ' ' || c > '~'; })) {
    throw InputError("DIVLA_API_KEY: expected printable ASCII without spaces, found something else");
  }
  return connection;
}

// One open episode as its server knows it.
struct Session {
  std::uint64_t seed{};  // names the episode
  int first{};           // number of its first query: not 0 where somebody else drove before
  std::unique_ptr<Connection> connection;
  std::vector<std::string> asked;     // the questions that were answered, in order
  std::vector<std::string> answered;  // RemoteAnswer::hash of each
  bool replayable{true};
  bool replayed{};                     // after a lost connection, once
  std::optional<PolicyOutput> latest;  // the answer to asked.back()
  std::string failure;                 // why the episode is given up

  int Next() const { return first + static_cast<int>(answered.size()); }
};

class RemotePolicy final : public Policy {
 public:
  RemotePolicy(const std::string& name, const RemoteOptions& options)
      : address_(ParseRemoteAddress(name)),
        source_(address_.Text()),
        options_(options),
        connection_options_(OptionsFor(options)) {
    try {
      spare_ = Connect();
    } catch (const ConnectionLost& lost) {
      throw MachineError(fmt::format("policy '{}': no policy server answers: {}", name, lost.what()));
    }
    metadata_ = spare_->Metadata();
    profile_ = MakeProfile(options, metadata_, source_);
    info_.name = name;
    info_.weights_sha256 = profile_->WeightsSha256();
    info_.reasons = profile_->Reasons();
    const nlohmann::json remote = {{"profile", options.profile},
                                   {"action_steps", options.action_steps},
                                   {"action_hz", options.action_hz},
                                   {"metadata", MetadataJson(metadata_, source_)}};
    info_.remote = remote.dump();
  }

  const PolicyInfo& Info() const override { return info_; }
  PolicyRequirements Requirements(const RobotInterface& robot) const override { return profile_->Requirements(robot); }

  void Reset(const RobotInterface& robot, int episodes) override {
    DIVLA_CHECK(episodes >= 1, "a group without episodes");
    robot_ = robot;
    wants_ = profile_->Requirements(robot);
    sessions_.clear();
    kept_bytes_ = 0;
  }

  std::vector<PolicyOutput> Infer(std::span<const Query> queries) override {
    for (const Query& query : queries) {
      CheckObservation(*query.observation, robot_, wants_);
      CheckReasoningMode(query, info_);
    }
    std::vector<std::string> requests;
    for (const Query& query : queries) requests.push_back(Pack(profile_->Request(robot_, query)));
    std::vector<std::size_t> asking;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      Session& session = SessionFor(queries[i], requests[i]);
      if (!session.failure.empty() || session.latest) continue;
      if (Ready(session)) asking.push_back(i);
    }
    AskAll(queries, requests, asking);
    // One that failed fails again when it is asked alone, and the others then give the answers that are there already.
    std::vector<PolicyOutput> outputs;
    for (const Query& query : queries) {
      const Session& session = sessions_.at(query.episode);
      if (!session.failure.empty()) throw InputError(session.failure);
      outputs.push_back(*session.latest);
    }
    return outputs;
  }

 private:
  // The episode's session, with `latest` set when this very question was answered before.
  Session& SessionFor(const Query& query, const std::string& request) {
    Session& session = sessions_[query.episode];
    const bool same = session.seed == query.noise_seed;
    if (same && !session.failure.empty()) return session;
    if (same && session.latest && query.query_number == session.Next() - 1 && session.asked.back() == request) {
      return session;
    }
    session.latest.reset();
    if (!same || query.query_number <= session.first || query.query_number > session.Next()) {
      Forget(session);
      session = {};
      session.seed = query.noise_seed;
      session.first = query.query_number;
    } else if (query.query_number < session.Next()) {
      // Back in time: what came after is as if it had not been, so the server has to be told the rest anew.
      const auto kept = static_cast<std::size_t>(query.query_number - session.first);
      session.connection.reset();
      for (std::size_t i = kept; session.replayable && i < session.asked.size(); ++i) {
        kept_bytes_ -= session.asked[i].size();
      }
      if (session.replayable) session.asked.resize(kept);
      session.answered.resize(kept);
    }
    return session;
  }

  void Forget(Session& session) {
    for (const std::string& question : session.asked) kept_bytes_ -= std::min(kept_bytes_, question.size());
    session.asked.clear();
  }

  // Whether the session can be asked; else its failure says why not.
  bool Ready(Session& session) {
    if (session.connection != nullptr && session.connection->LastReply() != Connection::Reply::kLost) return true;
    if (session.connection != nullptr) return Again(session, session.connection->Message());
    return Open(session);
  }

  // Connects, and asks what was asked before.
  bool Open(Session& session) {
    try {
      session.connection = spare_ != nullptr ? std::move(spare_) : Connect();
      if (session.connection->Metadata() != metadata_) {
        throw InputError(
            fmt::format("{}: metadata: expected what the server said at first, found something else", source_));
      }
      if (!session.answered.empty() && !session.replayable) {
        throw InputError(fmt::format("{}: the episode is too long to be asked again", source_));
      }
      for (std::size_t i = 0; i < session.asked.size(); ++i) {
        const RemoteAnswer answer = AskOne(*session.connection, session.asked[i]);
        if (answer.hash == session.answered[i]) continue;
        throw InputError(
            fmt::format("{}: asked again from the episode's start, the server answered query {} "
                        "differently than before: it does not repeat itself",
                        source_, session.first + static_cast<int>(i)));
      }
      return true;
    } catch (const ConnectionLost& lost) {
      return Fail(session, lost.what());
    } catch (const InputError& error) {
      return Fail(session, error.what());
    }
  }

  // After a lost connection.
  bool Again(Session& session, std::string why) {  // by value: it may be the words of the connection that goes
    if (session.replayed) return Fail(session, why + " (for the second time in this episode)");
    session.replayed = true;
    session.connection.reset();
    if (Open(session)) return true;
    session.failure = fmt::format("{}; then {}", why, session.failure);
    return false;
  }

  bool Fail(Session& session, std::string why) {
    session.connection.reset();
    Forget(session);
    session.failure = std::move(why);
    return false;
  }

  std::unique_ptr<Connection> Connect() {
    for (int attempt = 1;; ++attempt) {
      try {
        return std::make_unique<Connection>(loop_, address_, connection_options_);
      } catch (const ConnectionLost&) {
        if (attempt >= options_.tries) throw;
      }
      std::this_thread::sleep_for(kBetweenTries);
    }
  }

  RemoteAnswer AskOne(Connection& connection, const std::string& request) {
    const Connection::Question question{&connection, &request};
    Connection::AskAll(loop_, std::span(&question, 1));
    if (connection.LastReply() == Connection::Reply::kBinary) return Read(connection.Message());
    if (connection.LastReply() == Connection::Reply::kText) throw InputError(ServerError(connection.Message()));
    throw ConnectionLost(connection.Message());
  }

  std::string ServerError(const std::string& text) const {
    return fmt::format("{}: the server failed and says: {}", source_, text);
  }

  RemoteAnswer Read(const std::string& message) const {
    RemoteAnswer answer = ReadAnswer(message, connection_options_.limits, source_ + ": answer");
    if (answer.text_markers) WarnOfTextMarkers(source_);
    return answer;
  }

  void AskAll(std::span<const Query> queries, const std::vector<std::string>& requests,
              const std::vector<std::size_t>& asking) {
    std::vector<Connection::Question> questions;
    for (const std::size_t i : asking) {
      questions.push_back({sessions_.at(queries[i].episode).connection.get(), &requests[i]});
    }
    Connection::AskAll(loop_, questions);
    for (const std::size_t i : asking) Take(queries[i], requests[i]);
  }

  void Take(const Query& query, const std::string& request) {
    Session& session = sessions_.at(query.episode);
    try {
      RemoteAnswer answer;
      const Connection::Reply reply = session.connection->LastReply();
      if (reply == Connection::Reply::kBinary) {
        answer = Read(session.connection->Message());
      } else if (reply == Connection::Reply::kText) {
        throw InputError(ServerError(session.connection->Message()));
      } else if (reply == Connection::Reply::kSilent) {
        throw ConnectionLost(session.connection->Message());  // it would keep us waiting again
      } else {
        if (!Again(session, session.connection->Message())) return;
        answer = AskOne(*session.connection, request);
      }
      PolicyOutput output;
      output.actions = profile_->Actions(robot_, *query.observation, answer.values, answer.steps, answer.dim);
      output.reasoning = std::move(answer.reasoning);
      if (output.actions.size < wants_.n_action_steps) {
        throw InputError(
            fmt::format("{}: answer: expected at least {} control steps of actions (--action-steps), found {}", source_,
                        wants_.n_action_steps, output.actions.size));
      }
      session.latest = std::move(output);
      Keep(session, request);
      session.answered.push_back(std::move(answer.hash));
    } catch (const ConnectionLost& lost) {
      Fail(session, lost.what());
    } catch (const InputError& error) {
      Fail(session, error.what());
    }
  }

  void Keep(Session& session, const std::string& request) {
    if (kept_bytes_ + request.size() > kMostKeptBytes) {
      Forget(session);
      session.replayable = false;
    }
    if (!session.replayable) {
      session.asked.assign(1, request);  // enough to know the question when it comes twice
      return;
    }
    kept_bytes_ += request.size();
    session.asked.push_back(request);
  }

  const RemoteAddress address_;
  const std::string source_;
  const RemoteOptions options_;
  const ConnectionOptions connection_options_;
  ConnectionLoop loop_;
  WireValue metadata_;
  std::unique_ptr<Profile> profile_;
  PolicyInfo info_;
  RobotInterface robot_;
  PolicyRequirements wants_;
  std::unique_ptr<Connection> spare_;  // the first one, until an episode takes it
  std::map<int, Session> sessions_;    // by Query::episode
  std::size_t kept_bytes_{};
};

}  // namespace

bool IsRemoteName(const std::string& name) { return name.starts_with("ws://") || name.starts_with("wss://"); }

std::unique_ptr<Policy> MakeRemotePolicy(const std::string& name, const RemoteOptions& options) {
  return std::make_unique<RemotePolicy>(name, options);
}

}  // namespace divla
