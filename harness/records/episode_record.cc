#include "harness/records/episode_record.h"

#include "sim/check.h"

namespace divla {

const char* ToString(Termination termination) {
  switch (termination) {
    case Termination::kSuccess:
      return "success";
    case Termination::kHorizon:
      return "horizon";
    case Termination::kDiverged:
      return "diverged";
    case Termination::kPolicyError:
      return "policy_error";
  }
  DIVLA_CHECK(false, "unknown termination");
}

bool KeyLess(const EpisodeKey& a, const EpisodeKey& b) { return ToString(a) < ToString(b); }

}  // namespace divla
