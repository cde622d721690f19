#include "tests/harness/report/sample_run.h"

#include <algorithm>
#include <array>

#include "harness/file_write.h"
#include "harness/report/png.h"
#include "harness/summary.h"

namespace divla::testing {

namespace {

constexpr std::array<const char*, 3> kTasks{"object_selection", "cube_to_coloured_box", "transfer_cube"};
constexpr std::array<const char*, 4> kColours{"blue", "red", "green", "yellow"};
constexpr std::array<const char*, 5> kFailures{"missed_grasp", "wrong_object", "dropped", "wrong_place", "not_reached"};

std::string Instruction(int task, int index) {
  const std::string colour = kColours[static_cast<std::size_t>(index) % kColours.size()];
  if (task == 0) return index % 2 == 0 ? "I am hungry, can you give me something to eat?" : "I would like to write.";
  if (task == 1) return "Put the " + colour + " cube into the " + colour + " box.";
  return "Hand the cube to the left arm.";
}

std::string Truth(int task, int index) {
  const std::string colour = kColours[static_cast<std::size_t>(index) % kColours.size()];
  if (task == 0) return index % 2 == 0 ? "The apple is the food; grasp the apple." : "Pick up the marker pen.";
  if (task == 1) return "The " + colour + " box is on the left.";
  return "Grasp the cube with the right hand.";
}

// A query every eight steps; the policy is wrong now and then.
std::vector<ReasoningEntry> Texts(int task, int index, int steps) {
  std::vector<ReasoningEntry> texts;
  for (int step = 0; step < steps; step += 8) {
    const bool correct = (step / 8 + index * 3) % 11 > 2 || index % 3 == 0;
    std::string truth = step < steps / 2 ? Truth(task, index) : "Now place it and open the gripper.";
    std::string said = correct ? truth
                               : "The " + std::string(kColours[static_cast<std::size_t>(step) % 3]) +
                                     " one is on the right; grasp it.";
    texts.push_back({.step = step,
                     .correct = correct,
                     .faithful = correct,
                     .said = said,
                     .grounded = said,
                     .truth = std::move(truth),
                     .required = {}});
  }
  return texts;
}

}  // namespace

SampleRun MakeSampleRun(int per_task) {
  SampleRun run;
  run.info = {.suite = "core",
              .suite_version = 1,
              .policy = "divla-tiny",
              .weights_sha256 = "9f2c4be0a1d35577c08e41b6d2f0937ae65b14c8d7f2a90313e5c6b8704fd21e",
              .seed = 7,
              .group_size = 16,
              .workers = 2,
              .episodes = 3 * per_task,
              .command = {"divla", "eval", "--suite", "core"},
              .versions = {.divla = "0.1.0",
                           .git_commit = "0123456789abcdef0123456789abcdef01234567",
                           .git_dirty = true,
                           .mujoco = "4.0.0",
                           .libtorch = "2.13.0",
                           .renderer = "OpenGL (EGL, llvmpipe)",
                           .compiler = "GCC 12.2.0"},
              .machine = {.cpu = "Example CPU 3000", .isa = "x86-64-v3", .cores = 2, .gpu = "none"},
              .cells = {},
              .shard = {},
              .pictures = {},
              .merged = {}};
  for (int task = 0; task < 3; ++task) {
    for (int index = 0; index < per_task; ++index) {
      EpisodeRecord record;
      record.key = {.task = kTasks[static_cast<std::size_t>(task)], .axis = "none", .level = 0, .index = index};
      record.seed = 7;
      record.instruction = Instruction(task, index);
      record.hash = {std::string(32, 'a'), std::string(32, 'b'), std::string(32, 'c'), std::string(32, 'd'),
                     std::string(32, 'e')};
      record.success = (index * 7 + task) % (task + 3) != 0;
      record.success_once = record.success || index % 5 == 0;
      record.success_held = record.success;
      record.progress = record.success ? 1.0 : 0.25 * (index % 4);
      record.objects = {record.success ? 1 : 0, 1};
      record.steps = record.success ? 90 + 3 * index : 240;
      record.sim_seconds = 0.05 * record.steps;
      record.termination = record.success ? Termination::kSuccess : Termination::kHorizon;
      record.failure = record.success ? "none" : kFailures[static_cast<std::size_t>(index) % kFailures.size()];
      EpisodeLog log;
      log.key = record.key;
      log.seed = record.seed;
      log.robot = task == 2 ? "agilex" : "panda";
      log.action_dim = 1;
      log.state_size = 1;
      log.actions.assign(static_cast<std::size_t>(record.steps), 0.0F);
      log.states.assign(static_cast<std::size_t>(record.steps) + 1, 0.0);
      log.reasoning = Texts(task, index, record.steps);
      if (run.records.empty()) {
        record.instruction = kHostile;
        log.reasoning.front().said = kHostile;
        log.reasoning.front().correct = false;
      }
      log.instruction = record.instruction;
      record.reasoning.queries = static_cast<int>(log.reasoning.size());
      for (const ReasoningEntry& entry : log.reasoning) {
        record.reasoning.correct += entry.correct ? 1 : 0;
        record.reasoning.faithful += entry.faithful ? 1 : 0;
        if (!entry.correct && record.reasoning.first_wrong_step < 0) record.reasoning.first_wrong_step = entry.step;
      }
      run.records.push_back(record);
      run.logs.push_back(std::move(log));
    }
  }
  run.summary = Summarize(run.info, run.records, {}, /*interrupted=*/false);
  return run;
}

SampleRun MakePerturbedRun(int per_task) {
  SampleRun run = MakeSampleRun(per_task);
  run.info.suite = "generalization";
  const std::size_t clean = run.records.size();
  constexpr std::array<std::pair<const char*, int>, 6> kCells{{{"instruction_intent", 2},
                                                               {"instruction_intent", 5},
                                                               {"environment_lighting", 2},
                                                               {"environment_lighting", 5},
                                                               {"instruction_intent+object_category", 5},
                                                               {"intervention_instruction", 1}}};
  for (std::size_t cell = 0; cell < kCells.size(); ++cell) {
    for (std::size_t i = 0; i < clean; ++i) {
      EpisodeRecord record = run.records[i];
      EpisodeLog log = run.logs[i];
      record.key.axis = kCells[cell].first;
      record.key.level = kCells[cell].second;
      if ((i + cell) % 3 != 0) {
        record.success = record.success_held = false;
        record.failure = "wrong_object";
        record.termination = Termination::kHorizon;
      }
      record.objects = {record.success ? 3 : 1, 3};
      record.reasoning.located = record.reasoning.queries;
      record.reasoning.grounded = record.reasoning.correct;
      if (record.key.axis == "intervention_instruction") {
        record.intervention =
            InterventionRecord{InterventionKind::kInstruction, 24, "Do <the> other.", i % 2 == 0, i % 2 == 0 ? 8 : -1};
      }
      log.key = record.key;
      run.records.push_back(std::move(record));
      run.logs.push_back(std::move(log));
    }
  }
  run.info.episodes = static_cast<int>(run.records.size());
  run.summary = Summarize(run.info, run.records, {}, /*interrupted=*/false);
  return run;
}

std::vector<ControlSummary> SampleControls(const SampleRun& run) {
  std::vector<ControlSummary> controls;
  for (const Control control : {Control::kBlankInstruction, Control::kOracleReasoning, Control::kWrongReasoning}) {
    std::vector<EpisodeRecord> played = run.records;
    for (std::size_t i = 0; i < played.size(); ++i) {
      ControlRecord record;
      record.name = ToString(control);
      record.applies = i % 7 != 0;
      record.target = record.acted_on = "own";
      if (control == Control::kWrongReasoning) {
        record.object = "worded";
        record.acted_on = i % 4 == 0 ? "own" : i % 4 == 1 ? "" : "worded";
      }
      if (control != Control::kOracleReasoning) played[i].success = played[i].success && i % 5 == 0;
      played[i].control = std::move(record);
    }
    controls.push_back(SummarizeControl(control, run.records, played));
  }
  return controls;
}

Image SamplePicture(int seed, bool moved) {
  Image image{.height = 240, .width = 320, .rgb = {}};
  image.rgb.reserve(image.ByteCount());
  const int box_x = moved ? 220 : 40 + seed * 37 % 120;
  const int box_y = moved ? 120 : 130 + seed * 23 % 50;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      std::array<int, 3> colour{200 - y / 4, 210 - y / 4, 220 - y / 5};                    // wall
      if (y > 90) colour = {176 - y / 8 + (x * 7 + y * 3) % 5, 140 - y / 8, 104 - y / 8};  // table
      if (x >= 200 && x < 270 && y >= 100 && y < 160) colour = {70, 76, 90};               // bin
      if (x >= box_x && x < box_x + 30 && y >= box_y && y < box_y + 30) {
        colour = {40 + seed * 53 % 200, 60 + seed * 91 % 160, 60 + seed * 29 % 180};
      }
      for (const int channel : colour) image.rgb.push_back(static_cast<std::uint8_t>(std::clamp(channel, 0, 255)));
    }
  }
  return image;
}

void WriteSampleFolder(const std::filesystem::path& folder, const SampleRun& run) {
  std::filesystem::create_directories(folder / "logs");
  std::filesystem::create_directories(folder / "frames");
  for (std::size_t i = 0; i < run.records.size(); ++i) {
    const EpisodeKey& key = run.records[i].key;
    WriteFileAtomically(LogPath(folder, key), EncodeLog(run.logs[i]));
    WriteFileAtomically(FirstFramePath(folder, key), EncodePng(SamplePicture(static_cast<int>(i), false)));
    WriteFileAtomically(LastFramePath(folder, key), EncodePng(SamplePicture(static_cast<int>(i), true)));
  }
}

}  // namespace divla::testing
