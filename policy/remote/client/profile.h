// A profile: which keys a server expects and what its numbers mean. Between our observations and actions and its own.
// Immutable; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/policy.h"
#include "policy/registry.h"
#include "policy/remote/wire/value.h"

namespace divla {

class Profile {
 public:
  virtual ~Profile() = default;
  // Throws InputError for a robot that the profile or the server does not fit.
  virtual PolicyRequirements Requirements(const RobotInterface& robot) const = 0;
  // Writes a text and accepts every ReasoningMode.
  virtual bool Reasons() const { return false; }
  virtual std::string WeightsSha256() const { return {}; }
  // The message that asks. The observation fits the requirements (CheckObservation).
  virtual WireValue Request(const RobotInterface& robot, const Query& query) const = 0;
  // What the server's [steps, dim] numbers, C order, mean for us at this observation. Throws InputError when they do
  // not fit the robot.
  virtual ActionChunk Actions(const RobotInterface& robot, const Observation& observation,
                              const std::vector<double>& values, int steps, int dim) const = 0;
};

// By options.profile ("native", "libero", "aloha", "droid"). Throws InputError for another name, and for metadata that
// contradicts itself. `source` stands at the front of errors about metadata.
std::unique_ptr<Profile> MakeProfile(const RemoteOptions& options, const WireValue& metadata,
                                     const std::string& source);

// Each profile's own maker, in the file of its name.
std::unique_ptr<Profile> MakeNativeProfile(const RemoteOptions& options, const WireValue& metadata,
                                           const std::string& source);
// LIBERO as openpi's examples/libero/main.py asks: one arm; delta poses at 20 Hz.
std::unique_ptr<Profile> MakeLiberoProfile(const RemoteOptions& options);
// ALOHA as openpi's aloha_policy.py reads: two arms of 6 joints; absolute joint positions at 50 Hz.
std::unique_ptr<Profile> MakeAlohaProfile(const RemoteOptions& options);
// DROID as openpi's droid_policy.py reads: one arm of 7 joints; joint velocities at 15 Hz.
std::unique_ptr<Profile> MakeDroidProfile(const RemoteOptions& options);

}  // namespace divla
