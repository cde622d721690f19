// Who computes MuJoCo's sines in this process. In our programs it is sim/libm by construction (libm/libm.h). In a module
// that another program loads, the other program's libm comes first in the linker's order unless the module was loaded
// with RTLD_DEEPBIND, and a libmujoco.so that was there before keeps what it was bound to: then episodes have other bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace divla {

// What libmujoco.so's references to functions lead to, name -> address, read from the linker's own tables. (It binds them
// when it is loaded, so these are final.) Throws MachineError when the tables cannot be read.
std::map<std::string, const void*> MujocoFunctions();

// Functions of sim/libm that libmujoco.so, or the code that calls this, takes from another file than the one that this
// code is in: "sin from FILE". Empty is good. Throws as MujocoFunctions.
std::vector<std::string> ForeignFunctions();

}  // namespace divla
