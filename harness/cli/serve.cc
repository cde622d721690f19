// divla serve: any policy behind a websocket, for clients of the openpi policy protocol.
#include "policy/serve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "harness/agent.h"
#include "harness/cli/commands.h"
#include "harness/json_fields.h"
#include "policy/registry.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "sim/robot.h"
#include "sim/scene.h"
#include "sim/scene_builder.h"

namespace divla {
namespace {

constexpr double kBeyondLimits = 0.5;  // rad: how far outside its range a real joint may stand

struct ServeCommand {
  std::string policy{"divla-tiny"};
  PolicyOptions policy_options;
  ServeOptions server;
  int idle_seconds{600};
  int max_message_mib{16};
  std::string key_variable, key_file;
  bool quiet{};
};

// The robot alone at a table: where its tool is, for clients that send joints only.
ServedRobot Serve(const RobotSpec& spec) {
  const auto scene = std::make_shared<Scene>(SceneBuilder(AssetsDir() / "scenes" / "table_top.xml", spec).Build());
  const RobotInterface robot = scene->GetRobot().Interface();
  return {robot, [scene, robot](std::span<const float> state) {
            std::vector<double> action(state.begin(), state.end());
            // A client may send anything; the simulator wants a pose that can be.
            for (std::size_t i = 0; i < action.size(); ++i) {
              action[i] = std::clamp<double>(action[i], robot.low[i] - kBeyondLimits, robot.high[i] + kBeyondLimits);
            }
            scene->SetRobot(action);
            scene->Forward();
            return ToolState(*scene);
          }};
}

std::string WithoutNewline(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

// Never on the command line, where every user of the machine could read it.
std::string ApiKey(const ServeCommand& command) {
  std::string key, source;
  if (!command.key_variable.empty()) {
    const char* value = std::getenv(command.key_variable.c_str());
    if (value == nullptr) {
      throw InputError(
          fmt::format("--api-key-env: expected the environment variable {}, found none", command.key_variable));
    }
    key = value;
    source = "--api-key-env";
  } else if (!command.key_file.empty()) {
    key = WithoutNewline(ReadTextFile(command.key_file));
    source = "--api-key-file";
  } else {
    return {};
  }
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (key.empty() || !plain) throw InputError(source + ": expected a key of visible ASCII characters, found another");
  return key;
}

bool IsLoopback(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

int RunServe(ServeCommand command) {
  ServeOptions& options = command.server;
  options.api_key = ApiKey(command);
  options.idle_timeout = std::chrono::seconds(command.idle_seconds);
  options.max_message = static_cast<std::size_t>(command.max_message_mib) << 20;
  if (!command.quiet) options.log = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  std::unique_ptr<Policy> policy = MakePolicy(command.policy, CheckpointDir(), command.policy_options);
  const PolicyInfo info = policy->Info();

  std::vector<ServedRobot> robots;
  for (const RobotSpec& spec : AllRobots()) robots.push_back(Serve(spec));
  CatchInterrupts();
  PolicyServer server(std::move(policy), std::move(robots), options);
  const std::string host = options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  fmt::print("serving {} for {} on ws://{}:{}\n", info.name, fmt::join(server.Robots(), ", "), host, server.Port());
  std::fflush(stdout);
  if (!IsLoopback(options.host)) {
    fmt::print(stderr, "not encrypted: everyone who reaches {}:{} can {}\n", host, server.Port(),
               options.api_key.empty() ? "ask; --api-key-file asks them for a key" : "listen");
  }
  if (!info.batch_invariant && !command.quiet) {
    fmt::print(stderr, "clients are answered one by one; with --strict those that wait together are one batch\n");
  }
  server.Run(Interrupted);
  fmt::print("stopped\n");
  return 0;
}

}  // namespace

void AddServe(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ServeCommand>();
  CLI::App* command =
      app.add_subcommand("serve", "answer clients of the openpi policy protocol with a policy, until Ctrl-C");
  command->add_option("--policy", options->policy, "policy name or checkpoint folder")->capture_default_str();
  command->add_flag("--strict", options->policy_options.strict,
                    "the policy computes with arithmetic that does not depend on the processor, nor on what else is in "
                    "a batch: so clients that wait together are answered together");
  command->add_option("--host", options->server.host, "address to listen on; 0.0.0.0 is every network")
      ->capture_default_str();
  command->add_option("--port", options->server.port, "0: a free one, which is printed")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  CLI::Option* variable = command->add_option("--api-key-env", options->key_variable,
                                              "environment variable with a key that clients must send");
  command->add_option("--api-key-file", options->key_file, "file with that key")->excludes(variable);
  command->add_option("--max-clients", options->server.max_clients, "open connections; one more is refused")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--batch", options->server.max_batch, "questions that are answered together, at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--max-message", options->max_message_mib, "MiB of a question, at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--idle", options->idle_seconds, "seconds after which a client that asks nothing must leave")
      ->capture_default_str()
      ->check(CLI::Range(1, 86400));
  command->add_flag("--quiet", options->quiet, "no lines about clients");
  command->callback([options, &line] { line.chosen = [options] { return RunServe(*options); }; });
}

}  // namespace divla
