#include "harness/training/demo_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "harness/policy_view.h"
#include "policy/rows.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "sim/observe.h"
#include "tasks/registry.h"
#include "tasks/table_top.h"

namespace divla {
namespace {

constexpr int kFirstStaticIndex = 1'000'000;  // static scenes are other episodes than the demonstrations

std::array<float, 6> Points(const GroundTruth& truth) {
  std::array<float, 6> points{};
  for (std::size_t i = 0; i < 3; ++i) {
    points[i] = static_cast<float>(truth.object_position[i]);
    points[3 + i] = static_cast<float>(truth.destination_position[i]);
  }
  return points;
}

// Everything about one task and its robot that rows need. One per worker: it owns the renderer.
class RowMaker {
 public:
  RowMaker(const Task& task, const RowsInfo& info, RendererKind kind)
      : task_(task), info_(info), renderer_(PolicyRenderer(kind)) {}

  // The scene as it stands, with the command `label` (an end-effector action). Moves the scene's targets.
  TrainingRow Make(Scene& scene, const EpisodePlan& plan, std::span<const float> label, bool valid, int episode,
                   bool pictured) {
    TrainingRow row;
    Observation observation =
        pictured ? Observe(scene, renderer_.get(), info_.cameras, info_.height, info_.width, plan.instruction)
                 : Observe(scene, nullptr, {}, info_.height, info_.width, plan.instruction);
    row.images = std::move(observation.images);
    row.state = std::move(observation.state);
    row.tool = std::move(observation.tool);
    row.tool_target.assign(label.begin(), label.end());
    row.episode = episode;
    row.label_valid = valid;
    if (pictured) AddLabels(scene, plan, row);
    // Last, because it moves the targets: the joint command that the controller makes of the label.
    ApplyAction(scene, ActionKind::kEndEffectorPose, label);
    row.joint_target = CommandedJoints(scene);
    return row;
  }

 private:
  // What is true of the scene, for a row with a picture.
  void AddLabels(const Scene& scene, const EpisodePlan& plan, TrainingRow& row) const {
    const GroundTruth truth = task_.Truth(scene, plan);
    row.points = Points(truth);
    row.labels.instruction = plan.instruction;
    row.labels.reasoning = truth.text;
    row.labels.object_pixels = Project(scene, truth.object_position);
    row.labels.destination_pixels = Project(scene, truth.destination_position);
    for (const Alternative& other : task_.Alternatives(scene, plan)) {
      row.labels.alternatives.push_back({other.instruction, other.truth.text,
                                         Project(scene, other.truth.object_position),
                                         Project(scene, other.truth.destination_position), Points(other.truth)});
    }
    for (const ObjectPlacement& placement : plan.objects) {
      row.labels.objects.push_back({placement.object_id, Project(scene, ObjectPoint(scene, placement))});
    }
  }

  // The point that a person would click on: where it is grasped, or the middle of its base.
  static std::array<double, 3> ObjectPoint(const Scene& scene, const ObjectPlacement& placement) {
    const ObjectInfo& object = FindObject(placement.object_id);
    if (!object.grasps.empty()) return GraspPose(scene, placement.body, object).position;
    return scene.BodyPosition(scene.BodyId(placement.body));
  }

  Pixels Project(const Scene& scene, const std::array<double, 3>& point) const {
    Pixels pixels;
    const double aspect = static_cast<double>(info_.width) / info_.height;
    for (const std::string& camera : info_.cameras) {
      const auto uv = ProjectPoint(scene, scene.CameraId(camera), point, aspect);
      auto& entry = pixels[camera];
      if (uv) entry = std::array<float, 2>{static_cast<float>((*uv)[0]), static_cast<float>((*uv)[1])};
    }
    return pixels;
  }

  const Task& task_;
  const RowsInfo& info_;
  std::unique_ptr<Renderer> renderer_;
};

// The action that keeps each arm where it is.
std::vector<float> StayAction(const Scene& scene) {
  std::vector<ToolTarget> targets;
  for (int arm = 0; arm < static_cast<int>(scene.GetRobot().arms.size()); ++arm) {
    targets.push_back({scene.ToolPose(arm), scene.GripperOpening(arm)});
  }
  return ToAction(scene, targets);
}

// Jobs are taken in order by several threads; their rows are appended in order of the jobs.
class Rendering {
 public:
  Rendering(const std::filesystem::path& demos, RowsReceiver& receiver, const RowsOptions& options, Progress* progress)
      : demos_(demos),
        receiver_(receiver),
        options_(options),
        progress_(progress),
        demo_(ReadDemoInfo(demos)),
        task_(FindTask(demo_.task)) {
    const Scene scene = task_.Build(task_.Draw(demo_.seed, {demo_.task, "none", 0, 0}));
    const RobotInterface robot = scene.GetRobot().Interface();
    info_ = {.task = demo_.task,
             .robot = robot.name,
             .renderer = PolicyRenderer(options.renderer)->Description(),
             .cameras = options.cameras.empty() ? robot.cameras : options.cameras,
             .height = options.height,
             .width = options.width,
             .state_dim = robot.StateDim(),
             .joint_dim = robot.ActionDim(ActionKind::kJointPosition),
             .tool_action_dim = robot.ActionDim(ActionKind::kEndEffectorPose)};
    for (const std::string& camera : info_.cameras) {
      if (std::find(robot.cameras.begin(), robot.cameras.end(), camera) == robot.cameras.end()) {
        throw InputError(fmt::format("--cameras: expected some of {} ({}), found '{}'", fmt::join(robot.cameras, ", "),
                                     robot.name, camera));
      }
    }
    jobs_ = static_cast<int>(demo_.indices.size()) + options.static_scenes;
    if (jobs_ == 0) throw InputError(fmt::format("folder {}: expected demonstrations, found none", demos.string()));
    receiver_.Begin(info_);
  }

