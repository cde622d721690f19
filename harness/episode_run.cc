#include "harness/episode_run.h"

#include <nlohmann/json.hpp>

#include "harness/file_write.h"
#include "harness/report/report.h"
#include "harness/run.h"
#include "harness/summary.h"

namespace divla {

void WriteEpisodeRun(const std::filesystem::path& run, const EpisodeRunRequest& request, const Agent& agent,
                     const EpisodeRecord& record, const EpisodeLog& log, const EpisodeFrames& frames) {
  const EpisodeKey& key = record.key;
  Suite suite{.name = request.edited.empty() ? kViewerSuite : kEditedSuite,
              .version = 1,
              .summary = "",
              .seed = record.seed,
              .group_size = 1,
              .cells = {}};
  suite.cells = {{key.task, key.axis, key.level, 1}};
  RunRequest described{.policy = request.policy, .strict = request.strict, .shard = {}, .command = request.command};
  described.control = request.control;
  RunInfo info = DescribeRun(suite, described, agent);
  info.cells.clear();  // a cell's episodes are counted from 0, and this one has its own number
  info.episodes = 1;
  RunFolder folder(CreateRunFolder(run), info);
  if (!request.edited.empty()) {
    nlohmann::json value = ToJson(info);
    value["edited"] = ToJson(request.edited);
    WriteFileAtomically(run / "run.json", value.dump(2) + "\n");
  }
  folder.Append(record, log, frames, 0);
  const std::vector<EpisodeRecord> records{record};
  const RunSummary summary = Summarize(info, records, suite.Order(), false);
  folder.Finish(records, summary);
  WriteReports(run, info, records, summary);
}

}  // namespace divla
