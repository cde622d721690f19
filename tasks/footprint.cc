#include "tasks/footprint.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/check.h"
#include "tasks/object_geom.h"

namespace divla {
namespace {

// assets/robots/panda/panda.xml, assets/robots/agilex/left.xml
constexpr HandShape kPanda{0.0125, 0.061, 0.034, 0.105, 0.043};
constexpr HandShape kAgilex{0.0135, 0.071, 0.030, 0.087, 0.051};

constexpr int kLayouts = 400, kTriesPerObject = 200;
constexpr double kLeastGap = 0.001;  // m
constexpr double kShrink = 0.97;     // of the gap, from one layout that failed to the next

std::array<double, 2> Turned(double yaw, double x, double y) {
  return {std::cos(yaw) * x - std::sin(yaw) * y, std::sin(yaw) * x + std::cos(yaw) * y};
}

// Half the length of the rectangle's shadow on the direction.
double Shadow(const Footprint& box, const std::array<double, 2>& direction) {
  const double c = std::cos(box.yaw);
  const double s = std::sin(box.yaw);
  return box.half[0] * std::abs(c * direction[0] + s * direction[1]) +
         box.half[1] * std::abs(-s * direction[0] + c * direction[1]);
}

// A rectangle in the object's frame, given by its middle and half sizes.
Footprint Beside(const std::array<double, 3>& position, double yaw, double x, double y, double half_x, double half_y) {
  const std::array<double, 2> offset = Turned(yaw, x, y);
  return {{position[0] + offset[0], position[1] + offset[1]}, yaw, {half_x, half_y}, position[2], position[2]};
}

// The footprint of an object that stands at the origin, moved: measuring an object's shape takes its time.
Footprint Moved(const Footprint& shape, const std::array<double, 3>& position, double yaw) {
  Footprint box = Beside(position, yaw, shape.centre[0], shape.centre[1], shape.half[0], shape.half[1]);
  box.top = position[2] + shape.top;
  return box;
}

bool Fits(const ObjectPlacement& candidate, const ObjectInfo& object, const Footprint& shape,
          const std::vector<Footprint>& others, double gap, const CrowdOptions& options) {
  const Footprint own = Moved(shape, candidate.position, candidate.yaw);
  double nearest = 1e9;
  for (const Footprint& other : others) nearest = std::min(nearest, Gap(own, other));
  const bool beside = others.empty() || options.reach == 0 || nearest <= options.reach;
  return nearest >= gap && beside && FingersFit(object, candidate.position, candidate.yaw, others, options.hand);
}

}  // namespace

Footprint FootprintOf(const ObjectInfo& object, const std::array<double, 3>& position, double yaw) {
  const double front = ReachAlong(object.geoms, {1, 0, 0});
  const double back = ReachAlong(object.geoms, {-1, 0, 0});
  const double left = ReachAlong(object.geoms, {0, 1, 0});
  const double right = ReachAlong(object.geoms, {0, -1, 0});
  Footprint box = Beside(position, yaw, (front - back) / 2, (left - right) / 2, (front + back) / 2, (left + right) / 2);
  // Ears and leaves are drawn only: the palm goes through them.
  std::vector<ObjectGeom> solid;
  for (const ObjectGeom& geom : object.geoms) {
    if (!geom.visual) solid.push_back(geom);
  }
  box.top = position[2] + ReachAlong(solid, {0, 0, 1});
  return box;
}

Footprint FootprintOf(const Scene& scene, const EpisodePlan& plan, const std::string& body) {
  const int id = scene.BodyId(body);
  const mjtNum* axes = scene.Data().xmat + 9 * id;
  const double yaw = std::hypot(axes[0], axes[3]) < 0.3 ? 0 : std::atan2(axes[3], axes[0]);
  return FootprintOf(PlacedObject(plan, body), scene.BodyPosition(id), yaw);
}

double Gap(const Footprint& a, const Footprint& b) {
  double gap = -1e9;
  for (const Footprint* box : {&a, &b}) {
    for (const std::array<double, 2>& axis : {Turned(box->yaw, 1, 0), Turned(box->yaw, 0, 1)}) {
      const double apart = std::abs((a.centre[0] - b.centre[0]) * axis[0] + (a.centre[1] - b.centre[1]) * axis[1]);
      gap = std::max(gap, apart - Shadow(a, axis) - Shadow(b, axis));
    }
  }
  return gap;
}

const HandShape& HandOf(const std::string& robot) {
  if (robot == "panda") return kPanda;
  if (robot == "agilex") return kAgilex;
  throw InputError("hand: expected panda or agilex, found '" + robot + "'");
}

bool FingersFit(const ObjectInfo& object, const std::array<double, 3>& position, double yaw,
                const std::vector<Footprint>& others, const HandShape& hand) {
  DIVLA_CHECK(!object.grasps.empty(), "FingersFit of an object without grasps");
  const ObjectGrasp& grasp = object.grasps.front();
  const double inner = grasp.width / 2;
  const double x = grasp.position[0];
  const double y = grasp.position[1];
  const double middle = (hand.finger_outer + inner) / 2;
  const double half = (hand.finger_outer - inner) / 2;
  const Footprint left = Beside(position, yaw, x, y + middle, hand.finger_half, half);
  const Footprint right = Beside(position, yaw, x, y - middle, hand.finger_half, half);
  const Footprint palm = Beside(position, yaw, x, y, hand.palm_half_x, hand.palm_half_y);
  const double palm_height = position[2] + grasp.position[2] + hand.palm_height;
  return std::all_of(others.begin(), others.end(), [&](const Footprint& other) {
    const bool below_palm = other.top < palm_height || Gap(palm, other) > 0;
    return below_palm && Gap(left, other) > 0 && Gap(right, other) > 0;
  });
}

void PlaceCrowd(Rng& rng, const std::vector<std::string>& ids, const CrowdOptions& options,
                std::vector<ObjectPlacement>& placed) {
  DIVLA_CHECK(options.regions.empty() || options.regions.size() == ids.size(), "a region for each object");
  std::vector<Footprint> shapes;
  for (const std::string& id : ids) shapes.push_back(FootprintOf(FindObject(id), {0, 0, 0}, 0));
  double gap = options.gap;
  for (int layout = 0; layout < kLayouts; ++layout) {
    std::vector<ObjectPlacement> crowd;
    std::vector<Footprint> taken;
    for (const std::string& id : ids) {
      const std::size_t before = crowd.size();
      const ObjectInfo& object = FindObject(id);
      for (int attempt = 0; attempt < kTriesPerObject && crowd.size() == before; ++attempt) {
        const Region& region = options.regions.empty() ? options.region : options.regions[before];
        ObjectPlacement candidate{id, "object_" + id, {}, 0};
        candidate.position = {rng.Uniform(region.x_low, region.x_high), rng.Uniform(region.y_low, region.y_high),
                              options.height};
        candidate.yaw = rng.Uniform(-options.yaw, options.yaw);
        if (Fits(candidate, object, shapes[before], taken, gap, options)) crowd.push_back(candidate);
      }
      if (crowd.size() == before) break;
      taken.push_back(Moved(shapes[before], crowd.back().position, crowd.back().yaw));
    }
    if (crowd.size() == ids.size()) {
      rng.Shuffle(crowd);
      placed.insert(placed.end(), crowd.begin(), crowd.end());
      return;
    }
    gap = std::max(kLeastGap, gap * kShrink);
  }
  throw InputError("layout: expected room for " + std::to_string(ids.size()) + " objects, found none in " +
                   std::to_string(kLayouts) + " draws");
}

}  // namespace divla
