// "ws://HOST:PORT": a policy behind a websocket, in openpi's protocol. One connection for each open episode, so that a
// server may keep an episode's history by connection; the questions of a batch are asked at the same time.
//
// A connection that is lost in mid-episode is opened anew once, and the episode's questions are asked again from its
// start. The answers must be those of the first time: otherwise the server kept something else than the episode, and no
// rerun would give these numbers. What does not succeed throws InputError from Infer with the reason, for that episode
// at every later query too.
#pragma once

#include <memory>
#include <string>

#include "policy/policy.h"
#include "policy/registry.h"

namespace divla {

bool IsRemoteName(const std::string& name);  // begins with "ws://", or with "wss://", which is refused with a reason

// Connects once, for the metadata. The environment variable DIVLA_API_KEY, when set, goes along as
// "Authorization: Api-Key ...". Throws InputError for a bad address, profile or metadata, MachineError when nobody
// answers.
std::unique_ptr<Policy> MakeRemotePolicy(const std::string& name, const RemoteOptions& options);

}  // namespace divla
