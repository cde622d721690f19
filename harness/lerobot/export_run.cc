// ExportRun.
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "harness/edits.h"
#include "harness/episode.h"
#include "harness/lerobot/dataset_writer.h"
#include "harness/lerobot/export.h"
#include "harness/policy_view.h"
#include "harness/run_folder.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

constexpr int kUnseenSize = 256;  // pixels, of a policy that looked at nothing

// One episode, played again.
struct PlayedEpisode {
  EpisodeHeader header;
  std::vector<DatasetFrame> frames;
  std::vector<LanguageRow> persistent;
};

// Of one robot.
struct Recording {
  RobotInterface robot;
  PolicyPictures pictures;
  std::unique_ptr<DatasetWriter> writer;
  ExportResult result;
};

class RunExport {
 public:
  RunExport(fs::path run, fs::path out, const RunExportOptions& options, Progress* progress)
      : run_(std::move(run)),
        out_(std::move(out)),
        options_(options),
        progress_(progress),
        info_(ReadRunInfo(run_)),
        records_(ReadEpisodes(run_)),
        edited_(ReadEdits(run_)) {
    if (!info_.pictures) {
      throw InputError(
          fmt::format("file {}: key 'pictures': expected what the policy was shown, found none (a run of an "
                      "older version)",
                      (run_ / "run.json").string()));
    }
    if (records_.empty()) {
      throw InputError(fmt::format("file {}: expected episodes, found none", (run_ / "episodes.jsonl").string()));
    }
    if (!info_.control.empty()) control_ = ControlNamed(info_.control, "run.json: key 'control'");
    std::sort(records_.begin(), records_.end(), [](const auto& a, const auto& b) { return KeyLess(a.key, b.key); });
    kind_ = ParseRendererKind(info_.pictures->renderer);
    const std::string renderer = PolicyRenderer(kind_)->Description();
    for (const EpisodeRecord& record : records_) {
      const Task& task = FindTaskOf(record);
      if (!recordings_.contains(task.Spec().robot)) Begin(task, record, renderer);
    }
  }

