// ExportDemonstrations.
#include <fmt/format.h>

#include <memory>

#include "harness/lerobot/dataset_writer.h"
#include "harness/lerobot/export.h"
#include "sim/check.h"
#include "sim/robot.h"
#include "tasks/registry.h"

namespace divla {
namespace {

// The robot as a policy knows it, from a scene of the task.
RobotInterface InterfaceOf(const DemoInfo& demo) {
  const Task& task = FindTask(demo.task);
  return task.Build(task.Draw(demo.seed, {demo.task, "none", 0, 0})).GetRobot().Interface();
}

class DatasetReceiver : public RowsReceiver {
 public:
  DatasetReceiver(const DemoInfo& demo, std::filesystem::path out, bool png, bool language)
      : demo_(demo), out_(std::move(out)), png_(png), language_(language) {}

  void Begin(const RowsInfo& info) override {
    const DatasetPictures pictures{info.cameras, info.height, info.width, png_, language_};
    const DatasetInfo dataset = RobotDatasetInfo(InterfaceOf(demo_), pictures, true, info.renderer);
    writer_ = std::make_unique<DatasetWriter>(out_, dataset);
  }

  void Append(const std::vector<TrainingRow>& rows) override {
    DIVLA_CHECK(!rows.empty(), "a demonstration with steps");
    const int index = demo_.indices.at(static_cast<std::size_t>(rows.front().episode));
    const EpisodeKey key = DemoKey(FindTask(demo_.task), index);
    writer_->BeginEpisode({rows.front().labels.instruction, demo_.task, ToString(key), static_cast<int>(rows.size())});
    const int fps = writer_->Info().fps;
    std::vector<LanguageRow> persistent;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const TrainingRow& row = rows[i];
      DatasetFrame frame;
      frame.numbers = {{kStateFeature, row.state},
                       {kToolFeature, row.tool},
                       {kActionFeature, row.joint_target},
                       {kToolActionFeature, row.tool_target}};
      for (const auto& [camera, picture] : row.images) frame.pictures[std::string(kCameraPrefix) + camera] = picture;
      SetOutcome(i + 1 == rows.size(), true, false, frame);  // only successes are kept
      frame.flags[kLabelValidFeature] = row.label_valid;
      frame.texts[kLabelsFeature] = LabelsText(row);
      if (language_) {
        AddPlaces("object", row.labels.object_pixels, frame.events);
        AddPlaces("destination", row.labels.destination_pixels, frame.events);
        AddReasoning(row.labels.reasoning, static_cast<int>(i), fps, persistent);
      }
      writer_->Add(frame);
    }
    writer_->EndEpisode(persistent);
  }

  void Finish() override { writer_->Finish(); }

  const DatasetInfo& Info() const { return writer_->Info(); }

 private:
  const DemoInfo& demo_;
  std::filesystem::path out_;
  bool png_, language_;
  std::unique_ptr<DatasetWriter> writer_;
};

}  // namespace

ExportResult ExportDemonstrations(const std::filesystem::path& demos, const std::filesystem::path& out,
                                  const RowsOptions& rows, bool png, bool language, Progress* progress) {
  RowsOptions all = rows;
  all.every = 1;
  all.static_scenes = 0;  // no episodes
  all.whole_takeovers = true;
  const DemoInfo demo = ReadDemoInfo(demos);
  DatasetReceiver receiver(demo, out, png, language);
  ExportResult result{.folder = out};
  result.stopped = RenderRows(demos, receiver, all, progress) == 0;
  result.episodes = static_cast<int>(receiver.Info().episodes);
  result.frames = static_cast<int>(receiver.Info().frames);
  return result;
}

}  // namespace divla
