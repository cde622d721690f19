#include "harness/vqa.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "harness/policy_call.h"
#include "harness/policy_view.h"
#include "harness/statistics.h"
#include "policy/noise_seed.h"
#include "sim/check.h"
#include "sim/controller.h"
#include "sim/observe.h"
#include "tasks/monitor.h"
#include "tasks/registry.h"
#include "tasks/vqa/answer.h"

namespace divla {
namespace {

constexpr double kAfterShare = 0.5;  // of the scenes, asked about when the expert is done

void PlayExpert(const Task& task, const EpisodePlan& plan, Scene& scene) {
  const auto expert = task.MakeExpert(plan);
  EpisodeMonitor monitor(task, plan, scene);
  for (int step = 0; step < task.Spec().horizon && !monitor.GoalHeld(); ++step) {
    if (ControlStep(scene, ActionKind::kEndEffectorPose, expert->Act(scene)) == StepStatus::kDiverged) return;
    monitor.Update(scene);
  }
}

// One worker's policy and renderer.
class Asker {
 public:
  Asker(std::unique_ptr<Policy> policy, const VqaOptions& options) : policy_(std::move(policy)), options_(options) {}

  std::vector<VqaRecord> Ask(const Task& task, std::uint64_t seed, const EpisodeKey& key) {
    const EpisodePlan plan = task.Draw(seed, key);
    Scene scene = task.Build(plan);
    Rng rng({seed, key.task, key.axis, key.level, key.index, "vqa"});
    const bool after = rng.Uniform() < kAfterShare;
    if (after) PlayExpert(task, plan, scene);

    const RobotInterface robot = scene.GetRobot().Interface();
    const PolicyRequirements wants = policy_->Requirements(robot);
    const std::string camera = wants.cameras.empty() ? robot.cameras.front() : wants.cameras.front();
    // What the policy sees of it; a policy without pictures is asked as one with square ones.
    const double aspect =
        wants.image_height > 0 ? std::max(1.0, static_cast<double>(wants.image_width) / wants.image_height) : 1.0;
    std::vector<VqaRecord> records;
    for (const Question& question : DrawQuestions(rng, AllQuestions(scene, plan, camera, aspect), options_.per_kind)) {
      records.push_back({key, seed, after, camera, question, "", false});
    }
    if (records.empty()) return records;

    if (!wants.cameras.empty() && !renderer_) renderer_ = PolicyRenderer(options_.renderer);
    Observation seen =
        Observe(scene, renderer_.get(), wants.cameras, wants.image_height, wants.image_width, plan.instruction);
    policy_->Reset(robot, static_cast<int>(records.size()));
    std::vector<Observation> observations(records.size(), seen);
    std::vector<Query> queries;
    const std::uint64_t noise = EpisodeNoiseSeed(seed, key.task, key.axis, key.level, key.index);
    for (std::size_t i = 0; i < records.size(); ++i) {
      observations[i].instruction = records[i].question.text;
      queries.push_back({&observations[i], static_cast<int>(i), noise + i, 0});
    }
    std::string error;
    const std::vector<PolicyOutput> outputs = TryInfer(*policy_, queries, error);
    if (error_.empty()) error_ = error;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      records[i].answer = outputs[i].reasoning.text;
      records[i].right = AnswersRightly(records[i].question, records[i].answer);
    }
    return records;
  }

  std::string RendererName() const { return renderer_ ? renderer_->Description() : "none"; }
  const std::string& Error() const { return error_; }

 private:
  std::unique_ptr<Policy> policy_;
  const VqaOptions& options_;
  std::unique_ptr<Renderer> renderer_;
  std::string error_;
};

}  // namespace

VqaResult AskQuestions(const Suite& suite, const PolicyFactory& make_policy, const VqaOptions& options,
                       Progress* progress) {
  std::vector<EpisodeKey> keys;
  for (const SuiteCell& cell : suite.cells) {
    if (cell.axis != "none") {
      throw InputError(
          fmt::format("suite {}: expected cells of axis \"none\" for questions, found \"{}\"", suite.name, cell.axis));
    }
    for (int index = 0; index < cell.episodes; ++index) keys.push_back({cell.task, cell.axis, cell.level, index});
  }
  std::vector<std::optional<std::vector<VqaRecord>>> asked(keys.size());
  std::map<std::size_t, std::string> errors;  // of the policy, by episode: the first is said
  VqaResult result;
  std::mutex mutex;
  std::exception_ptr error;
  std::size_t next = 0;
  const auto work = [&]() noexcept {
    try {
      Asker asker(make_policy(), options);
      while (true) {
        std::size_t i = 0;
        {
          const std::lock_guard lock(mutex);
          if (error || next >= keys.size() || (options.stop && options.stop())) return;
          i = next++;
        }
        std::vector<VqaRecord> records = asker.Ask(FindTask(keys[i].task), suite.seed, keys[i]);
        const std::lock_guard lock(mutex);
        if (!asker.Error().empty()) errors.emplace(i, asker.Error());
        if (asker.RendererName() != "none") result.renderer = asker.RendererName();
        asked[i] = std::move(records);
        if (progress != nullptr) {
          progress->Advance(1.0);
          progress->Finished(true);
        }
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < std::max(1, options.workers); ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (error) std::rethrow_exception(error);
  for (auto& records : asked) {
    if (!records) {
      result.stopped = true;
      continue;
    }
    std::move(records->begin(), records->end(), std::back_inserter(result.records));
  }
  if (!errors.empty()) result.policy_error = errors.begin()->second;
  return result;
}

std::vector<VqaScore> ScoreAnswers(const std::vector<VqaRecord>& records) {
  std::vector<VqaScore> scores;
  VqaScore all{"all", 0, 0, {}, 0};
  double guessed = 0;  // questions that the most frequent answers get right
  for (const std::string& kind : QuestionKinds()) {
    VqaScore score{kind, 0, 0, {}, 0};
    std::map<std::string, int> answers;
    for (const VqaRecord& record : records) {
      if (record.question.kind != kind) continue;
      ++score.n;
      score.k += record.right;
      ++answers[record.question.accepted.front()];
    }
    if (score.n == 0) continue;
    int most = 0;
    for (const auto& [answer, count] : answers) most = std::max(most, count);
    score.wilson = WilsonInterval(score.k, score.n);
    score.chance = static_cast<double>(most) / score.n;
    all.n += score.n;
    all.k += score.k;
    guessed += most;
    scores.push_back(score);
  }
  all.wilson = WilsonInterval(all.k, all.n);
  all.chance = all.n == 0 ? 0.0 : guessed / all.n;
  scores.push_back(all);
  return scores;
}

nlohmann::json ToJson(const VqaRecord& record) {
  const EpisodeKey& key = record.key;
  return {{"key", {{"task", key.task}, {"axis", key.axis}, {"level", key.level}, {"index", key.index}}},
          {"seed", record.seed},
          {"moment", record.after_expert ? "after_expert" : "start"},
          {"camera", record.camera},
          {"kind", record.question.kind},
          {"question", record.question.text},
          {"accepted", record.question.accepted},
          {"wrong", record.question.wrong},
          {"answer", record.answer},
          {"right", record.right}};
}

nlohmann::json ToJson(const VqaScore& score) {
  return {{"kind", score.kind},
          {"n", score.n},
          {"k", score.k},
          {"rate", score.n == 0 ? 0.0 : static_cast<double>(score.k) / score.n},
          {"wilson", {score.wilson.low, score.wilson.high}},
          {"chance", score.chance}};
}

}  // namespace divla
