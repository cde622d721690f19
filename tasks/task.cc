#include "tasks/task.h"

#include <fmt/format.h>

namespace divla {

std::string ToString(const EpisodeKey& key) {
  return fmt::format("{}.{}.{}.{:04d}", key.task, key.axis, key.level, key.index);
}

}  // namespace divla
