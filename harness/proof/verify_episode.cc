// CheckEpisode: one log, played against its record.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "harness/episode.h"
#include "harness/policy_view.h"
#include "harness/proof/changed_number.h"
#include "harness/proof/state_field.h"
#include "harness/proof/verify.h"
#include "sim/check.h"
#include "sim/hash.h"
#include "tasks/axes/axis.h"
#include "tasks/intervention.h"

namespace divla {
namespace {

// For a line of a terminal: bytes of a damaged log may be anything.
std::string Text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// With the bits where the decimal digits are equal (-0.0, NaN).
std::string Number(double value) {
  return fmt::format("{} (bits {:016x})", value, std::bit_cast<std::uint64_t>(value));
}

class Checker {
 public:
  Checker(const Task& task, const EpisodeRecord& record, const std::optional<SalvagedLog>& log,
          const PolicyPictures* pictures, double aspect, Control control, const RendererSource& renderer,
          const std::vector<EditsAt>& edited)
      : task_(task),
        record_(record),
        log_(log),
        pictures_(pictures),
        aspect_(aspect),
        control_(control),
        renderer_(renderer),
        edited_(edited) {
    check_.key = record.key;
    check_.has_log = log.has_value();
  }

  EpisodeCheck Run() {
    const EpisodePlan plan = DrawEpisode(task_, record_.seed, record_.key);
    std::optional<Episode> episode;
    try {
      episode.emplace(task_, plan, 0, control_);
    } catch (const InputError& error) {
      Differs(-1, "scene", "a scene that can be built and meets its premises", error.what());
      return std::move(check_);
    }
    Compare(-1, "instruction", Text(record_.instruction), Text(episode->LogSoFar().instruction));
    Compare(-1, "hash.scene", record_.hash.scene, HashModel(episode->GetScene().Model()));
    Compare(-1, "hash.initial_state", record_.hash.initial_state, HashState(episode->GetScene()));
    if (log_) {
      CompareHeader(*episode);
      Play(*episode);
      if (!log_->damage.empty()) Differs(-1, "log", "the bytes that were written", log_->damage);
    }
    std::stable_sort(check_.differences.begin(), check_.differences.end(),
                     [](const Difference& a, const Difference& b) { return Order(a) < Order(b); });
    return std::move(check_);
  }

 private:
  // Differences of a step come first, in the order of time.
  static int Order(const Difference& difference) { return difference.step < 0 ? INT32_MAX : difference.step; }

  void Differs(int step, std::string field, std::string expected, std::string found) {
    check_.differences.push_back({step, std::move(field), std::move(expected), std::move(found)});
  }
  void Compare(int step, const char* field, const std::string& expected, const std::string& found) {
    if (expected != found) Differs(step, field, expected, found);
  }

  void CompareHeader(const Episode& episode) {
    const EpisodeLog& log = log_->log;
    Compare(-1, "log key", Text(ToString(record_.key)), Text(ToString(log.key)));
    Compare(-1, "log seed", std::to_string(record_.seed), std::to_string(log.seed));
    Compare(-1, "log robot", Text(episode.GetScene().GetRobot().spec.name), Text(log.robot));
    Compare(-1, "log instruction", Text(episode.LogSoFar().instruction), Text(log.instruction));
    Compare(-1, "log labels", "none", log.labels.empty() && log.label_valid.empty() ? "none" : "some");
  }

