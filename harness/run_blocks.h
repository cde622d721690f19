// The blocks of run.json that say what is run, in which part, and what the policy was shown. Used by run_info_json.cc.
//
//   "cells": ["cube_to_coloured_box.none.0:32", ...]   task, axis, level and episodes: the plan, in the suite's order
//   "shard": {"index": 2, "count": 3}
//   "pictures": {"renderer": "software", "report": "all",
//                "videos": "failures",   left out for "none"
//                "looks": "panda of mujoco_menagerie HASH",   left out for the robots' own
//                "policy": [{"robot": "panda", "cameras": ["left", "wrist"], "height": 96, "width": 96}]}
//   "edited": [{"step": 20, "instruction": "..."}, ...]   what a person changed (harness/edits.h)
//   "latency": {"milliseconds": 120, "steps": 3, "play": "hold"}
//   "remote": {...}   PolicyInfo::remote
//   "merged": [{"workers": 2, "git_dirty": false, "machine": {...}}, ...]   one for each shard
// A block is left out when there is nothing to say.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/json_fields.h"
#include "harness/records/records.h"

namespace divla {

nlohmann::json ToJson(const RunMachine& machine);
RunMachine ReadRunMachine(JsonFields fields);

// "cube_to_coloured_box.none.0:32".
std::string ToString(const SuiteCell& cell);
// "2/3".
std::string ToString(const Shard& shard);
nlohmann::json ToJson(const RunPictures& pictures);
nlohmann::json ToJson(const SimulatedLatency& latency);

void AddRunBlocks(const RunInfo& info, nlohmann::json& value);
// Throws InputError naming the key.
void ReadRunBlocks(JsonFields& fields, RunInfo& info);

}  // namespace divla
