#include "sim/libm_binding.h"

#include <dlfcn.h>
#include <link.h>
#include <mujoco/mujoco.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <set>

#include "sim/check.h"
#include "sim/libm/libm.h"

namespace divla {
namespace {

// libm/exports.list.
const std::set<std::string>& Names() {
  static const std::set<std::string> names = {"sin",   "cos",  "tan",     "sincos", "asin",   "acos", "atan",
                                              "atan2", "exp",  "log",     "log10",  "pow",    "cbrt", "hypot",
                                              "sinf",  "cosf", "sincosf", "atan2f", "log10f", "powf"};
  return names;
}

Dl_info FileOf(const void* address) {
  Dl_info info{};
  if (dladdr(address, &info) == 0) throw MachineError("sim/libm: the dynamic linker does not know its own functions");
  return info;
}

// What a library's references to functions lead to: name -> address. Its references must have been bound when it was
// loaded (BIND_NOW, as libmujoco.so's are).
std::map<std::string, const void*> BoundFunctions(const link_map& library) {
  const char* names = nullptr;
  const ElfW(Sym)* symbols = nullptr;
  std::array<const ElfW(Rela)*, 2> tables{};
  std::array<std::size_t, 2> bytes{};
  for (const ElfW(Dyn)* entry = library.l_ld; entry->d_tag != DT_NULL; ++entry) {
    const auto address = entry->d_un.d_ptr;  // glibc has already made these absolute
    if (entry->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(address);
    if (entry->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(address);
    if (entry->d_tag == DT_JMPREL) tables[0] = reinterpret_cast<const ElfW(Rela)*>(address);
    if (entry->d_tag == DT_PLTRELSZ) bytes[0] = entry->d_un.d_val;
    if (entry->d_tag == DT_RELA) tables[1] = reinterpret_cast<const ElfW(Rela)*>(address);
    if (entry->d_tag == DT_RELASZ) bytes[1] = entry->d_un.d_val;
  }
  if (names == nullptr || symbols == nullptr) throw MachineError("libmujoco.so: it has no table of symbols");
  std::map<std::string, const void*> bound;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    for (std::size_t i = 0; i < bytes[t] / sizeof(ElfW(Rela)); ++i) {
      const ElfW(Rela)& relocation = tables[t][i];
      const auto kind = ELF64_R_TYPE(relocation.r_info);
      if (kind != R_X86_64_JUMP_SLOT && kind != R_X86_64_GLOB_DAT && kind != R_X86_64_64) continue;
      const void* target = nullptr;
      std::memcpy(&target, reinterpret_cast<const void*>(library.l_addr + relocation.r_offset), sizeof target);
      bound[names + symbols[ELF64_R_SYM(relocation.r_info)].st_name] = target;
    }
  }
  return bound;
}

}  // namespace

std::map<std::string, const void*> MujocoFunctions() {
  const std::string mujoco = FileOf(reinterpret_cast<const void*>(&mj_step)).dli_fname;
  void* handle = dlopen(mujoco.c_str(), RTLD_NOW | RTLD_NOLOAD);
  link_map* library = nullptr;
  if (handle == nullptr || dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&library)) != 0) {
    throw MachineError(mujoco + ": the dynamic linker does not name it among what is loaded");
  }
  std::map<std::string, const void*> bound = BoundFunctions(*library);
  dlclose(handle);
  return bound;
}

std::vector<std::string> ForeignFunctions() {
  const void* here = FileOf(reinterpret_cast<const void*>(&ForeignFunctions)).dli_fbase;
  std::vector<std::string> foreign;
  const auto check = [&](const std::string& name, const void* address) {
    const Dl_info info = FileOf(address);
    if (info.dli_fbase != here) foreign.push_back(name + " from " + info.dli_fname);
  };
  // Our own calls: one stands for all, which come from one list.
  check("cos (in our own code)", reinterpret_cast<const void*>(static_cast<double (*)(double)>(::cos)));
  for (const auto& [name, address] : MujocoFunctions()) {
    if (Names().contains(name)) check(name, address);
  }
  return foreign;
}

}  // namespace divla
