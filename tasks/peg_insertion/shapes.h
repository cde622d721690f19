// The peg and the socket as the task and its expert measure them. Both are bars along their x axes, alike at both ends.
#pragma once

#include <array>
#include <string>

#include "tasks/task.h"

namespace divla {

// The middle of a bar, m, world: of the hole, for the socket.
std::array<double, 3> MiddleOf(const Scene& scene, int body);
// Half the length of the bar `body` of the plan, m.
double HalfLength(const EpisodePlan& plan, const std::string& body);

// Where the arm's tool takes its part, m, world: the left arm the socket in its middle, the right arm the peg behind
// its middle, so that there is room between the hands.
std::array<double, 3> PartGrasp(const Scene& scene, const EpisodePlan& plan, int arm);
// The arm holds its part (Holds, tasks/two_arms.h), anywhere along it.
bool HoldsPart(const Scene& scene, const EpisodePlan& plan, int arm);

}  // namespace divla
