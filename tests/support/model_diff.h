// Names of the parts of two compiled models that differ: arrays of mjModel ("geom_rgba"), and the option, visual and
// statistic blocks ("opt", "vis", "stat"). Arrays of different length differ.
#pragma once

#include <mujoco/mjxmacro.h>
#include <mujoco/mujoco.h>

#include <cstring>
#include <set>
#include <string>

namespace divla {

inline std::set<std::string> ModelDiff(const mjModel& a, const mjModel& b) {
  std::set<std::string> names;
  const mjModel* m = &a;
  MJMODEL_POINTERS_PREAMBLE(m)
#define X(type, name, rows, columns)                                                                   \
  if (a.rows != b.rows || (a.rows > 0 && std::memcmp(a.name, b.name,                                   \
                                                     sizeof(type) * static_cast<std::size_t>(a.rows) * \
                                                         static_cast<std::size_t>(columns)) != 0)) {   \
    names.insert(#name);                                                                               \
  }
#undef MJ_M
#define MJ_M(n) m->n
  MJMODEL_POINTERS
#undef MJ_M
#define MJ_M(n) n
#undef X
  // Padding inside a block is zero in both: MuJoCo clears what it allocates.
  if (std::memcmp(&a.opt, &b.opt, sizeof a.opt) != 0) names.insert("opt");
  if (std::memcmp(&a.vis, &b.vis, sizeof a.vis) != 0) names.insert("vis");
  if (std::memcmp(&a.stat, &b.stat, sizeof a.stat) != 0) names.insert("stat");
  return names;
}

}  // namespace divla
