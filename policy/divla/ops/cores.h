// How many cores this process may use.
#pragma once

namespace divla {

int UsableCores();  // at least 1

}  // namespace divla
