#include "tasks/vqa/seen_object.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/observe.h"
#include "tasks/table_top.h"
#include "tasks/vqa/answer.h"

namespace divla {
namespace {

constexpr double kSeenShare = 0.3;    // of the object's sample points
constexpr double kSideMargin = 0.05;  // of the picture's width, between the middles

std::vector<std::string> PhrasesOf(const ObjectInfo& object) {
  std::vector<std::string> phrases = object.phrases_seen;
  std::string category = object.category;
  std::replace(category.begin(), category.end(), '_', ' ');
  if (std::find(phrases.begin(), phrases.end(), category) == phrases.end()) phrases.push_back(category);
  phrases.insert(phrases.end(), object.phrases_unseen.begin(), object.phrases_unseen.end());
  return phrases;
}

// The picture's extent of the body's geoms. False when a corner is not in front of the camera or outside the picture.
bool Extent(const Scene& scene, int camera, int body, double aspect, SeenObject& object) {
  const mjModel& model = scene.Model();
  const mjData& data = scene.Data();
  object.left = 1;
  object.right = 0;
  std::array<double, 3> low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
  for (int g = model.body_geomadr[body]; g < model.body_geomadr[body] + model.body_geomnum[body]; ++g) {
    const mjtNum* box = model.geom_aabb + 6 * g;
    for (int corner = 0; corner < 8; ++corner) {
      mjtNum point[3];
      mjtNum local[3];
      for (int i = 0; i < 3; ++i) local[i] = box[i] + ((corner >> i) % 2 == 0 ? box[3 + i] : -box[3 + i]);
      mju_mulMatVec3(point, data.geom_xmat + 9 * g, local);
      mju_addTo3(point, data.geom_xpos + 3 * g);
      for (std::size_t i = 0; i < 3; ++i) {
        low[i] = std::min(low[i], point[i]);
        high[i] = std::max(high[i], point[i]);
      }
      const auto pixel = ProjectPoint(scene, camera, {point[0], point[1], point[2]}, aspect);
      if (!pixel) continue;  // cut off by the picture's edge: the rest of it is the extent
      object.left = std::min(object.left, (*pixel)[0]);
      object.right = std::max(object.right, (*pixel)[0]);
    }
  }
  const auto middle =
      ProjectPoint(scene, camera, {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2}, aspect);
  if (!middle || object.left > object.right) return false;
  object.middle = (*middle)[0];
  return true;
}

}  // namespace

std::vector<SeenObject> LookAtObjects(const Scene& scene, const EpisodePlan& plan, const std::string& camera,
                                      double aspect) {
  const int camera_id = scene.CameraId(camera);
  std::vector<SeenObject> objects;
  for (const ObjectPlacement& placement : plan.objects) {
    SeenObject object;
    object.body = placement.body;
    object.info = &FindObject(placement.object_id);
    const int body = scene.BodyId(placement.body);
    object.seen = VisibleShare(scene, camera, body) >= kSeenShare && Extent(scene, camera_id, body, aspect, object);
    objects.push_back(object);
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    for (const std::string& phrase : PhrasesOf(*objects[i].info)) {
      bool fits_another = false;
      for (std::size_t k = 0; k < objects.size(); ++k) {
        if (k == i) continue;
        for (const std::string& other : PhrasesOf(*objects[k].info)) fits_another |= SaysPhrase(other, phrase);
      }
      if (!fits_another) objects[i].nouns.push_back(phrase);
    }
  }
  return objects;
}

std::optional<Side> SideOf(const SeenObject& a, const SeenObject& b) {
  const bool apart = std::abs(a.middle - b.middle) >= kSideMargin;
  const bool outside = (a.middle < b.left || a.middle > b.right) && (b.middle < a.left || b.middle > a.right);
  if (!apart || !outside) return std::nullopt;
  return a.middle < b.middle ? Side::kLeft : Side::kRight;
}

std::string CameraWords(const std::string& camera) {
  std::string words = camera.starts_with("cam_") ? camera.substr(4) : camera;
  std::replace(words.begin(), words.end(), '_', ' ');
  return "the " + words + " camera";
}

}  // namespace divla
