#include "policy/divla/strict/scope.h"

namespace divla {
namespace {

thread_local bool active = false;

}  // namespace

StrictScope::StrictScope(bool on) : before_(active) { active = on; }
StrictScope::~StrictScope() { active = before_; }
bool StrictScope::Active() { return active; }

}  // namespace divla
