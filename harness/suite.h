// A suite: which episodes an evaluation runs. A versioned data file, assets/suites/NAME.json; once published its
// episodes never change, only a new version can. Format:
//   {"format": "divla-suite", "name": "quick", "version": 1, "summary": "...", "seed": 1, "group_size": 16,
//    "cells": [{"task": "cube_to_coloured_box", "axis": "none", "level": 0, "episodes": 32}, ...]}
// Axes: "none" at level 0; "intervention_object" and "intervention_instruction" at level 1 (tasks/intervention.h).
// Seeds below kFirstDemoSeed belong to evaluations, the others to demonstrations, so a policy is never tested on what
// it was shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/summary.h"
#include "tasks/task.h"

namespace divla {

inline constexpr std::uint64_t kFirstDemoSeed = 1'000'000;

struct SuiteCell {
  std::string task;
  std::string axis{"none"};
  int level{0};
  int episodes{};  // indices 0 .. episodes-1
};

struct Suite {
  std::string name;
  int version{};
  std::string summary;
  std::uint64_t seed{};
  int group_size{};  // consecutive episodes of a cell that a policy gets as one batch
  std::vector<SuiteCell> cells;

  int Episodes() const;
  std::vector<CellName> Order() const;
};

// Episodes that are run in lockstep: a part of one cell.
struct Group {
  EpisodeKey first;
  int count{};
};
// The groups of a suite, cell after cell.
std::vector<Group> MakeGroups(const Suite& suite);

// Strict; throws InputError naming file, key, expected and found. Tasks must be registered.
Suite ParseSuite(const std::string& text, const std::string& where);

// The shipped suites, by name; a suite on the command line may also be a path to a file.
std::vector<std::string> SuiteNames();
Suite LoadSuite(const std::string& name_or_file);

// What the command line changes: only these tasks (empty: all; InputError for a task the suite lacks), this many
// episodes of each cell, this seed (InputError from kFirstDemoSeed on).
struct SuiteChanges {
  std::vector<std::string> tasks;
  int episodes{};  // 0: as in the file
  std::uint64_t seed{};
  bool has_seed{};
};
void ApplyChanges(const SuiteChanges& changes, Suite& suite);

}  // namespace divla
