#include "harness/evaluation.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include "harness/episode.h"
#include "harness/episode_video.h"
#include "harness/policy_view.h"
#include "sim/check.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"

namespace divla {
namespace {

// Shared by the workers of one evaluation.
class Shared {
 public:
  Shared(const Suite& suite, const EvaluationOptions& options, const EpisodeSink& sink, Progress* progress)
      : suite_(suite),
        options_(options),
        sink_(sink),
        progress_(progress),
        groups_(options.groups ? *options.groups : MakeGroups(suite)),
        kept_(groups_.size()) {}

  // Runs groups until none is left, the run is stopped, or something throws. Body of one worker thread.
  void Work(const AgentFactory& make_agent) noexcept {
    try {
      bool policy_looked = false;
      std::unique_ptr<Renderer> renderer;  // made and used on this thread only; the report's pictures come from it too
      const RendererSource report_source = [&]() -> Renderer& {
        if (!renderer) renderer = PolicyRenderer(options_.renderer);
        return *renderer;
      };
      const RendererSource source = [&]() -> Renderer& {
        Renderer& shared = report_source();
        if (!policy_looked) {  // run.json names what drew the policy's pictures, and "none" where it saw none
          policy_looked = true;
          const std::lock_guard lock(mutex_);
          renderer_ = shared.Description();
        }
        return shared;
      };
      // Declared after the renderer, so destroyed before it.
      std::unique_ptr<Agent> agent;
      for (std::size_t i = next_++; i < groups_.size() && !Stopping(); i = next_++) {
        if (!agent) agent = make_agent(source);
        RunGroup(i, *agent, report_source);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      failed_ = true;
    }
  }

  EvaluationResult Result() {
    if (error_) std::rethrow_exception(error_);
    EvaluationResult result;
    for (auto& group : kept_) {
      std::sort(group.begin(), group.end(),
                [](const EpisodeRecord& a, const EpisodeRecord& b) { return a.key.index < b.key.index; });
      for (auto& record : group) result.records.push_back(std::move(record));
    }
    result.renderer = renderer_;
    result.stopped = static_cast<int>(result.records.size()) < CountEpisodes(groups_);
    return result;
  }

 private:
  bool Stopping() const { return failed_ || (options_.stop && options_.stop()); }

  void RunGroup(std::size_t index, Agent& agent, const RendererSource& report) {
    const Group& group = groups_[index];
    const Task& task = options_.find_task ? options_.find_task(group.first.task) : FindTask(group.first.task);
    const auto started = std::chrono::steady_clock::now();
    std::vector<std::unique_ptr<Episode>> episodes;
    std::vector<EpisodeFrames> frames(static_cast<std::size_t>(group.count));
    std::vector<FilmStrip> strips(static_cast<std::size_t>(group.count));
    std::vector<std::unique_ptr<EpisodeVideo>> videos(static_cast<std::size_t>(group.count));
    std::vector<AgentView> views;
    for (int slot = 0; slot < group.count; ++slot) {
      EpisodeKey key = group.first;
      key.index += slot;
      episodes.push_back(std::make_unique<Episode>(task, DrawEpisode(task, suite_.seed, key), slot, options_.control));
      if (options_.frames != ReportFrames::kNone)
        frames[static_cast<std::size_t>(slot)].first = ReportPicture(episodes.back()->GetScene(), report());
      views.push_back(episodes.back()->View());
      if (Stopping()) return;
    }
    agent.Reset(views);
    if (options_.videos != RunVideos::kNone) {
      for (std::size_t i = 0; i < videos.size(); ++i) {
        const Scene& scene = episodes[i]->GetScene();
        videos[i] = std::make_unique<EpisodeVideo>(VideoPath(options_.run, episodes[i]->Plan().key), scene,
                                                   agent.Pictures(scene.GetRobot().Interface()));
      }
    }
    std::vector<std::size_t> open(episodes.size());
    for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
    const double horizon = task.Spec().horizon;
    for (int steps = 1; !open.empty() && !Stopping(); ++steps) {  // control steps done at the end of the body
      std::vector<AgentView> asked;
      for (const std::size_t i : open) asked.push_back(episodes[i]->View());
      const std::vector<AgentAnswer> answers = agent.Act(asked);
      DIVLA_CHECK(answers.size() == asked.size(), "one answer per open episode");
      for (std::size_t k = 0; k < open.size(); ++k) {
        if (videos[open[k]]) videos[open[k]]->Add(asked[k], answers[k], report());
        episodes[open[k]]->Step(agent.Kind(), answers[k]);
      }
      if (progress_ != nullptr) progress_->Advance(static_cast<double>(open.size()) / horizon);
      for (const std::size_t i : open) {
        if (episodes[i]->Open()) {
          if (options_.frames == ReportFrames::kStrip && strips[i].Wants(steps)) {
            strips[i].Add(steps, ReportPicture(episodes[i]->GetScene(), report()));
          }
          continue;
        }
        frames[i].strip = std::move(strips[i]).Take();
        if (options_.frames != ReportFrames::kNone) frames[i].last = ReportPicture(episodes[i]->GetScene(), report());
        if (videos[i] && KeepsVideo(options_.videos, episodes[i]->Record())) {
          videos[i]->Close(episodes[i]->View(), episodes[i]->Record(), report());
        }
        videos[i].reset();
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
        if (progress_ != nullptr) progress_->Advance(1.0 - episodes[i]->Record().steps / horizon);
        Keep(index, *episodes[i], frames[i], elapsed.count() / group.count);
      }
      std::erase_if(open, [&](std::size_t i) { return !episodes[i]->Open(); });
    }
  }

  void Keep(std::size_t group, const Episode& episode, const EpisodeFrames& frames, double seconds) {
    if (sink_) sink_({episode.Record(), episode.Log(), frames, episode.PolicyError(), seconds});
    if (progress_ != nullptr) progress_->Finished(episode.Record().success);
    const std::lock_guard lock(mutex_);
    kept_[group].push_back(episode.Record());
  }

  const Suite& suite_;
  const EvaluationOptions& options_;
  const EpisodeSink& sink_;
  Progress* progress_;
  std::vector<Group> groups_;
  std::vector<std::vector<EpisodeRecord>> kept_;  // by group
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // kept_, error_, renderer_
  std::exception_ptr error_;
  std::string renderer_{"none"};
};

}  // namespace

EvaluationResult Evaluate(const Suite& suite, const AgentFactory& make_agent, const EvaluationOptions& options,
                          const EpisodeSink& sink, Progress* progress) {
  DIVLA_CHECK(options.workers >= 1, "at least one worker");
  Shared shared(suite, options, sink, progress);
  std::vector<std::thread> threads;
  for (int i = 0; i < options.workers; ++i) threads.emplace_back([&] { shared.Work(make_agent); });
  for (std::thread& thread : threads) thread.join();
  return shared.Result();
}

}  // namespace divla