  std::vector<ExportResult> Run() {
    std::vector<std::thread> threads;
    const int workers = std::clamp(options_.workers, 1, static_cast<int>(records_.size()));
    for (int i = 0; i < workers; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    if (error_) std::rethrow_exception(error_);
    std::vector<ExportResult> results;
    for (auto& [robot, recording] : recordings_) {
      recording.result.stopped = turn_ < records_.size();
      if (!recording.result.stopped && recording.result.episodes > 0) recording.writer->Finish();
      results.push_back(recording.result);
    }
    return results;
  }

 private:
  const Task& FindTaskOf(const EpisodeRecord& record) const {
    return options_.find_task ? options_.find_task(record.key.task) : FindTask(record.key.task);
  }

  void Begin(const Task& task, const EpisodeRecord& record, const std::string& renderer) {
    const std::string& name = task.Spec().robot;
    Recording& recording = recordings_[name];
    recording.robot = task.Build(DrawEpisode(task, record.seed, record.key)).GetRobot().Interface();
    PolicyPictures& pictures = recording.pictures;
    for (const PolicyPictures& shown : info_.pictures->policy) {
      if (shown.robot == name) pictures = shown;
    }
    if (pictures.cameras.empty()) {
      pictures = {name, recording.robot.cameras, kUnseenSize, kUnseenSize};
    } else if (info_.versions.renderer != renderer) {
      throw InputError(fmt::format("file {}: key 'versions.renderer': expected {}, which draws here, found {}",
                                   (run_ / "run.json").string(), renderer, info_.versions.renderer));
    }
    if (options_.height > 0) pictures.height = options_.height;
    if (options_.width > 0) pictures.width = options_.width;
    const DatasetPictures drawn{pictures.cameras, pictures.height, pictures.width, options_.png, options_.language};
    recording.result.folder = out_ / name;
    recording.writer =
        std::make_unique<DatasetWriter>(out_ / name, RobotDatasetInfo(recording.robot, drawn, false, renderer));
  }

  void Work() noexcept {
    try {
      const std::unique_ptr<Renderer> renderer = PolicyRenderer(kind_);
      for (std::size_t job = 0; Next(job);) Append(job, Play(records_[job], *renderer));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      turn_changed_.notify_all();
    }
  }

  bool Next(std::size_t& job) {
    const std::lock_guard lock(mutex_);
    if (error_ || next_ >= records_.size() || (options_.stop && options_.stop())) return false;
    job = next_++;
    return true;
  }

  PlayedEpisode Play(const EpisodeRecord& record, Renderer& renderer) const {
    const Task& task = FindTaskOf(record);
    const PolicyPictures& pictures = recordings_.at(task.Spec().robot).pictures;
    const EpisodeLog log = ReadLog(LogPath(run_, record.key));
    const EpisodePlan plan = DrawEpisode(task, record.seed, record.key);
    Episode episode(task, plan, 0, control_);
    PlayedEpisode played;
    played.header = {record.instruction, record.key.task, ToString(record.key), log.Steps()};
    FirstImages first;
    std::string words = record.instruction;
    std::size_t query = 0;
    for (int step = 0; step < log.Steps() && episode.Open(); ++step) {
      for (const EditsAt& at : edited_) {
        if (at.step == step) ApplyEdits(at.edits, episode);
      }
      const AgentView view = episode.View();
      Hasher unused;
      const Observation seen = LookAt(*view.plan, *view.control, *view.scene, pictures, &renderer, first, unused);
      DatasetFrame frame;
      frame.numbers = {{kStateFeature, seen.state}, {kToolFeature, seen.tool}};
      for (const auto& [camera, picture] : seen.images) frame.pictures[std::string(kCameraPrefix) + camera] = picture;
      if (options_.language && seen.instruction != words) {
        frame.events.push_back({"user", seen.instruction, "interjection", 0, ""});
      }
      words = seen.instruction;
      AgentAnswer answer;
      answer.aspect = PictureAspect(info_, task.Spec().robot);
      if (query < log.reasoning.size() && log.reasoning[query].step == step) {
        const ReasoningEntry& entry = log.reasoning[query++];
        answer.reasoning = Reasoning{entry.said, entry.grounded, entry.pixels};
        if (options_.language) {
          AddReasoning(entry.said, step, recordings_.at(task.Spec().robot).writer->Info().fps, played.persistent);
          Pixels places;
          for (const auto& [camera, place] : entry.pixels) {
            if (std::find(pictures.cameras.begin(), pictures.cameras.end(), camera) != pictures.cameras.end()) {
              places[camera] = place;
            }
          }
          AddPlaces("object", places, frame.events);
        }
      }
      const auto action = log.Action(step);
      answer.action.assign(action.begin(), action.end());
      ApplyPushes(edited_, step, episode.MutableScene());
      episode.Step(log.action_kind, answer);
      frame.numbers[kActionFeature] = CommandedJoints(episode.GetScene());
      const bool last = step + 1 == log.Steps();
      SetOutcome(last, record.success, record.termination == Termination::kHorizon, frame);
      played.frames.push_back(std::move(frame));
    }
    CheckReplay(record, log, episode, static_cast<int>(played.frames.size()));
    return played;
  }

  void CheckReplay(const EpisodeRecord& record, const EpisodeLog& log, const Episode& episode, int steps) const {
    const EpisodeLog& again = episode.LogSoFar();
    const std::string states = HashHex(again.states.data(), again.states.size() * sizeof(double));
    if (steps == log.Steps() && states == record.hash.states) return;
    throw InputError(
        fmt::format("run {}: episode {}: expected the logged states when its actions are played again, found others "
                    "(see divla verify)",
                    run_.string(), ToString(record.key)));
  }

  void Append(std::size_t job, PlayedEpisode played) {
    std::unique_lock lock(mutex_);
    turn_changed_.wait(lock, [&] { return turn_ == job || error_; });
    if (error_) return;
    Recording& recording = recordings_.at(FindTaskOf(records_[job]).Spec().robot);
    if (played.frames.empty()) {
      ++recording.result.without_frames;
    } else {
      recording.writer->BeginEpisode(played.header);
      for (const DatasetFrame& frame : played.frames) recording.writer->Add(frame);
      recording.writer->EndEpisode(played.persistent);
      ++recording.result.episodes;
      recording.result.frames += played.header.length;
    }
    ++turn_;
    turn_changed_.notify_all();
    if (progress_ != nullptr) {
      progress_->Advance(1.0);
      progress_->Finished(true);
    }
  }

  const fs::path run_, out_;
  const RunExportOptions& options_;
  Progress* progress_;
  RunInfo info_;
  std::vector<EpisodeRecord> records_;
  std::vector<EditsAt> edited_;  // by a person, in the viewer
  Control control_{Control::kNone};
  RendererKind kind_{};
  std::map<std::string, Recording> recordings_;  // by robot
  std::mutex mutex_;
  std::condition_variable turn_changed_;
  std::size_t next_{}, turn_{};
  std::exception_ptr error_;
};

}  // namespace

std::vector<ExportResult> ExportRun(const fs::path& run, const fs::path& out, const RunExportOptions& options,
                                    Progress* progress) {
  return RunExport(run, out, options, progress).Run();
}

}  // namespace divla
