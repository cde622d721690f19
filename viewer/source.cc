#include "viewer/source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/log.h"
#include "harness/records/records.h"
#include "policy/registry.h"
#include "sim/check.h"
#include "tasks/axes/axis.h"
#include "tasks/registry.h"
#include "viewer/logged_agent.h"

namespace divla {
namespace {

std::vector<std::string> ActionNames(const RobotInterface& robot, ActionKind kind) {
  if (kind == ActionKind::kJointPosition) return robot.state_names;
  std::vector<std::string> names;
  for (int arm = 0; arm < robot.arms; ++arm) {
    const std::string side = robot.arms == 1 ? "" : arm == 0 ? "left " : "right ";
    for (const char* name : {"x", "y", "z", "r11", "r12", "r13", "r21", "r22", "r23", "gripper"}) {
      names.push_back(side + name);
    }
  }
  return names;
}

// What the run's policy was shown of the robot.
std::optional<PolicyPictures> PicturesOf(const RunInfo& info, const std::string& robot) {
  if (!info.pictures) return std::nullopt;
  for (const PolicyPictures& pictures : info.pictures->policy) {
    if (pictures.robot == robot) return pictures;
  }
  return std::nullopt;
}

// Of a replay; adds to `note` what the person must know.
std::unique_ptr<Agent> MakeReplayer(const EpisodeChoice& choice, const RunInfo& info, const std::string& robot,
                                    bool edited, const RendererSource& renderer, std::string& note) {
  std::unique_ptr<Agent> policy;
  try {
    policy = MakeAgent(choice.policy, renderer, {.strict = choice.strict});
  } catch (const InputError& error) {
    if (choice.policy != info.policy) throw;
    note = fmt::format("The run's policy cannot be had here: a branch plays the log on. ({})", error.what());
  }
  if (choice.policy != info.policy) return policy;  // another one in its place
  if (info.pictures && info.pictures->renderer != ToString(RendererKind::kSoftware)) {
    note += "The run's pictures were drawn by OpenGL, these are not. ";
  }
  if (policy && policy->Info().weights_sha256 != info.weights_sha256) {
    note += fmt::format("The weights of {} are not those of the run. ", choice.policy);
  }
  // A person's change was asked about at once, which the log knows. Without weights, and in strict mode, a policy repeats
  // itself to the bit.
  const bool repeats = policy && !edited && (policy->Info().weights_sha256.empty() || choice.strict);
  return repeats ? std::move(policy)
                 : MakeLoggedAgent(choice.run, std::move(policy), PicturesOf(info, robot), renderer);
}

const EpisodeRecord& RecordOf(const std::vector<EpisodeRecord>& records, const std::string& key,
                              const std::string& run) {
  const auto found =
      std::find_if(records.begin(), records.end(), [&](const EpisodeRecord& r) { return ToString(r.key) == key; });
  if (found != records.end()) return *found;
  std::vector<std::string> some;
  for (const EpisodeRecord& record : records) {
    if (some.size() < 3) some.push_back(ToString(record.key));
  }
  throw InputError(fmt::format("--replay: run {}: expected the key of one of its {} episodes ({}, ...), found '{}'",
                               run, records.size(), fmt::join(some, ", "), key));
}

}  // namespace

EpisodeChoice ChoiceOfRun(const std::string& replay) {
  const std::size_t colon = replay.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == replay.size()) {
    throw InputError(fmt::format("--replay: expected RUN:KEY (runs/a:cup_on_plate.none.0.0003), found '{}'", replay));
  }
  EpisodeChoice choice;
  choice.run = replay.substr(0, colon);
  const RunInfo info = ReadRunInfo(choice.run);
  const std::vector<EpisodeRecord> records = ReadEpisodes(choice.run);
  const EpisodeRecord& record = RecordOf(records, replay.substr(colon + 1), choice.run);
  choice.key = record.key;
  choice.seed = record.seed;
  choice.policy = info.policy;
  choice.strict = info.strict;
  if (!info.control.empty()) choice.control = ControlNamed(info.control, "run.json: key 'control'");
  return choice;
}

OpenedEpisode OpenEpisode(const EpisodeChoice& choice, const SourceOptions& options, const RendererSource& renderer) {
  auto facts = std::make_shared<EpisodeFacts>();
  facts->task = options.find_task ? &options.find_task(choice.key.task) : &FindTask(choice.key.task);
  facts->plan = DrawEpisode(*facts->task, choice.seed, choice.key);
  OpenedEpisode opened;
  if (!choice.run.empty()) {
    opened.edited = ReadEdits(choice.run);
    facts->log = std::make_shared<const EpisodeLog>(ReadLog(LogPath(choice.run, choice.key)));
    facts->logged =
        std::make_shared<const EpisodeRecord>(RecordOf(ReadEpisodes(choice.run), ToString(choice.key), choice.run));
  }
  if (options.make_agent) {
    opened.agent = options.make_agent(choice, renderer);
  } else if (choice.run.empty()) {
    opened.agent = MakeAgent(choice.policy, renderer, {.strict = choice.strict});
  } else {
    const RunInfo info = ReadRunInfo(choice.run);
    opened.agent = MakeReplayer(choice, info, facts->task->Spec().robot, !opened.edited.empty(), renderer, facts->note);
  }
  facts->policy = opened.agent->Info();
  opened.facts = facts;
  return opened;
}

void DescribePlay(const Episode& episode, ActionKind kind, EpisodeFacts& facts) {
  const Scene& scene = episode.GetScene();
  facts.robot = scene.GetRobot().Interface();
  facts.kind = kind;
  facts.action_names = ActionNames(facts.robot, kind);
  facts.hands.clear();
  for (const ArmIndex& arm : scene.GetRobot().arms) {
    const int body = scene.Model().site_bodyid[arm.tool_site_id];
    facts.hands.emplace_back(mj_id2name(&scene.Model(), mjOBJ_BODY, body));
  }
  facts.instructions = {facts.plan.instruction};
  for (const Alternative& other : facts.task->Alternatives(scene, facts.plan)) {
    const bool known =
        std::find(facts.instructions.begin(), facts.instructions.end(), other.instruction) != facts.instructions.end();
    if (!known) facts.instructions.push_back(other.instruction);
  }
}

}  // namespace divla
