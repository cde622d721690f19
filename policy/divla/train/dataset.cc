#include "policy/divla/train/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "policy/divla/head/normalizer.h"
#include "policy/divla/text/reasoning_text.h"
#include "policy/file_io.h"
#include "sim/check.h"
#include "sim/hash.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> RowFolders(const std::vector<std::string>& folders) {
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    if (fs::exists(fs::path(folder) / "meta.json")) {
      found.push_back(folder);
      continue;
    }
    if (!fs::is_directory(folder))
      throw InputError(fmt::format("folder {}: expected training rows, found no folder", folder));
    std::vector<std::string> inner;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (fs::exists(entry.path() / "meta.json")) inner.push_back(entry.path().string());
    }
    if (inner.empty()) throw InputError(fmt::format("folder {}: expected training rows, found no meta.json", folder));
    std::sort(inner.begin(), inner.end());
    found.insert(found.end(), inner.begin(), inner.end());
  }
  return found;
}

void Require(bool condition, const std::string& folder, const std::string& key, const std::string& expected,
             const std::string& found) {
  if (!condition)
    throw InputError(fmt::format("file {}/meta.json: key '{}': expected {}, found {}", folder, key, expected, found));
}

// Mean and deviation of columns, in double, in row order.
class Moments {
 public:
  explicit Moments(std::size_t size) : sum_(size), square_(size) {}
  void Add(std::span<const float> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum_[i] += static_cast<double>(values[i]);
      square_[i] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    }
    ++count_;
  }
  float Mean(std::size_t i) const { return count_ == 0 ? 0.0F : static_cast<float>(sum_[i] / count_); }
  float Std(std::size_t i) const {
    if (count_ == 0) return 1.0F;
    const double mean = sum_[i] / count_;
    return static_cast<float>(std::sqrt(std::max(0.0, square_[i] / count_ - mean * mean)));
  }
  at::Tensor MeanTensor() const {
    std::vector<float> values;
    for (std::size_t i = 0; i < sum_.size(); ++i) values.push_back(Mean(i));
    return at::tensor(values, at::kFloat);
  }
  at::Tensor StdTensor() const {
    std::vector<float> values;
    for (std::size_t i = 0; i < sum_.size(); ++i) values.push_back(Std(i));
    return at::tensor(values, at::kFloat);
  }

 private:
  std::vector<double> sum_, square_;
  double count_{0};
};

// Reading every byte once also brings the frames into memory, from where training draws them at random.
std::string DigestOf(const std::string& folder) {
  Hasher hasher;
  for (const char* name : {"meta.json", "labels.jsonl", "rows.safetensors", "frames.bin"}) {
    const MappedFile file((fs::path(folder) / name).string());
    hasher.Add(std::string_view(name));
    hasher.Add(file.Bytes().data(), file.Bytes().size());
  }
  return hasher.Hex();
}

}  // namespace

int ValidChunk(const RowsReader& reader, int row, int chunk_size) {
  int count = 0;
  while (count < chunk_size && row + count < reader.size() && reader.Episode(row + count) == reader.Episode(row) &&
         reader.LabelValid(row + count)) {
    ++count;
  }
  return count;
}

std::span<const float> ActionOf(const EmbodimentConfig& body, const RowsReader& reader, int row) {
  return body.action_kind == ActionKind::kJointPosition ? reader.JointTarget(row) : reader.ToolTarget(row);
}

