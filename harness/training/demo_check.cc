#include "harness/training/demo_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

#include "sim/check.h"
#include "sim/controller.h"
#include "tasks/monitor.h"
#include "tasks/registry.h"

namespace divla {
namespace {

bool SameBits(const std::vector<double>& state, std::span<const double> logged) {
  return state.size() == logged.size() && std::memcmp(state.data(), logged.data(), logged.size_bytes()) == 0;
}

int CountIf(const std::vector<DemoReplay>& replays, bool (*holds)(const DemoReplay&)) {
  return static_cast<int>(std::count_if(replays.begin(), replays.end(), holds));
}

}  // namespace

DemoReplay ReplayDemonstration(const Task& task, const DemoInfo& info, int index, const EpisodeLog& log) {
  const EpisodePlan plan = DemoPlan(task, info.seed, index, info.perturb);
  Scene scene = task.Build(plan);
  if (log.key != plan.key || log.seed != info.seed || log.robot != scene.GetRobot().spec.name) {
    throw InputError(fmt::format("demonstration {}: expected its own log, found that of {} (seed {}, robot {})",
                                 ToString(plan.key), ToString(log.key), log.seed, log.robot));
  }
  DemoReplay replay;
  replay.index = index;
  const auto compare = [&](int row) {
    if (replay.first_different_state < 0 && !SameBits(scene.SaveState(), log.State(row))) {
      replay.first_different_state = row;
    }
  };
  if (info.Takeovers()) {
    const auto taken_over = log.State(0);
    scene.RestoreState({taken_over.begin(), taken_over.end()});
  }
  compare(0);
  EpisodeMonitor monitor(task, plan, scene);
  const auto dim = static_cast<std::size_t>(log.action_dim);
  for (int step = 0; step < log.Steps(); ++step) {
    const auto action = std::span(log.actions).subspan(static_cast<std::size_t>(step) * dim, dim);
    const StepStatus status = ControlStep(scene, log.action_kind, action);
    compare(step + 1);
    if (status == StepStatus::kDiverged) return replay;
    monitor.Update(scene);
  }
  replay.success = monitor.GoalHeld();
  return replay;
}

int DemoCheck::Successes() const {
  return CountIf(replays, [](const DemoReplay& replay) { return replay.success; });
}

int DemoCheck::Reproduced() const {
  return CountIf(replays, [](const DemoReplay& replay) { return replay.Reproduced(); });
}

bool DemoCheck::Good() const {
  return !replays.empty() && 1000 * Reproduced() >= 995 * static_cast<int>(replays.size());
}

DemoCheck CheckDemonstrations(const std::filesystem::path& folder, int workers, const std::function<bool()>& stop,
                              Progress* progress) {
  DemoCheck check;
  check.info = ReadDemoInfo(folder);
  const Task& task = FindTask(check.info.task);
  std::mutex mutex;
  std::exception_ptr error;
  std::size_t next = 0;
  const auto work = [&]() noexcept {
    try {
      while (true) {
        int index = 0;
        {
          const std::lock_guard lock(mutex);
          if (error || next >= check.info.indices.size() || (stop && stop())) return;
          index = check.info.indices[next++];
        }
        const EpisodeLog log = ReadLog(LogPath(folder, {check.info.task, "none", 0, index}));
        const DemoReplay replay = ReplayDemonstration(task, check.info, index, log);
        const std::lock_guard lock(mutex);
        check.replays.push_back(replay);
        if (progress != nullptr) {
          progress->Advance(1.0);
          progress->Finished(replay.Reproduced());
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < std::max(1, workers); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (error) std::rethrow_exception(error);
  std::sort(check.replays.begin(), check.replays.end(),
            [](const DemoReplay& a, const DemoReplay& b) { return a.index < b.index; });
  return check;
}

}  // namespace divla
