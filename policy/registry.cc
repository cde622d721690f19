#include "policy/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "policy/baselines/hold.h"
#include "policy/baselines/random.h"
#include "policy/divla/divla_policy.h"
#include "policy/file_io.h"
#include "policy/remote/client/address.h"
#include "policy/remote/client/remote_policy.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

bool IsCheckpoint(const fs::path& folder) {
  std::error_code error;  // a folder that cannot be looked into is none
  return fs::is_regular_file(folder / "config.json", error);
}

// Listing must not fail because one checkpoint is broken; MakePolicy says what is wrong with it.
std::string CheckpointSummary(const fs::path& folder) {
  const std::string config = ReadFile((folder / "config.json").string());
  const auto parsed = nlohmann::json::parse(config, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_object() && parsed.contains("description") && parsed["description"].is_string()) {
    return parsed["description"].get<std::string>();
  }
  return "DiVLA checkpoint";
}

std::vector<std::string> CheckpointNames(const std::string& checkpoint_dir) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(checkpoint_dir, error)) {
    if (IsCheckpoint(entry.path())) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<PolicyDescription> ListPolicies(const std::string& checkpoint_dir) {
  std::vector<PolicyDescription> policies = {
      {"hold", "stays where it is; looks at nothing"},
      {"random", "random walk in joint space; looks at nothing"},
  };
  for (const std::string& name : CheckpointNames(checkpoint_dir)) {
    policies.push_back({name, CheckpointSummary(fs::path(checkpoint_dir) / name)});
  }
  return policies;
}

std::unique_ptr<Policy> MakePolicy(const std::string& name, const std::string& checkpoint_dir,
                                   const PolicyOptions& options) {
  if (name == "hold") return std::make_unique<HoldPolicy>();
  if (name == "random") return std::make_unique<RandomPolicy>();
  if (IsRemoteName(name)) {
    if (options.strict) {
      throw InputError(fmt::format("policy '{}': expected a policy in this process for strict arithmetic", name));
    }
    return MakeRemotePolicy(name, options.remote);
  }
  const std::vector<std::string> checkpoints = CheckpointNames(checkpoint_dir);
  if (std::find(checkpoints.begin(), checkpoints.end(), name) != checkpoints.end()) {
    return MakeDivlaPolicy(name, (fs::path(checkpoint_dir) / name).string(), options.strict);
  }
  if (IsCheckpoint(name)) return MakeDivlaPolicy(name, name, options.strict);
  std::error_code error;
  if (fs::is_directory(name, error)) {
    throw InputError(fmt::format("policy '{}': expected a checkpoint folder with config.json, found none", name));
  }
  std::vector<std::string> known;
  for (const PolicyDescription& policy : ListPolicies(checkpoint_dir)) known.push_back(policy.name);
  throw InputError(fmt::format("policy '{}': expected one of {}, a checkpoint folder, or ws://HOST:PORT", name,
                               fmt::join(known, ", ")));
}

}  // namespace divla