  void Play(Episode& episode) {
    const EpisodeLog& log = log_->log;
    std::size_t query = 0;
    int step = 0;
    Edit(episode, 0);
    CompareState(episode, 0);
    while (episode.Open()) {
      AgentAnswer answer;
      const bool asked = query < log.reasoning.size() && log.reasoning[query].step == step;
      if (asked) {
        Look(episode);
        const ReasoningEntry& entry = log.reasoning[query];
        answer.reasoning = Reasoning{entry.said, entry.grounded, entry.pixels};
        answer.aspect = aspect_;
        ++query;
      }
      if (step < log.Steps()) {
        const auto row = log.Action(step);
        answer.action.assign(row.begin(), row.end());
      } else if (!asked) {
        // A policy that failed had looked, unless it was its action that was refused.
        if (record_.termination == Termination::kPolicyError && FramesHex(episode) != record_.hash.frames)
          Look(episode);
        answer.error = "the log ends here";
      }  // else a text and no action: the action was refused, as the empty one is
      if (!edited_.empty()) ApplyPushes(edited_, step, episode.MutableScene());
      episode.Step(log.action_kind, answer);
      ++step;
      Edit(episode, step);
      if (episode.LogSoFar().Steps() >= step) CompareState(episode, step);
    }
    check_.steps = episode.Record().steps;
    CompareActions(episode);
    CompareTexts(episode.Log());
    CompareIntervention(episode.Log());
    CompareRecords(episode.Record());
  }

  void Edit(Episode& episode, int step) {
    for (const EditsAt& at : edited_) {
      if (at.step == step && episode.Open()) ApplyEdits(at.edits, episode);
    }
  }

  void Look(Episode& episode) {
    if (pictures_ == nullptr) return;
    const AgentView view = episode.View();
    Renderer* renderer = pictures_->cameras.empty() ? nullptr : &renderer_();
    LookAt(*view.plan, *view.control, *view.scene, *pictures_, renderer, first_images_, *view.frames);
  }
  static std::string FramesHex(Episode& episode) { return episode.View().frames->Hex(); }

  // Row `row` of the log against the same row of the replay, until the first one that differs.
  void CompareState(const Episode& episode, int row) {
    if (state_differs_) return;
    const EpisodeLog& log = log_->log;
    const EpisodeLog& replay = episode.LogSoFar();
    if (static_cast<std::size_t>(row) < log.state_hashes.size()) {
      const std::uint64_t logged = log.state_hashes[static_cast<std::size_t>(row)];
      const std::uint64_t played = StateHash(replay.State(row));
      state_differs_ = logged != played;
      if (state_differs_) {
        Differs(std::max(0, row - 1), row == 0 ? "initial state (hash)" : "state (hash)",
                fmt::format("{:016x}", logged), fmt::format("{:016x}", played));
      }
      return;
    }
    const auto rows =
        log.state_size == 0 ? std::size_t{0} : log.states.size() / static_cast<std::size_t>(log.state_size);
    if (static_cast<std::size_t>(row) >= rows) return;  // the damage, or the number of steps, says so
    state_differs_ = true;
    const int step = std::max(0, row - 1);
    const std::string of = row == 0 ? "initial state " : "state ";
    if (log.state_size != replay.state_size) {
      return Differs(step, of + "size", std::to_string(log.state_size), std::to_string(replay.state_size));
    }
    const auto logged = log.State(row), played = replay.State(row);
    for (std::size_t i = 0; i < logged.size(); ++i) {
      if (std::memcmp(&logged[i], &played[i], sizeof(double)) == 0) continue;
      return Differs(step, of + StateFieldName(episode.GetScene().Model(), static_cast<int>(i)), Number(logged[i]),
                     Number(played[i]));
    }
    state_differs_ = false;
  }

  // The actions of the log against their recorded hash. An action that the controller cuts to the same target changes
  // no state, so where the states agree a single changed byte is looked for.
  void CompareActions(const Episode& episode) {
    const EpisodeLog& log = log_->log;
    const std::string hash = HashHex(log.actions.data(), log.actions.size() * sizeof(float));
    if (hash == record_.hash.actions) return;
    Differs(-1, "hash.actions", record_.hash.actions, hash);
    if (state_differs_ || episode.Record().steps != log.Steps()) return;
    const std::optional<ChangedNumber> changed = FindChangedNumber(log.actions, record_.hash.actions);
    if (!changed) return;
    const int at = static_cast<int>(changed->index);
    Differs(at / log.action_dim, fmt::format("action[{}]", at % log.action_dim), Number(changed->before),
            Number(log.actions[changed->index]));
  }

