#include "harness/bench/bench.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/bench/bench_libm.h"
#include "harness/bench/bench_renderers.h"
#include "harness/evaluation.h"
#include "harness/policy_view.h"
#include "harness/statistics.h"
#include "policy/registry.h"
#include "sim/controller.h"
#include "sim/observe.h"
#include "tasks/registry.h"

namespace divla {
namespace {

using Clock = std::chrono::steady_clock;
using Report = std::function<void(BenchFigure)>;

constexpr int kBatch = 16;
constexpr int kSeed = 1;

double Since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Scene MakeScene(const Task& task, int index) {
  return task.Build(task.Draw(kSeed, {task.Spec().name, "none", 0, index}));
}

// Pins the calling thread to the first core it may use; threads that it starts later inherit that.
void PinToOneCore() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return;
  int core = 0;
  while (core < CPU_SETSIZE - 1 && !CPU_ISSET(core, &set)) ++core;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

void MeasureSimulator(const Task& task, double seconds, const Report& report) {
  int index = 0;
  // With a renderer of its own, so that no upload of an earlier scene is used again.
  const double ready = SecondsPerCall(seconds, [&] {
    const Scene scene = MakeScene(task, index++ % 50);
    const auto renderer = PolicyRenderer(RendererKind::kSoftware);
    renderer->Render(scene, scene.CameraId(scene.GetRobot().spec.cameras.front()), 96, 96);
  });
  report({"scene reset, cameras ready", ready * 1e3, "ms", 10.0, false,
          "drawn, built, settled 0.2 s, first 96x96 picture with uploads (software); one core"});
  const double reset = SecondsPerCall(seconds, [&] { MakeScene(task, index++ % 50); });
  report({"scene resets", 1.0 / reset, "/s", {}, true, "one core"});

  Scene scene = MakeScene(task, 0);
  const std::vector<double> start = scene.SaveState();
  constexpr int kSteps = 25;
  const double physics = SecondsPerCall(seconds, [&] { scene.Step(kSteps); }) / kSteps;
  report({"physics steps", 1.0 / physics, "/s", {}, true, "2 ms each, one core"});

  scene.RestoreState(start);
  const std::vector<float> hold = CommandedJoints(scene);
  const double bare = SecondsPerCall(seconds, [&] { ControlStep(scene, ActionKind::kJointPosition, hold); });
  report({"control steps, no cameras", 1.0 / bare, "/s", {}, true, "one core"});
}

// Scene build and reset of every task: what an episode costs before its first picture.
void MeasureResets(double seconds, const Report& report) {
  for (const Task* task : AllTasks()) {
    int index = 0;
    const double reset = SecondsPerCall(seconds, [&] { MakeScene(*task, index++ % 20); });
    report({"reset of " + task->Spec().name, reset * 1e3, "ms", 20.0, false, "drawn, built, settled 0.2 s; one core"});
  }
}

// The policy as it is and in strict mode, on the same observations.
void MeasurePolicy(const Task& task, const std::string& name, RendererKind kind, double seconds, const Report& report) {
  const auto policy = MakePolicy(name, CheckpointDir());
  const auto strict = MakePolicy(name, CheckpointDir(), {.strict = true});
  std::vector<Observation> observations;
  RobotInterface robot;
  {
    const auto renderer = PolicyRenderer(kind);
    for (int i = 0; i < kBatch; ++i) {
      const EpisodePlan plan = task.Draw(kSeed, {task.Spec().name, "none", 0, i});
      const Scene scene = task.Build(plan);
      robot = scene.GetRobot().Interface();
      const PolicyRequirements wants = policy->Requirements(robot);
      observations.push_back(
          Observe(scene, renderer.get(), wants.cameras, wants.image_height, wants.image_width, plan.instruction));
    }
  }
  for (const int batch : {1, kBatch}) {
    policy->Reset(robot, batch);
    strict->Reset(robot, batch);
    std::vector<Query> queries;
    for (int i = 0; i < batch; ++i) {
      queries.push_back({&observations[static_cast<std::size_t>(i)], i, static_cast<std::uint64_t>(i), 0});
    }
    const double query = SecondsPerCall(seconds, [&] { policy->Infer(queries); });
    const std::string what = fmt::format("{} query, batch {}", name, batch);
    report({what, query * 1e3, "ms", {}, false, "one worker"});
    if (batch > 1) report({what + ", per episode", query * 1e3 / batch, "ms", 15.0, false, "one worker"});
    const double strict_query = SecondsPerCall(seconds, [&] { strict->Infer(queries); });
    report({what + ", --strict",
            strict_query * 1e3,
            "ms",
            {},
            false,
            fmt::format("one worker; {:.2f} times the usual", strict_query / query)});
  }
}

// One group of whole episodes on one worker, as `eval` runs them.
void MeasureEpisodes(const Task& task, const std::string& policy, RendererKind kind, const Report& report) {
  Suite suite{.name = "bench", .version = 1, .summary = "", .seed = kSeed, .group_size = kBatch, .cells = {}};
  suite.cells.push_back({task.Spec().name, "none", 0, kBatch});
  const auto start = Clock::now();
  const EvaluationResult result = Evaluate(
      suite, [&](RendererSource renderer) { return MakeAgent(policy, std::move(renderer)); },
      {.workers = 1, .frames = ReportFrames::kNone, .renderer = kind, .stop = {}, .find_task = {}}, {}, nullptr);
  const double seconds = Since(start);
  double steps = 0.0;
  for (const EpisodeRecord& record : result.records) steps += record.steps;
  report({fmt::format("whole episodes, {}", policy),
          kBatch / seconds,
          "/s",
          {},
          true,
          fmt::format("{} episodes of {:.0f} steps on average, one worker, loading included", kBatch, steps / kBatch)});
}

}  // namespace

double SecondsPerCall(double seconds, const std::function<void()>& work) {
  const auto warm = Clock::now();
  work();
  const double first = std::max(1e-7, Since(warm));
  const int calls = std::max(1, static_cast<int>(seconds / 10.0 / first));
  std::vector<double> blocks;
  const auto start = Clock::now();
  while (blocks.size() < 5 || Since(start) < seconds) {
    const auto block = Clock::now();
    for (int i = 0; i < calls; ++i) work();
    blocks.push_back(Since(block) / calls);
  }
  return *Median(blocks);
}

std::vector<BenchFigure> RunBench(const BenchOptions& options, const std::function<void(const BenchFigure&)>& report,
                                  const std::function<void(const std::string&)>& note) {
  const Task& task = FindTask(options.task);
  MakePolicy(options.policy, CheckpointDir());  // a wrong name is said before a minute is spent
  std::vector<BenchFigure> figures;
  const Report keep = [&](BenchFigure figure) {
    if (report) report(figure);
    figures.push_back(std::move(figure));
  };
  std::exception_ptr error;
  std::thread pinned([&] {
    try {
      PinToOneCore();
      MeasureSimulator(task, options.seconds, keep);
      MeasureResets(options.seconds, keep);
      MeasureRenderers(options.seconds, keep, note);
      MeasureLibm(options.seconds, keep);
    } catch (...) {
      error = std::current_exception();
    }
  });
  pinned.join();
  if (error) std::rethrow_exception(error);
  MeasurePolicy(task, options.policy, options.renderer, options.seconds, keep);
  MeasureEpisodes(task, "expert", options.renderer, keep);
  MeasureEpisodes(task, options.policy, options.renderer, keep);
  return figures;
}

nlohmann::json ToJson(const BenchFigure& figure) {
  return {{"what", figure.what},
          {"value", figure.value},
          {"unit", figure.unit},
          {"target", figure.target ? nlohmann::json(*figure.target) : nlohmann::json(nullptr)},
          {"target_is", figure.more_is_better ? "at_least" : "at_most"},
          {"met", figure.Met()},
          {"note", figure.note}};
}

}  // namespace divla
