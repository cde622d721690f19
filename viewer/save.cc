#include "viewer/save.h"

#include <fmt/format.h>

#include "harness/episode_run.h"
#include "harness/episode_video.h"
#include "harness/policy_view.h"
#include "harness/proof/replay.h"
#include "sim/check.h"

namespace divla {
namespace {

// What plays the episode as it was before a person changed it.
std::vector<std::string> CommandOf(const EpisodeChoice& choice) {
  std::vector<std::string> words{"divla", "view"};
  if (!choice.run.empty()) {
    words.insert(words.end(), {"--replay", choice.run + ":" + ToString(choice.key)});
  } else {
    words.insert(words.end(), {"--task", choice.key.task, "--axis", choice.key.axis, "--level",
                               std::to_string(choice.key.level), "--episode", std::to_string(choice.key.index),
                               "--policy", choice.policy, "--seed", std::to_string(choice.seed)});
  }
  if (choice.strict) words.emplace_back("--strict");
  return words;
}

}  // namespace

void WriteLineVideo(Line* parent, Line& line, const Agent& agent, Renderer& renderer,
                    const std::filesystem::path& file) {
  const Scene& scene = line.GetEpisode().GetScene();
  std::error_code ignored;  // VideoWriter says what is wrong with the file
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  EpisodeVideo video(file, scene, agent.Pictures(scene.GetRobot().Interface()));
  const LineVisitor add = [&](const AgentView& view, const AgentAnswer& answer) { video.Add(view, answer, renderer); };
  if (parent != nullptr && line.Origin() > 0) parent->Visit(0, line.Origin() - 1, add);
  const int last = line.View().Last();
  line.Visit(line.Origin(), last - 1, add);
  line.Visit(last, last, [&](const AgentView& view, const AgentAnswer&) {
    if (line.Open()) return video.CloseOpen(view, renderer);
    if (!line.View().policy_error.empty()) video.Add(view, {}, renderer);  // the step that the policy failed
    video.Close(view, line.GetEpisode().Record(), renderer);
  });
}

void ExportLine(Line& line, const EpisodeChoice& choice, const EpisodeFacts& facts, const Agent& agent,
                Renderer& renderer, const std::filesystem::path& run) {
  const int last = line.View().Last();
  line.Visit(last, last, [&](const AgentView& view, const AgentAnswer&) {
    if (line.Open()) {
      throw InputError(
          fmt::format("export: expected an episode that is over, found one that was played to step {}: a run "
                      "folder says how an episode ended, so play it to its end first",
                      last));
    }
    EpisodeFrames frames;
    frames.first = ReportPicture(facts.task->Build(line.Drawn()), renderer);
    frames.last = ReportPicture(*view.scene, renderer);
    const PolicyInfo& info = agent.Info();
    const bool replayed = info.name.starts_with(kReplayPrefix);  // the run's policy could not be had
    const EpisodeRunRequest request{.policy = replayed ? info.name : choice.policy,
                                    .strict = choice.strict,
                                    .control = choice.control,
                                    .command = CommandOf(choice),
                                    .edited = line.Edited()};
    WriteEpisodeRun(run, request, agent, line.GetEpisode().Record(), line.GetEpisode().Log(), frames);
  });
}

std::filesystem::path FreeName(const std::filesystem::path& folder, const std::string& stem, const std::string& end) {
  std::filesystem::path name = folder / (stem + end);
  for (int n = 2; std::filesystem::exists(name); ++n) name = folder / fmt::format("{}-{}{}", stem, n, end);
  return name;
}

}  // namespace divla
