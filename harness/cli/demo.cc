// divla demo: demonstrations of the scripted experts, training rows rendered from them, and whether they still replay.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "harness/cli/commands.h"
#include "harness/lerobot/export.h"
#include "harness/provenance.h"
#include "harness/training/demo_check.h"
#include "harness/training/demo_folder.h"
#include "harness/training/demo_rows.h"
#include "sim/check.h"
#include "tasks/registry.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

struct DemoCommand {
  std::vector<std::string> tasks;
  DemoOptions demo;
  std::string out;
  std::string from;
  std::string check;
  std::string render;
  RowsOptions rows;
  std::string format{"rows"};  // of what is rendered
  std::string images{"video"};
  bool language{true};
  int workers{};
  bool quiet{};

  bool LeRobot() const { return format == "lerobot"; }
};

constexpr const char* kLeRobotSize = "256x256";  // pixels, as most of its datasets have

// "96x128": height, then width.
void ReadSize(const std::string& text, RowsOptions& rows) {
  const auto cross = text.find('x');
  const auto number = [&](std::size_t first, std::size_t last, int& value) {
    const char* end = text.data() + last;
    const auto result = std::from_chars(text.data() + first, end, value);
    return result.ec == std::errc() && result.ptr == end;
  };
  if (cross == std::string::npos || !number(0, cross, rows.height) || !number(cross + 1, text.size(), rows.width)) {
    throw InputError(fmt::format("--render: expected HEIGHTxWIDTH such as 96x96, found '{}'", text));
  }
}

// Returns true when the user stopped it.
bool Record(const DemoCommand& command, const std::string& task, const fs::path& folder) {
  DemoOptions demo = command.demo;
  demo.task = task;
  demo.workers = command.workers;
  demo.renderer = command.rows.renderer;
  demo.stop = Interrupted;
  Progress progress("demonstrations", demo.episodes, command.quiet);
  const DemoInfo info = RecordDemonstrations(demo, folder, &progress);
  progress.Close();
  fmt::print("{}: {} demonstrations from {} attempts in {}", task, info.indices.size(), info.attempts, folder.string());
  if (info.Takeovers()) {
    double mean = 0;
    for (const int steps : info.taken_over) mean += steps;
    fmt::print(", taken over from {} after {:.0f} control steps on average", info.policy,
               mean / static_cast<double>(std::max<std::size_t>(1, info.taken_over.size())));
  } else if (info.perturb) {
    fmt::print(", with {} pushes and {} missed grasps", info.pushes, info.missed_grasps);
  }
  fmt::print("\n");
  return static_cast<int>(info.indices.size()) < demo.episodes;
}

bool Render(const DemoCommand& command, const fs::path& demos, const fs::path& folder) {
  RowsOptions rows = command.rows;
  rows.workers = command.workers;
  rows.stop = Interrupted;
  const DemoInfo info = ReadDemoInfo(demos);
  Progress progress("scenes", static_cast<int>(info.indices.size()) + rows.static_scenes, command.quiet);
  if (command.LeRobot()) {
    const ExportResult result =
        ExportDemonstrations(demos, folder, rows, command.images == "png", command.language, &progress);
    progress.Close();
    if (!result.stopped) {
      fmt::print("{}: {} episodes, {} frames in {}\n", info.task, result.episodes, result.frames, folder.string());
    }
    return result.stopped;
  }
  const int count = RenderRows(demos, folder, rows, &progress);
  progress.Close();
  if (count > 0) fmt::print("{}: {} rows in {}\n", info.task, count, folder.string());
  return count == 0;
}

// The folders of `option` that hold demonstrations: `from` itself, those in it, or those of an --out folder.
std::vector<fs::path> DemoFolders(const char* option, const fs::path& from) {
  if (fs::exists(from / "demo.json")) return {from};
  std::vector<fs::path> folders;
  for (const fs::path& parent : {from, from / "demos"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(parent, error)) {
      if (fs::exists(entry.path() / "demo.json")) folders.push_back(entry.path());
    }
  }
  if (folders.empty())
    throw InputError(fmt::format("{} {}: expected demonstrations (demo.json), found none", option, from.string()));
  std::sort(folders.begin(), folders.end());
  return folders;
}

// Exit code 0: in every folder at least 99.5 % of the demonstrations replay.
int Check(const DemoCommand& command) {
  CatchInterrupts();
  bool good = true;
  for (const fs::path& folder : DemoFolders("--check", command.check)) {
    Progress progress("replays", static_cast<int>(ReadDemoInfo(folder).indices.size()), command.quiet);
    const DemoCheck check = CheckDemonstrations(folder, command.workers, Interrupted, &progress);
    progress.Close();
    if (check.replays.size() < check.info.indices.size()) {
      fmt::print(stderr, "stopped by the user: {} of {} demonstrations of {} were replayed\n", check.replays.size(),
                 check.info.indices.size(), check.info.task);
      return kExitInterrupted;
    }
    fmt::print("{}: of {} demonstrations {} replay bit for bit to their success; {} succeed\n", check.info.task,
               check.replays.size(), check.Reproduced(), check.Successes());
    int said = 0;
    for (const DemoReplay& replay : check.replays) {
      if (replay.Reproduced() || ++said > 5) continue;
      fmt::print("  index {}: {}, {}\n", replay.index, replay.success ? "succeeds" : "fails",
                 replay.first_different_state < 0
                     ? "all states equal"
                     : fmt::format("states differ from step {} on", replay.first_different_state));
    }
    good = good && check.Good();
  }
  return good ? 0 : 1;
}

