// Catalogue objects at other sizes.
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "sim/check.h"
#include "tasks/catalogue.h"

namespace divla {
namespace {

constexpr int kSmallest = 25, kLargest = 400;  // percent

template <class Numbers>
void Scale(Numbers& numbers, double scale) {
  for (double& number : numbers) number *= scale;
}

ObjectInfo Scaled(ObjectInfo object, double scale) {
  object.mass *= scale * scale * scale;
  object.radius *= scale;
  Scale(object.size, scale);
  for (ObjectGeom& geom : object.geoms) {
    Scale(geom.size, scale);
    Scale(geom.position, scale);
    if (geom.fromto) Scale(*geom.fromto, scale);
  }
  for (ObjectGrasp& grasp : object.grasps) {
    Scale(grasp.position, scale);
    grasp.width *= scale;
    grasp.half_length *= scale;
  }
  if (object.container) {
    Scale(object.container->half_size, scale);
    object.container->floor *= scale;
    object.container->rim *= scale;
  }
  return object;
}

}  // namespace

const ObjectInfo& SizedObject(const std::string& id, int percent) {
  const ObjectInfo& object = FindObject(id);
  if (percent == 100) return object;
  if (percent < kSmallest || percent > kLargest) {
    throw InputError("object '" + id + "': expected a size of " + std::to_string(kSmallest) + " to " +
                     std::to_string(kLargest) + " percent, found " + std::to_string(percent));
  }
  static std::mutex mutex;
  static std::map<std::pair<std::string, int>, std::unique_ptr<const ObjectInfo>> sized;
  const std::lock_guard lock(mutex);
  std::unique_ptr<const ObjectInfo>& entry = sized[{id, percent}];
  if (!entry) entry = std::make_unique<const ObjectInfo>(Scaled(object, percent / 100.0));
  return *entry;
}

}  // namespace divla
