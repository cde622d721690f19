// The options of a policy server, for each command that takes one.
#include "harness/cli/commands.h"

namespace divla {

void AddRemoteOptions(CLI::App& command, RemoteOptions& remote) {
  command
      .add_option("--profile", remote.profile,
                  "of a policy server: whose observations and actions it knows: native (ours), libero, aloha, droid")
      ->capture_default_str()
      ->check(CLI::IsMember({"native", "libero", "aloha", "droid"}));
  command
      .add_option("--action-steps", remote.action_steps,
                  "of a policy server: how many of its actions are played before the next query (0: the profile's)")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000));
  command
      .add_option("--action-hz", remote.action_hz,
                  "of a policy server: its actions a second, where the profile leaves that open (0: the profile's)")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000));
  command
      .add_option("--connect-timeout", remote.connect_seconds,
                  "of a policy server: seconds for each try to connect, and again for its metadata")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 3600.0));
  command
      .add_option("--answer-timeout", remote.answer_seconds,
                  "of a policy server: seconds for each answer; the first one may have to compile a model")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 86400.0));
  command.add_option("--connect-tries", remote.tries, "of a policy server: tries to connect, a second apart")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
}

}  // namespace divla