int RunDemo(DemoCommand& command) {
  if (!command.check.empty()) return Check(command);
  if (command.out.empty()) throw InputError("--out: expected a folder, found none");
  if (command.LeRobot()) {
    if (command.rows.static_scenes > 0 || command.rows.every != 1) {
      throw InputError("--format lerobot: expected neither --static nor --every: a dataset has every step, found one");
    }
    if (command.render.empty()) command.render = kLeRobotSize;
  } else if (command.images != "video" || !command.language) {
    throw InputError("--images, --no-language: expected --format lerobot beside it, found none");
  }
  if (!command.render.empty()) ReadSize(command.render, command.rows);
  if (command.rows.static_scenes > 0 && command.render.empty()) {
    throw InputError("--static: expected --render HEIGHTxWIDTH beside it, found none");
  }
  CatchInterrupts();
  bool stopped = false;
  std::vector<fs::path> folders;
  if (!command.from.empty()) {
    if (command.render.empty()) throw InputError("--from: expected --render HEIGHTxWIDTH beside it, found none");
    folders = DemoFolders("--from", command.from);
  } else {
    if (command.tasks.empty()) throw InputError("--task: expected at least one task, or --from, found none");
    for (const std::string& task : command.tasks) CheckDemoTask(FindTask(task));
    CheckDemoSeed(command.demo.seed);
    for (const std::string& task : command.tasks) {
      if (stopped) break;
      folders.push_back(fs::path(command.out) / "demos" / task);
      stopped = Record(command, task, folders.back());
    }
  }
  if (!command.render.empty()) {
    for (const fs::path& demos : folders) {
      if (!stopped) stopped = Render(command, demos, fs::path(command.out) / command.format / ReadDemoInfo(demos).task);
    }
  }
  if (!stopped) return 0;
  fmt::print(stderr, "stopped by the user: what is not finished has no demo.json or meta.json that counts all of it\n");
  return kExitInterrupted;
}

}  // namespace

void AddDemo(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<DemoCommand>();
  options->workers = UsableCores();
  options->demo.episodes = 100;
  CLI::App* command = app.add_subcommand("demo", "record the experts' demonstrations and render training rows");
  command->add_option("--task", options->tasks, "task (several times, or with commas)")->delimiter(',');
  command->add_option("--episodes", options->demo.episodes, "successful demonstrations of each task")
      ->capture_default_str();
  command->add_option("--seed", options->demo.seed, "seed, from 1000000 on")->capture_default_str();
  command->add_option(
      "--out", options->out,
      "folder: demonstrations go to OUT/demos/TASK, rows to OUT/rows/TASK, datasets to OUT/lerobot/TASK");
  command->add_flag("--perturb", options->demo.perturb,
                    "other starts, pushes, missed grasps and trembling: recovery data for training");
  command->add_option("--takeover", options->demo.policy,
                      "a policy drives first, up to a step drawn by chance, and the expert goes on from there: what to "
                      "do about the states that this policy gets into (DAgger)");
  command->add_option("--render", options->render, "also render training rows of HEIGHTxWIDTH pixels, such as 96x96");
  command
      ->add_option(
          "--format", options->format,
          "of what is rendered: training rows, or a LeRobot dataset (v3.0) in OUT/lerobot/TASK, 256x256 without "
          "--render")
      ->capture_default_str()
      ->check(CLI::IsMember({"rows", "lerobot"}));
  command->add_option("--images", options->images, "with --format lerobot: H.264 videos, or exact PNG in the tables")
      ->capture_default_str()
      ->check(CLI::IsMember({"video", "png"}));
  command->add_flag("!--no-language", options->language,
                    "with --format lerobot: without the reasoning in language columns, which LeRobot before 0.6 cannot "
                    "open");
  command->add_option("--static", options->rows.static_scenes, "with --render: this many scenes without action as well")
      ->check(CLI::Range(0, 1'000'000));
  command
      ->add_option("--cameras", options->rows.cameras,
                   "with --render: only these cameras of the robot, such as left,right (default: all)")
      ->delimiter(',');
  command
      ->add_option("--every", options->rows.every,
                   "with --render: picture every N-th control step only; the commands of all steps are kept")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  AddRendererOption(*command, options->rows.renderer, "with --render: draws the rows, whose meta.json names it");
  command->add_option("--from", options->from,
                      "render the demonstrations in this folder instead of recording new ones");
  command
      ->add_option("--check", options->check,
                   "replay the demonstrations in this folder instead: do the recorded actions reach the same states "
                   "and succeed? (exit code 1 below 99.5 %)")
      ->excludes("--task", "--from", "--render");
  command->add_option("--workers", options->workers, "worker threads; results do not depend on it")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_flag("--quiet", options->quiet, "no progress");
  command->callback([options, &line] { line.chosen = [options] { return RunDemo(*options); }; });
}

}  // namespace divla
