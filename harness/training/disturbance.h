// Disturbance: what is done to an expert's commands in a perturbed demonstration, so that its answers show how to
// recover. Pure functions of the stream and of the commands: no clock, no scene.
//
// Where a disturbance strikes is drawn from a run of the undisturbed expert over the same plan: an expert is done long
// before the task's horizon, and what strikes later never happens.
//
//   pushes         0, 1 or 2 (1/3 each), each 1 to 3 control steps, begun between step 5 and the step at which the
//                  undisturbed expert reached the goal: the executed tool target of one arm is off by N(0, 4/4/3 cm).
//                  These steps are no labels.
//   missed grasp   in 25 % of the demonstrations, at one of the closings of the undisturbed run (uniform): from the
//                  step at which the fingers are told to close, the executed tool target backs off 5 to 7 cm along
//                  the tool's axis for 8 control steps, and the fingers stay open for the first 4 of them, so they
//                  close on nothing. None of these steps is a label, nor those until the expert opens the fingers
//                  again (at most 20 in all); what it does from there on, to take the object after all, is.
//   trembling      the executed target follows a first-order autoregressive noise of 2 mm (0.9 from step to step) all
//                  the time; labels stay the expert's own commands.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "sim/rng.h"

namespace divla {

// Counts how often an expert's end-effector commands tell an arm to close its fingers.
class Closings {
 public:
  explicit Closings(int arms) : closed_(static_cast<std::size_t>(arms), false) {}
  // Call once per control step. The arm that begins to close at this step, the lowest when several do; -1 for none.
  int Watch(std::span<const float> command);
  int Count() const { return count_; }  // begun so far

 private:
  std::vector<bool> closed_;
  int count_{};
};

// What the expert does when nobody disturbs it.
struct UndisturbedRun {
  int steps{};     // control steps until the goal was reached (to be held), or all when it was not
  int closings{};  // Closings::Count at its end
};

class Disturbance {
 public:
  Disturbance(Rng rng, int arms, const UndisturbedRun& run);

  // Changes the expert's end-effector command of control step `step`, called for 0, 1, 2, ... in order. True when the
  // command is a label.
  bool Apply(int step, std::vector<float>& command);

  int Pushes() const { return pushes_; }                // begun so far
  int MissedGrasps() const { return missed_ ? 1 : 0; }  // begun so far

 private:
  struct Push {
    int first{}, steps{};
    std::size_t arm{};
    std::array<double, 3> offset{};  // m, world
  };
  bool Miss(int step, std::vector<float>& command);

  Rng rng_;
  std::vector<std::array<double, 3>> tremble_;  // m, world, per arm
  std::vector<Push> planned_;
  Closings closings_;
  int miss_at_{-1};    // number of the closing that misses; -1: none does
  double back_off_{};  // m, along the tool's axis
  std::size_t miss_arm_{};
  int miss_since_{-1};  // control step at which it began; -1: not under way
  bool missed_{};
  int pushes_{};
};

}  // namespace divla
