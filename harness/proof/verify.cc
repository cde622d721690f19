#include "harness/proof/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "harness/canonical_json.h"
#include "harness/control_summary.h"
#include "harness/journal.h"
#include "harness/json_fields.h"
#include "harness/policy_view.h"
#include "harness/suite.h"
#include "harness/summary.h"
#include "sim/check.h"
#include "tasks/registry.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

using Lines = std::map<std::string, std::string>;  // key -> canonical line

Lines ByKey(const std::vector<EpisodeRecord>& records, const char* file, std::vector<Difference>& differences) {
  Lines lines;
  for (const EpisodeRecord& record : records) {
    const std::string key = ToString(record.key);
    if (!lines.emplace(key, CanonicalJson(ToJson(record))).second) {
      differences.push_back({-1, fmt::format("{}: {}", file, key), "once", "twice"});
    }
  }
  return lines;
}

// The journal holds the same lines in another order.
void CompareJournal(const fs::path& run, const Lines& episodes, std::vector<Difference>& differences) {
  const Lines journal = ByKey(ReadJournal(run / "journal.jsonl"), "journal.jsonl", differences);
  for (const auto& [key, line] : journal) {
    const auto found = episodes.find(key);
    if (found == episodes.end()) {
      differences.push_back({-1, "episodes.jsonl: " + key, "the line of journal.jsonl", "none"});
    } else if (found->second != line) {
      differences.push_back({-1, "episodes.jsonl: " + key, "the line of journal.jsonl", "another"});
    }
  }
  for (const auto& [key, line] : episodes) {
    if (!journal.contains(key)) differences.push_back({-1, "journal.jsonl: " + key, "the episode's line", "none"});
  }
}

// A file of numbers against what the records give, key by key as far as the file has them: an older run's may lack some.
// Numbers may differ in their last digits, which another compiler may round otherwise.
void CompareNumbers(const std::string& file, const nlohmann::json& written, const nlohmann::json& again,
                    std::vector<Difference>& differences) {
  const nlohmann::json expected = written.flatten(), found = again.flatten();
  for (const auto& [pointer, value] : expected.items()) {
    const bool there = found.contains(pointer);
    if (there && value == found[pointer]) continue;
    if (there && value.is_number() && found[pointer].is_number() &&
        std::abs(value.get<double>() - found[pointer].get<double>()) < 1e-9) {
      continue;
    }
    differences.push_back({-1, file + ": " + pointer.substr(1), value.dump(), there ? found[pointer].dump() : "none"});
  }
}

void CompareSummary(const fs::path& run, const RunSummary& summary, const RunInfo& info,
                    const std::vector<EpisodeRecord>& records, std::vector<Difference>& differences) {
  std::vector<CellName> order;
  for (const CellSummary& cell : summary.cells) order.push_back({cell.task, cell.axis, cell.level});
  const std::string file = (run / "summary.json").string();
  CompareNumbers("summary.json", ParseJson(ReadTextFile(file), "file " + file),
                 ToJson(Summarize(info, records, order, summary.interrupted)), differences);
}

// The record of a control's episode names it, and no other one does.
void CompareControl(const RunInfo& info, const EpisodeRecord& record, std::vector<Difference>& differences) {
  const std::string name = record.control ? record.control->name : "";
  if (name == info.control) return;
  differences.push_back({-1, "episodes.jsonl: " + ToString(record.key) + " control",
                         info.control.empty() ? "none" : info.control, name.empty() ? "none" : name});
}

// Every episode of the plan and no other; a run that was stopped may lack some.
void ComparePlan(const RunInfo& info, const Lines& episodes, bool stopped, Verification& verification) {
  if (info.cells.empty()) return;
  std::set<std::string> planned;
  for (const Group& group : GroupsOf(SuiteOf(info), info.shard)) {
    for (const EpisodeKey& key : KeysOf(group)) planned.insert(ToString(key));
  }
  for (const auto& [key, line] : episodes) {
    if (!planned.contains(key)) {
      verification.folder.push_back({-1, "episodes.jsonl: " + key, "an episode of run.json's plan", "another"});
    }
  }
  if (stopped) return;
  for (const std::string& key : planned) {
    if (!episodes.contains(key)) verification.folder.push_back({-1, "episodes.jsonl: " + key, "its line", "none"});
  }
}