Source Dataset::OpenSource(const TrainRun& run, const std::string& folder, RowsReader reader) {
  const RowsInfo& info = reader.Info();
  if (first_folder_.empty()) {
    first_folder_ = folder;
    renderer_ = info.renderer;
  }
  Require(info.renderer == renderer_, folder, "renderer", fmt::format("'{}' as in {}", renderer_, first_folder_),
          fmt::format("'{}'", info.renderer));
  const auto embodiment = run.model.embodiments.find(info.robot);
  Require(embodiment != run.model.embodiments.end(), folder, "robot", "an embodiment of the configuration", info.robot);
  const EmbodimentConfig& body = embodiment->second;
  Require(info.height == run.model.vision.image_height && info.width == run.model.vision.image_width, folder,
          "height, width", fmt::format("{}x{}", run.model.vision.image_height, run.model.vision.image_width),
          fmt::format("{}x{}", info.height, info.width));
  Require(info.state_dim == body.state_dim, folder, "state_dim", std::to_string(body.state_dim),
          std::to_string(info.state_dim));
  Require(info.ToolDim() == body.ToolDim(), folder, "tool_action_dim",
          std::to_string(body.Arms() * kEndEffectorActionSize), std::to_string(info.tool_action_dim));
  const int action_dim = body.action_kind == ActionKind::kJointPosition ? info.joint_dim : info.tool_action_dim;
  Require(action_dim == body.action_dim, folder, "joint_dim, tool_action_dim", std::to_string(body.action_dim),
          std::to_string(action_dim));
  std::vector<int> cameras;
  for (const std::string& camera : body.cameras) {
    const auto at = std::find(info.cameras.begin(), info.cameras.end(), camera);
    Require(at != info.cameras.end(), folder, "cameras", camera, fmt::format("{}", fmt::join(info.cameras, ", ")));
    cameras.push_back(static_cast<int>(at - info.cameras.begin()));
  }
  std::vector<int> pictured;
  for (int row = 0; row < reader.size(); ++row) {
    if (reader.Pictured(row)) pictured.push_back(row);
  }
  return {std::move(reader), DigestOf(folder), 0.0, 0, std::move(cameras), std::move(pictured)};
}

Dataset::Dataset(const TrainRun& run, const std::vector<std::string>& folders) {
  std::set<std::string> tasks, classes;
  std::map<std::string, Body> bodies;
  for (const std::string& folder : RowFolders(folders)) {
    RowsReader reader(folder);
    const RowsInfo info = reader.Info();
    if (!run.tasks.contains(info.task)) continue;
    Require(tasks.insert(info.task).second, folder, "task", "each task once", info.task);
    Source source = OpenSource(run, folder, std::move(reader));
    for (const int row : source.pictured) {
      const RowLabels labels = source.reader.Labels(row);
      ++text_counts_[labels.instruction];
      ++text_counts_[labels.reasoning];
      for (const RowAlternative& other : labels.alternatives) {
        ++text_counts_[other.instruction];
        ++text_counts_[other.reasoning];
      }
      for (const RowObject& object : labels.objects) classes.insert(object.object_class);
    }
    Body& entry = bodies[info.robot];
    entry.name = info.robot;
    entry.config = run.model.embodiments.at(info.robot);
    entry.sources.push_back(std::move(source));
  }
  for (const auto& [task, weight] : run.tasks) {
    if (!tasks.contains(task))
      throw InputError(fmt::format("training data: expected a folder of task '{}', found none", task));
  }
  for (auto& [name, body] : bodies) {
    Moments points(6);
    for (const Source& source : body.sources) {
      for (const int row : source.pictured) {
        const auto values = source.reader.Points(row);
        if (std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) points.Add(values);
      }
    }
    for (std::size_t i = 0; i < 6; ++i) {
      body.points_mean[i] = points.Mean(i);
      body.points_std[i] = std::max(points.Std(i), 0.03F);  // 3 cm: constant heights must not blow up
    }
    bodies_.push_back(std::move(body));
  }
  classes_.assign(classes.begin(), classes.end());
  SetWeights(run.tasks, 0.0);
}

void Dataset::AddTakeovers(const TrainRun& run, const std::vector<std::string>& folders, int stage) {
  for (const std::string& folder : folders) {
    Source source = OpenSource(run, folder, RowsReader(folder));
    source.takeovers_of = stage;
    const RowsInfo& info = source.reader.Info();
    const auto body =
        std::find_if(bodies_.begin(), bodies_.end(), [&](const Body& known) { return known.name == info.robot; });
    const auto is_of_task = [&](const Source& other) { return other.reader.Info().task == info.task; };
    Require(body != bodies_.end() && std::any_of(body->sources.begin(), body->sources.end(), is_of_task), folder,
            "task", "one that has demonstrations", info.task);
    for (const int row : source.pictured) {
      for (const RowObject& object : source.reader.Labels(row).objects) {
        if (std::binary_search(classes_.begin(), classes_.end(), object.object_class)) continue;
        throw InputError(fmt::format("folder {}: row {}: expected an object class of the demonstrations, found {}",
                                     folder, row, object.object_class));
      }
    }
    body->sources.push_back(std::move(source));
  }
}