  void Work() noexcept {
    try {
      RowMaker maker(task_, info_, options_.renderer);
      for (int job = 0; (job = Next()) >= 0;) Append(job, Rows(maker, job));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      turn_changed_.notify_all();
    }
  }

  int Finish() {
    if (error_) std::rethrow_exception(error_);
    if (turn_ < jobs_) return 0;
    receiver_.Finish();
    return rows_;
  }

 private:
  int Next() {
    const std::lock_guard lock(mutex_);
    if (error_ || next_ >= jobs_ || (options_.stop && options_.stop())) return -1;
    return next_++;
  }

  std::vector<TrainingRow> Rows(RowMaker& maker, int job) const {
    const auto demos = static_cast<int>(demo_.indices.size());
    return job < demos ? DemoRows(maker, job) : std::vector<TrainingRow>{StaticRow(maker, job, job - demos)};
  }

  std::vector<TrainingRow> DemoRows(RowMaker& maker, int job) const {
    const int index = demo_.indices[static_cast<std::size_t>(job)];
    const EpisodePlan plan = DemoPlan(task_, demo_.seed, index, demo_.perturb);
    Scene scene = task_.Build(plan);
    const EpisodeLog log = ReadLog(LogPath(demos_, plan.key));
    if (log.labels.empty() || log.key != plan.key || log.seed != demo_.seed) {
      throw InputError(fmt::format("file {}: expected the demonstration {}", LogPath(demos_, plan.key).string(),
                                   ToString(plan.key)));
    }
    if (log.states.empty()) {
      throw InputError(fmt::format("file {}: expected the states of the demonstration, found a compact log",
                                   LogPath(demos_, plan.key).string()));
    }
    std::vector<TrainingRow> rows;
    const auto dim = static_cast<std::size_t>(log.action_dim);
    for (int step = 0; step < log.Steps(); ++step) {
      const auto state = log.State(step);
      scene.RestoreState({state.begin(), state.end()});
      const auto label = std::span(log.labels).subspan(static_cast<std::size_t>(step) * dim, dim);
      rows.push_back(
          maker.Make(scene, plan, label, log.label_valid[static_cast<std::size_t>(step)] != 0, job, Pictured(step)));
    }
    return rows;
  }

  bool Pictured(int step) const {
    const bool late = demo_.Takeovers() && !options_.whole_takeovers && step >= kTakeoverPictured;
    return step % options_.every == 0 && !late;
  }

  TrainingRow StaticRow(RowMaker& maker, int job, int number) const {
    const EpisodePlan plan = DemoPlan(task_, demo_.seed, kFirstStaticIndex + number, true);
    Scene scene = task_.Build(plan);
    return maker.Make(scene, plan, StayAction(scene), false, job, true);
  }

  void Append(int job, const std::vector<TrainingRow>& rows) {
    std::unique_lock lock(mutex_);
    turn_changed_.wait(lock, [&] { return turn_ == job || error_; });
    if (error_) return;
    receiver_.Append(rows);
    rows_ += static_cast<int>(rows.size());
    ++turn_;
    turn_changed_.notify_all();
    if (progress_ != nullptr) {
      progress_->Advance(1.0);
      progress_->Finished(true);
    }
  }

  const std::filesystem::path& demos_;
  RowsReceiver& receiver_;
  const RowsOptions& options_;
  Progress* progress_;
  DemoInfo demo_;
  const Task& task_;
  RowsInfo info_;
  int jobs_{};
  std::mutex mutex_;
  std::condition_variable turn_changed_;
  int next_{}, turn_{}, rows_{};
  std::exception_ptr error_;
};

// A training folder.
class FolderReceiver : public RowsReceiver {
 public:
  explicit FolderReceiver(std::string folder) : folder_(std::move(folder)) {}
  void Begin(const RowsInfo& info) override { writer_ = std::make_unique<RowsWriter>(folder_, info); }
  void Append(const std::vector<TrainingRow>& rows) override {
    for (const TrainingRow& row : rows) writer_->Append(row);
  }
  void Finish() override { writer_->Finish(); }

 private:
  std::string folder_;
  std::unique_ptr<RowsWriter> writer_;
};

}  // namespace

int RenderRows(const std::filesystem::path& demos, RowsReceiver& receiver, const RowsOptions& options,
               Progress* progress) {
  for (const int size : {options.height, options.width}) {
    if (size < 16 || size > 1024) throw InputError(fmt::format("--render: expected 16 to 1024 pixels, found {}", size));
  }
  if (options.every < 1) throw InputError(fmt::format("--every: expected at least 1, found {}", options.every));
  Rendering rendering(demos, receiver, options, progress);
  std::vector<std::thread> threads;
  for (int i = 0; i < std::max(1, options.workers); ++i) threads.emplace_back([&] { rendering.Work(); });
  for (std::thread& thread : threads) thread.join();
  return rendering.Finish();
}

int RenderRows(const std::filesystem::path& demos, const std::filesystem::path& out, const RowsOptions& options,
               Progress* progress) {
  FolderReceiver receiver(out.string());
  return RenderRows(demos, receiver, options, progress);
}

}  // namespace divla
