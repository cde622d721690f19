#include "harness/training/demo_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "harness/file_write.h"
#include "harness/json_fields.h"
#include "harness/run_folder.h"
#include "harness/training/takeover.h"
#include "sim/check.h"
#include "tasks/registry.h"

namespace divla {
namespace {

constexpr int kInfoVersion = 2;      // 1: pushes that mostly came too late, no missed grasps, no counts
constexpr int kTakeoverVersion = 3;  // with the policy that drove first

void WriteDemoInfo(const DemoInfo& info, const std::filesystem::path& folder) {
  nlohmann::json json{{"format", "divla-demonstrations"},
                      {"version", info.Takeovers() ? kTakeoverVersion : kInfoVersion},
                      {"task", info.task},
                      {"seed", info.seed},
                      {"perturb", info.perturb},
                      {"attempts", info.attempts},
                      {"pushes", info.pushes},
                      {"missed_grasps", info.missed_grasps},
                      {"indices", info.indices}};
  if (info.Takeovers()) {
    json["policy"] = info.policy;
    json["weights_sha256"] = info.weights_sha256;
    json["taken_over"] = info.taken_over;
  }
  WriteFileAtomically(folder / "demo.json", json.dump() + "\n");
}

// Runs attempts in order of index on several threads. Indices are handed out without gaps and every one that was handed
// out is finished, so "the first N successes" is the same set for any number of threads.
class Recorder {
 public:
  Recorder(const DemoOptions& options, const Task& task, const std::filesystem::path& folder, Progress* progress)
      : options_(options), task_(task), folder_(folder), progress_(progress) {}

