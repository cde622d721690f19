#include "policy/remote/client/profile.h"

#include <fmt/format.h>

#include "sim/check.h"

namespace divla {

std::unique_ptr<Profile> MakeProfile(const RemoteOptions& options, const WireValue& metadata,
                                     const std::string& source) {
  if (options.profile == "native") return MakeNativeProfile(options, metadata, source);
  if (options.profile == "libero") return MakeLiberoProfile(options);
  if (options.profile == "aloha") return MakeAlohaProfile(options);
  if (options.profile == "droid") return MakeDroidProfile(options);
  throw InputError(fmt::format("profile: expected one of native, libero, aloha, droid, found '{}'", options.profile));
}

}  // namespace divla
