#include "policy/divla/strict/scope.h"

namespace divla {
namespace {

thread_local bool active = false;

}  // namespace

StrictScope::StrictScope(bool on) : before_(active) {
  std::fegetenv(&environment_);
  if (on) std::fesetenv(FE_DFL_ENV);
  active = on;
}

StrictScope::~StrictScope() {
  active = before_;
  std::fesetenv(&environment_);
}

bool StrictScope::Active() { return active; }

}  // namespace divla