void Dataset::SetWeights(const std::map<std::string, double>& tasks, double takeover_share, int since) {
  for (Body& body : bodies_) {
    std::map<std::string, double> taken_over;  // pictures of each task's takeovers
    for (const Source& source : body.sources) {
      if (source.takeovers_of < std::max(since, 1)) continue;
      taken_over[source.reader.Info().task] += static_cast<double>(source.pictured.size());
    }
    body.weight = 0;
    for (Source& source : body.sources) {
      const std::string& task = source.reader.Info().task;
      const auto weight = tasks.find(task);
      source.weight = weight == tasks.end() ? 0.0 : weight->second;
      if (source.takeovers_of > 0 && source.takeovers_of < since) {
        source.weight = 0;
      } else if (source.takeovers_of > 0) {
        source.weight *= takeover_share * static_cast<double>(source.pictured.size()) / taken_over.at(task);
      } else if (taken_over.contains(task)) {
        source.weight *= 1.0 - takeover_share;
      }
      body.weight += source.weight;
    }
  }
}

std::string Dataset::Digest() const {
  Hasher hasher;
  for (const Body& body : bodies_) {
    for (const Source& source : body.sources) hasher.Add(source.digest);
  }
  return hasher.Hex();
}

int Dataset::ClassIndex(const std::string& object_class) const {
  const auto at = std::lower_bound(classes_.begin(), classes_.end(), object_class);
  DIVLA_CHECK(at != classes_.end() && *at == object_class, "object class " + object_class);
  return static_cast<int>(at - classes_.begin());
}

std::vector<CountedText> Dataset::Texts() const {
  std::vector<CountedText> texts;
  std::int64_t total = 0;
  for (const auto& [text, count] : text_counts_) {
    if (!text.empty()) texts.push_back({text, count});
    total += count;
  }
  // The fixed words of the prompt and the answer, which every row has.
  for (const std::string_view text : {std::string_view("system\n"), std::string_view("You are a helpful assistant."),
                                      std::string_view("user\n"), std::string_view("assistant\n"), kSpacedNextAction}) {
    texts.push_back({std::string(text), std::max<std::int64_t>(total, 2)});
  }
  return texts;
}

ParamStore Dataset::NormalizerValues(int chunk_size) const {
  ParamStore values;
  for (const Body& body : bodies_) {
    const auto dim = static_cast<std::size_t>(body.config.action_dim);
    Moments state(static_cast<std::size_t>(body.config.state_dim)),
        tool(static_cast<std::size_t>(body.config.ToolDim())), action(dim);
    for (const Source& source : body.sources) {
      for (const int row : source.pictured) {
        state.Add(source.reader.State(row));
        tool.Add(source.reader.Tool(row));
        const int valid = ValidChunk(source.reader, row, chunk_size);
        std::vector<float> relative(dim);
        for (int k = 0; k < valid; ++k) {
          const auto values_k = ActionOf(body.config, source.reader, row + k);
          std::copy(values_k.begin(), values_k.end(), relative.begin());
          if (body.config.action_kind == ActionKind::kEndEffectorPose) {
            for (int arm = 0; arm < body.config.Arms(); ++arm) {
              for (int axis = 0; axis < 3; ++axis) {
                relative[static_cast<std::size_t>(arm * kEndEffectorActionSize + axis)] -=
                    source.reader.Tool(row)[static_cast<std::size_t>(arm * kToolPoseSize + axis)];
              }
            }
          }
          action.Add(relative);
        }
      }
    }
    const std::string prefix = "normalizer." + body.name + ".";
    values[prefix + "state_mean"] = state.MeanTensor();
    values[prefix + "state_std"] = state.StdTensor().clamp_min(0.02);
    values[prefix + "tool_mean"] = tool.MeanTensor();
    values[prefix + "tool_std"] = tool.StdTensor().clamp_min(0.02);
    values[prefix + "action_mean"] = action.MeanTensor();
    values[prefix + "action_std"] = at::maximum(action.StdTensor(), ActionStdFloor(body.config));
  }
  return values;
}

}  // namespace divla