  void Work() noexcept {
    try {
      std::unique_ptr<Takeovers> takeovers;
      if (!options_.policy.empty()) takeovers = MakeTakeovers();
      for (int index = 0; (index = Next()) >= 0;) {
        const Demonstration demo = takeovers ? takeovers->Run(task_, options_.seed, index, options_.perturb)
                                             : RunDemonstration(task_, options_.seed, index, options_.perturb);
        if (demo.success) WriteFileAtomically(LogPath(folder_, demo.log.key), EncodeLog(demo.log));
        Note(index, demo);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  DemoInfo Result() {
    if (error_) std::rethrow_exception(error_);
    std::sort(successes_.begin(), successes_.end(), [](const Kept& a, const Kept& b) { return a.index < b.index; });
    const auto keep = static_cast<std::size_t>(options_.episodes);
    for (std::size_t i = keep; i < successes_.size(); ++i) {  // the other threads' surplus
      std::filesystem::remove(LogPath(folder_, DemoKey(task_, successes_[i].index)));
    }
    if (successes_.size() > keep) successes_.resize(keep);
    DemoInfo info;
    info.task = options_.task;
    info.seed = options_.seed;
    info.perturb = options_.perturb;
    info.attempts = started_;
    info.policy = std::filesystem::path(policy_.name).filename().string();  // the same bytes wherever it lies
    info.weights_sha256 = policy_.weights_sha256;
    for (const Kept& kept : successes_) {
      info.indices.push_back(kept.index);
      info.pushes += kept.pushes;
      info.missed_grasps += kept.missed_grasps;
      if (info.Takeovers()) info.taken_over.push_back(kept.taken_over);
    }
    // Attempts up to the last one that counted: the number does not depend on the surplus either.
    if (info.indices.size() == keep) info.attempts = info.indices.back() + 1 - First();
    return info;
  }

 private:
  struct Kept {
    int index{}, pushes{}, missed_grasps{}, taken_over{};
  };

  int First() const { return options_.policy.empty() ? 0 : kFirstTakeoverIndex; }

  std::unique_ptr<Takeovers> MakeTakeovers() {
    auto takeovers = std::make_unique<Takeovers>(options_.policy, options_.renderer);
    const std::lock_guard lock(mutex_);
    policy_ = takeovers->Info();
    return takeovers;
  }

  int Next() {
    const std::lock_guard lock(mutex_);
    const bool enough = static_cast<int>(successes_.size()) >= options_.episodes;
    if (enough || error_ || (options_.stop && options_.stop())) return -1;
    return First() + started_++;
  }

  void Note(int index, const Demonstration& demo) {
    const std::lock_guard lock(mutex_);
    const bool success = demo.success;
    if (success) successes_.push_back({index, demo.pushes, demo.missed_grasps, demo.taken_over});
    if (progress_ != nullptr && success && static_cast<int>(successes_.size()) <= options_.episodes) {
      progress_->Advance(1.0);
      progress_->Finished(true);
    }
    failures_ += success ? 0 : 1;
    if (!options_.policy.empty() ? failures_ >= 180 && 10 * failures_ > 9 * started_
                                 : failures_ >= 20 && 2 * failures_ > started_) {
      throw InputError(fmt::format("task {}: expected an expert that succeeds, found {} failures in {} {}",
                                   options_.task, failures_, started_,
                                   options_.policy.empty() ? "attempts" : "takeovers from " + options_.policy));
    }
  }

  const DemoOptions& options_;
  const Task& task_;
  const std::filesystem::path& folder_;
  Progress* progress_;
  std::mutex mutex_;
  int started_{};
  int failures_{};
  std::vector<Kept> successes_;
  PolicyInfo policy_;  // that drives first; empty without one
  std::exception_ptr error_;
};

}  // namespace

DemoInfo RecordDemonstrations(const DemoOptions& options, const std::filesystem::path& folder, Progress* progress) {
  CheckDemoSeed(options.seed);
  if (options.episodes < 1)
    throw InputError(fmt::format("--episodes: expected at least 1, found {}", options.episodes));
  const Task& task = FindTask(options.task);
  CheckDemoTask(task);
  CreateRunFolder(folder);
  CreateRunFolder(folder / "logs");
  Recorder recorder(options, task, folder, progress);
  std::vector<std::thread> threads;
  for (int i = 0; i < std::max(1, options.workers); ++i) threads.emplace_back([&] { recorder.Work(); });
  for (std::thread& thread : threads) thread.join();
  DemoInfo info = recorder.Result();
  WriteDemoInfo(info, folder);
  return info;
}

namespace {

std::vector<int> Naturals(JsonFields& fields, const std::string& key) {
  std::vector<int> numbers;
  for (const auto& value : fields.Array(key)) {
    if (!value.is_number_unsigned()) fields.Fail(key, "non-negative integers", value.dump());
    numbers.push_back(value.get<int>());
  }
  return numbers;
}

}  // namespace

DemoInfo ReadDemoInfo(const std::filesystem::path& folder) {
  const auto file = folder / "demo.json";
  const std::string where = "file " + file.string();
  const nlohmann::json json = ParseJson(ReadTextFile(file), where);
  JsonFields fields(json, where);
  if (const auto format = fields.String("format"); format != "divla-demonstrations") {
    fields.Fail("format", "\"divla-demonstrations\"", format);
  }
  const int version = fields.Int("version", 1, kTakeoverVersion);
  DemoInfo info;
  info.task = fields.String("task");
  info.seed = fields.U64("seed");
  info.perturb = fields.Bool("perturb");
  info.attempts = fields.Int("attempts", 0);
  if (version >= 2) {  // logs hold what was executed, so older folders are read as before
    info.pushes = fields.Int("pushes", 0);
    info.missed_grasps = fields.Int("missed_grasps", 0);
  }
  info.indices = Naturals(fields, "indices");
  if (version >= kTakeoverVersion) {
    info.policy = fields.String("policy");
    info.weights_sha256 = fields.String("weights_sha256");
    info.taken_over = Naturals(fields, "taken_over");
    if (info.policy.empty()) fields.Fail("policy", "a name", "\"\"");
    if (info.taken_over.size() != info.indices.size()) {
      fields.Fail("taken_over", fmt::format("{} numbers, one for each index", info.indices.size()),
                  std::to_string(info.taken_over.size()));
    }
  }
  fields.Finish();
  return info;
}

}  // namespace divla