struct Folder {
  std::vector<EpisodeRecord> records;  // sorted
  bool has_logs{};
};

Folder ReadFolder(const fs::path& run, Verification& verification) {
  Folder folder;
  const bool finished = fs::exists(run / "episodes.jsonl");
  if (finished) {
    folder.records = ReadEpisodes(run);
  } else {
    folder.records = ReadJournal(run / "journal.jsonl");
    verification.notes.push_back("there is no episodes.jsonl: the run was not completed; its journal is checked");
  }
  std::vector<Difference>& differences = verification.folder;
  const Lines lines = ByKey(folder.records, finished ? "episodes.jsonl" : "journal.jsonl", differences);
  std::sort(folder.records.begin(), folder.records.end(),
            [](const EpisodeRecord& a, const EpisodeRecord& b) { return KeyLess(a.key, b.key); });
  for (const EpisodeRecord& record : folder.records) {
    CompareControl(verification.info, record, differences);
    if (record.seed == verification.info.seed) continue;
    differences.push_back({-1, "episodes.jsonl: " + ToString(record.key) + " seed",
                           std::to_string(verification.info.seed), std::to_string(record.seed)});
  }
  bool stopped = !finished;
  if (fs::exists(run / "summary.json")) {
    const RunSummary summary = ReadRunSummary(run);
    stopped = stopped || summary.interrupted;
    if (finished) CompareSummary(run, summary, verification.info, folder.records, differences);
  } else {
    verification.notes.push_back("there is no summary.json to compare");
  }
  if (finished && fs::exists(run / "controls.json")) {
    const std::string file = (run / "controls.json").string();
    CompareNumbers("controls.json", ParseJson(ReadTextFile(file), "file " + file),
                   ToJson(ReadControls(run, folder.records)), differences);
  }
  if (finished && fs::exists(run / "journal.jsonl")) CompareJournal(run, lines, differences);
  ComparePlan(verification.info, lines, stopped, verification);
  if (static_cast<int>(lines.size()) < verification.info.episodes) {
    verification.notes.push_back(
        fmt::format("{} of {} planned episodes are there", lines.size(), verification.info.episodes));
  }
  for (const EditsAt& at : ReadEdits(run)) {
    verification.notes.push_back(
        fmt::format("a person changed this episode at step {} ({}): it is played with that change, and says nothing "
                    "about the policy alone",
                    at.step, Describe(at.edits)));
  }
  folder.has_logs = fs::is_directory(run / "logs");
  if (!folder.has_logs) {
    verification.notes.push_back(
        "there is no folder logs/: only the plan, scene, instruction and initial state of each episode are checked; "
        "actions, states, score and reasoning are not");
  }
  return folder;
}

// What the policy was shown, by robot. Throws when it cannot be drawn again.
std::map<std::string, PolicyPictures> ShownPictures(const fs::path& run, const RunInfo& info) {
  const std::string file = (run / "run.json").string();
  if (!info.pictures) {
    throw InputError(
        fmt::format("file {}: key 'pictures': expected the policy's cameras and their size, found none (a run of an "
                    "older version): "
                    "its frames cannot be checked",
                    file));
  }
  std::map<std::string, PolicyPictures> shown;
  bool looks = false;
  for (const PolicyPictures& robot : info.pictures->policy) {
    shown[robot.robot] = robot;
    looks = looks || !robot.cameras.empty();
  }
  if (!looks) return shown;
  const std::string mine = PolicyRenderer(ParseRendererKind(info.pictures->renderer))->Description();
  if (mine != info.versions.renderer) {
    throw InputError(
        fmt::format("file {}: key 'versions.renderer': expected {}, which draws here, found {}: its frames "
                    "cannot be checked here",
                    file, mine, info.versions.renderer));
  }
  return shown;
}