  void CompareTexts(const EpisodeLog& replay) {
    const EpisodeLog& log = log_->log;
    const std::size_t count = std::min(log.reasoning.size(), replay.reasoning.size());
    for (std::size_t i = 0; i < count; ++i) {
      const ReasoningEntry &logged = log.reasoning[i], &played = replay.reasoning[i];
      const std::size_t before = check_.differences.size();
      Compare(played.step, "true reasoning", Text(logged.truth), Text(played.truth));
      Compare(played.step, "required phrases", Text(logged.required), Text(played.required));
      Compare(played.step, "text correct", Text(logged.correct), Text(played.correct));
      Compare(played.step, "text faithful", Text(logged.faithful), Text(played.faithful));
      Compare(played.step, "location error", Text(logged.location_error.value_or(-1.0F)),
              Text(played.location_error.value_or(-1.0F)));
      if (check_.differences.size() > before) return;  // the first is enough
    }
    Compare(-1, "log queries", std::to_string(log.reasoning.size()), std::to_string(replay.reasoning.size()));
  }

  void CompareIntervention(const EpisodeLog& replay) {
    const auto& logged = log_->log.intervention;
    const auto& played = replay.intervention;
    const auto kind = [](const std::optional<LoggedIntervention>& change) {
      return std::string(ToString(change ? change->kind : InterventionKind::kNone));
    };
    const auto text = [](const LoggedIntervention& change) {
      return fmt::format("{}, then {} with {} to {}", change.step, Text(change.instruction), Text(change.target),
                         Text(change.destination));
    };
    Compare(-1, "log intervention", kind(logged), kind(played));
    if (!logged || !played) return;
    Compare(played->step, "intervention at step", text(*logged), text(*played));
    const bool same =
        logged->state.size() == played->state.size() &&
        std::memcmp(logged->state.data(), played->state.data(), played->state.size() * sizeof(double)) == 0;
    if (!same) Differs(played->step, "state after the intervention", "the logged one", "another");
  }

  void CompareRecords(const EpisodeRecord& played) {
    check_.same_score = played.success == record_.success && played.success_once == record_.success_once &&
                        played.success_held == record_.success_held;
    const nlohmann::json expected = ToJson(record_).flatten(), found = ToJson(played).flatten();
    for (const auto& [pointer, value] : expected.items()) {
      std::string name = pointer.substr(1);
      std::replace(name.begin(), name.end(), '/', '.');
      if (name == "hash.frames" && pictures_ == nullptr) continue;
      // Compared already, the first from the log's bytes and not from the steps that were played.
      if (name == "hash.actions" || name == "hash.scene" || name == "hash.initial_state" || name == "instruction")
        continue;
      if (!found.contains(pointer)) {
        Differs(-1, name, Text(value), "none");
      } else if (found[pointer] != value) {
        Differs(-1, name, Text(value), Text(found[pointer]));
      }
    }
    for (const auto& [pointer, value] : found.items()) {
      if (!expected.contains(pointer)) Differs(-1, pointer.substr(1), "none", Text(value));
    }
  }

  const Task& task_;
  const EpisodeRecord& record_;
  const std::optional<SalvagedLog>& log_;
  const PolicyPictures* pictures_;
  double aspect_;
  Control control_;
  FirstImages first_images_;
  const RendererSource& renderer_;
  const std::vector<EditsAt>& edited_;
  EpisodeCheck check_;
  bool state_differs_{};
};

}  // namespace

EpisodeCheck CheckEpisode(const Task& task, const EpisodeRecord& record, const std::optional<SalvagedLog>& log,
                          const PolicyPictures* pictures, double aspect, const std::string& control,
                          const RendererSource& renderer, const std::vector<EditsAt>& edited) {
  const Control played = control.empty() ? Control::kNone : ControlNamed(control, "run.json: key 'control'");
  return Checker(task, record, log, pictures, aspect, played, renderer, edited).Run();
}

}  // namespace divla
