// What a camera shows of a plan's objects: names, extents in the picture, and sides. Of use to the questions only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/scene.h"
#include "tasks/catalogue.h"
#include "tasks/task.h"

namespace divla {

struct SeenObject {
  std::string body;
  const ObjectInfo* info{};          // lives as long as the program
  std::vector<std::string> nouns;    // that fit this object of the plan only: seen phrases, category, held-out phrases
  bool seen{};                       // clearly (tasks/vqa/question.h); the numbers below are valid only then
  double left{}, right{}, middle{};  // horizontal extent and middle in the picture, 0 (left) to 1 (right)
};

// One entry for each object of the plan, in its order.
std::vector<SeenObject> LookAtObjects(const Scene& scene, const EpisodePlan& plan, const std::string& camera,
                                      double aspect);

enum class Side { kLeft, kRight };
// Where `a` is of `b` in the picture; empty when that may be doubted. Both must be seen.
std::optional<Side> SideOf(const SeenObject& a, const SeenObject& b);

// "the left camera" for "left", "the high camera" for "cam_high".
std::string CameraWords(const std::string& camera);

}  // namespace divla
