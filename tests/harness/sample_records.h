// Small made-up records for the tests of what is counted and written.
#pragma once

#include <string>

#include "harness/records/records.h"

namespace divla {

inline EpisodeRecord SampleRecord(const std::string& task, int index, bool success) {
  EpisodeRecord record;
  record.key = {task, "none", 0, index};
  record.seed = 1;
  record.instruction = "put the \xC3\xA4pfel away";
  record.hash = {"a", "b", "c", "d", "e"};
  record.success = record.success_once = record.success_held = success;
  record.progress = success ? 1.0 : 1.0 / 3.0;
  record.objects = {success ? 1 : 0, 1};
  record.steps = 40 + index;
  record.sim_seconds = record.steps * 0.05;
  record.termination = success ? Termination::kSuccess : Termination::kHorizon;
  record.failure = success ? "none" : "missed_grasp";
  record.reasoning = {5, success ? 5 : 1, 4, success ? -1 : 6};
  return record;
}

inline RunInfo SampleInfo() {
  RunInfo info;
  info.suite = "quick";
  info.suite_version = 1;
  info.policy = "hold";
  info.seed = 1;
  info.group_size = 16;
  info.workers = 2;
  info.episodes = 4;
  info.command = {"divla", "eval"};
  info.versions = {"0.1.0", "unknown", true, "4.0.0", "2.13.0", "none", "GCC 12"};
  info.machine = {"a processor", "x86-64-v3", 2, "none"};
  return info;
}

}  // namespace divla