// What other rules judged cannot be judged again.
void RequireOurRules(const fs::path& run, const RunInfo& info, const Task& task) {
  const int judged = info.versions.RulesOf(task.Spec().name);
  if (judged == task.Spec().rules) return;
  throw InputError(
      fmt::format("file {}: key 'versions.rules.{}': expected {}, by which this build judges, found {}: "
                  "its scores can only be checked by the commit that it names",
                  (run / "run.json").string(), task.Spec().name, task.Spec().rules, judged));
}

std::optional<SalvagedLog> FindLog(const fs::path& run, const EpisodeKey& key) {
  const fs::path file = LogPath(run, key);
  if (!fs::exists(file)) return std::nullopt;
  const std::string text = ReadTextFile(file);
  return SalvageLog(std::as_bytes(std::span(text)), "file " + file.string());
}

}  // namespace

int Verification::Different() const {
  return static_cast<int>(std::count_if(episodes.begin(), episodes.end(),
                                        [](const EpisodeCheck& check) { return !check.differences.empty(); }));
}

Verification VerifyRun(const fs::path& run, const VerifyOptions& options, Progress* progress) {
  Verification verification;
  verification.info = ReadRunInfo(run);
  Folder folder = ReadFolder(run, verification);
  const std::vector<EditsAt> edited = ReadEdits(run);
  if (!options.episode.empty()) {
    std::erase_if(folder.records, [&](const EpisodeRecord& record) { return ToString(record.key) != options.episode; });
    if (folder.records.empty()) {
      throw InputError(fmt::format(
          "--episode: expected the key of an episode of {}, such as cube_to_coloured_box.none.0.0007, found "
          "'{}'",
          run.string(), options.episode));
    }
  }
  std::map<std::string, PolicyPictures> shown;
  if (options.frames) {
    shown = ShownPictures(run, verification.info);
  } else if (verification.info.pictures) {  // that a policy saw nothing costs nothing to check
    for (const PolicyPictures& robot : verification.info.pictures->policy) {
      if (robot.cameras.empty()) shown[robot.robot] = robot;
    }
  }
  verification.frames = options.frames && folder.has_logs;

  std::mutex mutex;
  std::exception_ptr error;
  std::size_t next = 0;
  const auto work = [&]() noexcept {
    try {
      std::unique_ptr<Renderer> renderer;
      const RendererSource source = [&]() -> Renderer& {
        if (!renderer) renderer = PolicyRenderer(ParseRendererKind(verification.info.pictures->renderer));
        return *renderer;
      };
      while (true) {
        const EpisodeRecord* record = nullptr;
        {
          const std::lock_guard lock(mutex);
          if (options.stop && options.stop()) verification.stopped = true;
          if (error || verification.stopped || next >= folder.records.size()) return;
          record = &folder.records[next++];
        }
        const Task& task = options.find_task ? options.find_task(record->key.task) : FindTask(record->key.task);
        const std::optional<SalvagedLog> log = FindLog(run, record->key);
        if (log) RequireOurRules(run, verification.info, task);
        const auto pictures = shown.find(task.Spec().robot);
        EpisodeCheck check = CheckEpisode(task, *record, log, pictures == shown.end() ? nullptr : &pictures->second,
                                          PictureAspect(verification.info, task.Spec().robot),
                                          verification.info.control, source, edited);
        if (!log && folder.has_logs) {
          check.differences.push_back({-1, "log", LogPath(run, record->key).string(), "no such file"});
        }
        const std::lock_guard lock(mutex);
        if (progress != nullptr) {
          progress->Advance(1.0);
          progress->Finished(check.differences.empty());
        }
        verification.episodes.push_back(std::move(check));
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  const int workers = std::clamp(options.workers, 1, std::max(1, static_cast<int>(folder.records.size())));
  for (int i = 0; i < workers; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (error) std::rethrow_exception(error);
  std::sort(verification.episodes.begin(), verification.episodes.end(),
            [](const EpisodeCheck& a, const EpisodeCheck& b) { return KeyLess(a.key, b.key); });
  return verification;
}

}  // namespace divla
