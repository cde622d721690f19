// Questions about a scene, with the answers that the simulator knows (DiVLA paper, table 11: object, colour, spatial
// relation). Made for any scene and plan of the tasks, at any moment; only what cannot be doubted is asked.
//
// All questions are about one camera's picture and say so where it matters. An object counts as seen when the camera
// sees at least 30 % of its sample points and the middle of it; its extent in the picture is that of the corners of its
// geoms' bounding boxes.
//
//   object     "What is the green object?"                       exactly one object of the plan has that colour
//   colour     "What colour is the ball?"                        the noun says no colour and fits one object only
//   side       "Is the bread to the right of the tape, seen from the left camera?"          yes or no
//   neighbour  "What is the object to the left of the tape, seen from the left camera?"     exactly one is
//   count      "How many objects are on the table?"              boxes, trays and shelves are objects too
//   content    "What is in the blue box?" / "... on the white tray?" / "... on the plate?"  one object, or nothing
//
// Side: one object is left of another when their middles are at least 5 % of the picture's width apart (32 of 640
// pixels) and each middle lies outside the other's extent; when they are less apart than that, neither is, and nothing
// is asked. `object`, `neighbour` and `count` need every object of the plan to be seen, and `neighbour` a clear side
// for each of them. `count` needs all to stand on the table (base within 1 cm of it) and outside of containers.
// `content` needs the container to be seen, and every object to be inside of it (tasks/table_top.h, and seen) or to
// stay out of touch with it.
//
// A noun is a catalogue phrase, or the category, that fits no other object of the plan: with two cubes there is no
// question about "the cube". Colours are the catalogue's, so plans of axes that paint objects have no place here.
#pragma once

#include <string>
#include <vector>

#include "sim/rng.h"
#include "sim/scene.h"
#include "tasks/task.h"

namespace divla {

// The kinds, in the order of the tables.
const std::vector<std::string>& QuestionKinds();

struct Question {
  std::string kind;                   // one of QuestionKinds()
  std::string text;                   // what the policy is asked
  std::vector<std::string> accepted;  // phrases, each a right answer; the first is the one that the truth would say
  std::vector<std::string> wrong;     // phrases that a right answer does not say (tasks/vqa/answer.h)
};

// Every question of the kinds above that fits the scene, in a fixed order. `aspect`: width by height of the picture
// that is asked about, at least 1. Throws InputError for an unknown camera.
std::vector<Question> AllQuestions(const Scene& scene, const EpisodePlan& plan, const std::string& camera,
                                   double aspect);

// Up to `per_kind` of them of each kind, drawn from `rng`, in the order of the kinds.
std::vector<Question> DrawQuestions(Rng& rng, const std::vector<Question>& all, int per_kind);

}  // namespace divla
