// A suite: which episodes an evaluation runs. A versioned data file, assets/suites/NAME.json; once published its
// episodes never change, only a new version can. Format:
//   {"format": "divla-suite", "name": "quick", "version": 1, "summary": "...", "seed": 1, "group_size": 16,
//    "cells": [{"task": "cube_to_coloured_box", "axis": "none", "level": 0, "episodes": 32},
//              {"task": ["flip_pot", "cup_on_plate"], "axis": ["object_size", "environment_camera"], "level": [1, 5],
//               "episodes": 10}, ...],
//    "controls": ["no_injection"]}
// "controls" may be left out; they are played as those of --control are (harness/control.h).
// Lists stand for their product, task by task, without the axes that a task lacks. The newest version of a suite is
// NAME.json (NAME may have folders: paper/sorting), earlier ones are kept as old/NAME@VERSION.json.
// Seeds below kFirstDemoSeed belong to evaluations, the others to demonstrations, so a policy is never tested on what
// it was shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/records/records.h"
#include "harness/summary.h"
#include "tasks/task.h"

namespace divla {

inline constexpr std::uint64_t kFirstDemoSeed = 1'000'000;
inline constexpr int kMostEpisodes = 10'000;  // of a cell: keys hold four digits
// Throws InputError that begins with `where` for a seed of demonstrations.
void CheckSuiteSeed(std::uint64_t seed, const std::string& where);

struct Suite {
  std::string name;
  int version{};
  std::string summary;
  std::uint64_t seed{};
  int group_size{};  // consecutive episodes of a cell that a policy gets as one batch
  std::vector<SuiteCell> cells;
  std::vector<std::string> controls{};  // names, each once

  int Episodes() const;
  std::vector<CellName> Order() const;
};

// Episodes that are run in lockstep: a part of one cell.
struct Group {
  EpisodeKey first;
  int count{};
};
// The groups of a suite, cell after cell; and those of one shard, in the same order.
std::vector<Group> MakeGroups(const Suite& suite);
std::vector<Group> GroupsOf(const Suite& suite, const std::optional<Shard>& shard);
int CountEpisodes(const std::vector<Group>& groups);
// The keys of a group's episodes, in order.
std::vector<EpisodeKey> KeysOf(const Group& group);
// "2/3". Throws InputError that names --shard.
Shard ParseShard(const std::string& text);
// What a run set out to do, from its run.json: enough of a suite for all the above.
Suite SuiteOf(const RunInfo& info);

// Strict; throws InputError naming file, key, expected and found. Tasks must be registered.
Suite ParseSuite(const std::string& text, const std::string& where);

// The shipped suites, by name; a suite on the command line may also be a path to a file.
std::vector<std::string> SuiteNames();
// Earlier versions that are kept, "core@1".
std::vector<std::string> OldSuiteNames();
// "core" (the newest version), "core@1", or a file.
Suite LoadSuite(const std::string& name_or_file);

// What the command line changes: only these tasks (empty: all; InputError for a task the suite lacks), this many
// episodes of each cell, this seed (InputError from kFirstDemoSeed on).
struct SuiteChanges {
  std::vector<std::string> tasks;
  // "NAME" (levels 1 to 5) or "NAME:LEVEL": the clean cells and their twins of these axes, instead of the suite's
  // cells. NAME may join several with '+'. Tasks that lack an axis have no cell of it.
  std::vector<std::string> axes;
  int episodes{};  // 0: as in the file
  std::uint64_t seed{};
  bool has_seed{};
};
void ApplyChanges(const SuiteChanges& changes, Suite& suite);

}  // namespace divla
