// Which sources this program was built from, as the build found them (cmake/SourceCommit.cmake), not as they are when it
// runs: a program started by hand after a pull still names its own.
#pragma once

namespace divla {

extern const char kSourceCommit[];  // 40 hex digits, or "unknown" without git
extern const bool kSourceDirty;     // the working tree had changes, or git could not tell

}  // namespace divla
