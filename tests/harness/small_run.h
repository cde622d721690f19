// A run of a few short episodes in milliseconds, by a policy that looks, speaks and waves: for tests of what a run
// leaves behind.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/json_fields.h"
#include "harness/report/report.h"
#include "harness/run.h"
#include "tests/harness/fake_policy.h"
#include "tests/harness/short_task.h"

namespace divla {

struct SmallRun {
  Suite suite{
      .name = "small",
      .version = 1,
      .summary = "",
      .seed = 3,
      .group_size = 2,
      .cells = {{"cube_to_coloured_box", "none", 0, 3}, {"cube_to_coloured_box", "environment_sensor_noise", 2, 2}}};
  int horizon{4};
  int workers{1};
  ReportFrames frames{ReportFrames::kStrip};  // so that stopping and merging meet these too
  RunVideos videos{RunVideos::kNone};
  std::optional<Shard> shard{};
  Control control{Control::kNone};
  float wave{0.05F};                   // rad
  std::vector<std::string> options{};  // of the command
  std::function<bool()> stop{};
  std::optional<RunInfo> info{};  // of Info(), where it need not be asked again

  AgentFactory Agents() const {
    return [wave = wave](RendererSource renderer) {
      PolicyRequirements wants{.cameras = {"left", "wrist"}, .image_height = 24, .image_width = 32};
      wants.n_action_steps = 2;
      return MakePolicyAgent(std::make_unique<FakePolicy>(wants, nullptr,
                                                          [wave](const Query& query, PolicyOutput& output) {
                                                            output.reasoning.text = query.query_number == 0
                                                                                        ? "Pick the purple cube."
                                                                                        : "I have lost it.";
                                                            if (query.query_number == 0) {
                                                              output.reasoning.pixels["left"] = {0.5F, 0.25F};
                                                            }
                                                            const auto turn = static_cast<float>(query.noise_seed % 7);
                                                            for (float& value : output.actions.values) {
                                                              value += wave * (turn - 3.0F);
                                                            }
                                                          }),
                             std::move(renderer));
    };
  }

  RunInfo Info() const {
    RunRequest request{.policy = "waving", .strict = false, .shard = shard, .command = {"divla", "eval"}};
    request.frames = frames;
    request.videos = videos;
    request.control = control;
    request.workers = workers;
    request.command.insert(request.command.end(), options.begin(), options.end());
    return DescribeRun(suite, request, *Agents()(nullptr));
  }

  TaskLookup Tasks() const {
    const auto tasks = std::make_shared<std::map<std::string, std::unique_ptr<ShortTask>>>();
    for (const SuiteCell& cell : suite.cells) (*tasks)[cell.task] = std::make_unique<ShortTask>(cell.task, horizon);
    return [tasks](const std::string& name) -> const Task& { return *tasks->at(name); };
  }

  RunOutcome Go(const std::filesystem::path& path, RunStart start = RunStart::kNew) const {
    RunFolder folder(start == RunStart::kNew ? CreateRunFolder(path) : ReopenRunFolder(path), info ? *info : Info(),
                     start);
    EvaluationOptions evaluation{.workers = workers, .frames = frames, .stop = stop, .find_task = Tasks()};
    evaluation.control = control;
    RunOutcome outcome = RunGroups(folder, suite, GroupsLeft(folder), Agents(), evaluation, {}, nullptr);
    WriteReports(path, folder.Info(), outcome.records, outcome.summary);
    return outcome;
  }
};

// Name -> bytes of every file under a folder.
inline std::map<std::string, std::string> Files(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(folder).string()] = ReadTextFile(entry.path());
  }
  return files;
}

// What a run must end with however it went: all files but the two that follow the clock, and the lines of the journal
// in one order.
inline std::map<std::string, std::string> Results(const std::filesystem::path& run) {
  std::map<std::string, std::string> files = Files(run);
  std::erase_if(files, [](const auto& file) { return file.first.ends_with("timing.jsonl"); });
  for (auto& [name, bytes] : files) {  // of controls, too
    if (name.ends_with("journal.jsonl")) bytes = EpisodeLines(ReadJournal(run / name));
  }
  return files;
}

}  // namespace divla
