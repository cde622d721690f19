#include "harness/environment/environment_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "sim/check.h"

namespace divla {
namespace {

BatchOptions Checked(BatchOptions options) {
  if (options.size < 1 || options.size > kMostEnvironments) {
    throw InputError(fmt::format("num_envs: expected 1 to {}, found {}", kMostEnvironments, options.size));
  }
  if (options.threads < 0) throw InputError(fmt::format("threads: expected 0 or more, found {}", options.threads));
  if (options.threads == 0) options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  options.threads = std::min(options.threads, options.size);
  return options;
}

// A single worker is the caller itself, but not with OpenGL, whose context is bound to a thread: callers come from any.
int PoolThreads(const BatchOptions& options) {
  return options.threads == 1 && options.renderer == RendererKind::kSoftware ? 0 : options.threads;
}

template <class Number>
std::span<Number> RowOf(std::vector<Number>& all, std::size_t row, std::size_t size) {
  return std::span(all).subspan(row * size, size);
}

std::size_t PictureBytes(const EnvironmentShape& shape) {
  return Image{shape.pictures.height, shape.pictures.width, {}}.ByteCount();
}

}  // namespace

Autoreset AutoresetNamed(const std::string& name, const std::string& where) {
  if (name == "disabled") return Autoreset::kDisabled;
  if (name == "next_step") return Autoreset::kNextStep;
  if (name == "same_step") return Autoreset::kSameStep;
  throw InputError(fmt::format("{}: expected disabled, next_step or same_step, found '{}'", where, name));
}

ObservationBatch::ObservationBatch(const EnvironmentShape& shape, int size) {
  const auto rows = static_cast<std::size_t>(size);
  images.assign(shape.pictures.cameras.size(), std::vector<std::uint8_t>(rows * PictureBytes(shape)));
  state.resize(rows * static_cast<std::size_t>(shape.StateDim()));
  tool.resize(rows * static_cast<std::size_t>(shape.ToolDim()));
  instructions.resize(rows);
}

ObservationRow ObservationBatch::Row(const EnvironmentShape& shape, int environment) {
  const auto row = static_cast<std::size_t>(environment);
  ObservationRow out;
  for (auto& camera : images) out.images.push_back(RowOf(camera, row, PictureBytes(shape)));
  out.state = RowOf(state, row, static_cast<std::size_t>(shape.StateDim()));
  out.tool = RowOf(tool, row, static_cast<std::size_t>(shape.ToolDim()));
  out.instruction = &instructions.at(row);
  return out;
}

EnvironmentBatch::EnvironmentBatch(const Task& task, const BatchOptions& options)
    : options_(Checked(options)),
      shape_(ShapeOf(task, options.environment)),
      observations_(shape_, options_.size),
      pool_(PoolThreads(options_), [this](int worker) { renderers_[Index(worker)].reset(); }) {
  environments_.reserve(Index(options_.size));
  for (int i = 0; i < options_.size; ++i) environments_.emplace_back(task, options_.environment, shape_);
  results_.resize(Index(options_.size));
  final_.resize(Index(options_.size));
  renderers_.resize(Index(pool_.Workers()));
}

void EnvironmentBatch::Reset(std::span<const std::optional<EpisodeChoice>> choices) {
  if (choices.size() != environments_.size()) {
    throw InputError(fmt::format("reset: expected {} choices, found {}", environments_.size(), choices.size()));
  }
  std::fill(final_.begin(), final_.end(), std::nullopt);
  pool_.Run(Size(), [&](int i, int worker) {
    if (!choices[Index(i)]) return;
    results_[Index(i)] = {};
    environments_[Index(i)].Begin(*choices[Index(i)]);
    Look(i, worker);
  });
}

void EnvironmentBatch::ResetToNext(const std::vector<bool>& mask) {
  if (mask.size() != environments_.size()) {
    throw InputError(fmt::format("reset: expected {} marks, found {}", environments_.size(), mask.size()));
  }
  std::fill(final_.begin(), final_.end(), std::nullopt);
  pool_.Run(Size(), [&](int i, int worker) {
    if (!mask[Index(i)]) return;
    results_[Index(i)] = {};
    environments_[Index(i)].BeginNext();
    Look(i, worker);
  });
}

void EnvironmentBatch::Step(std::span<const float> actions) {
  CheckActions(actions);
  std::fill(final_.begin(), final_.end(), std::nullopt);
  const auto dim = static_cast<std::size_t>(shape_.action_dim);
  pool_.Run(Size(), [&](int i, int worker) { StepOne(i, actions.subspan(Index(i) * dim, dim), worker); });
}

void EnvironmentBatch::CheckActions(std::span<const float> actions) const {
  const auto dim = static_cast<std::size_t>(shape_.action_dim);
  if (actions.size() != environments_.size() * dim) {
    throw InputError(
        fmt::format("actions: expected {} x {} numbers, found {}", environments_.size(), dim, actions.size()));
  }
  for (std::size_t i = 0; i < environments_.size(); ++i) {
    if (!environments_[i].Open()) {
      if (environments_[i].Begun() && options_.autoreset == Autoreset::kNextStep) continue;
      throw InputError(
          fmt::format("step: expected open episodes, but that of environment {} {}", i,
                      environments_[i].Begun() ? "is over: reset it first" : "has not begun: reset first"));
    }
    const auto row = actions.subspan(i * dim, dim);
    if (!std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) {
      throw InputError(fmt::format("actions: expected finite numbers, found another one for environment {}", i));
    }
  }
}

void EnvironmentBatch::StepOne(int i, std::span<const float> action, int worker) {
  Environment& environment = environments_[Index(i)];
  EnvironmentStep& result = results_[Index(i)];
  if (!environment.Open()) {  // only with kNextStep
    result = {};
    environment.BeginNext();
    return Look(i, worker);
  }
  result = environment.Step(action);
  Look(i, worker);
  if (environment.Open() || options_.autoreset != Autoreset::kSameStep) return;
  FinalMoment last{ObservationBatch(shape_, 1), environment.Report()};
  const ObservationRow from = observations_.Row(shape_, i);
  const ObservationRow to = last.observation.Row(shape_, 0);
  for (std::size_t k = 0; k < from.images.size(); ++k) std::ranges::copy(from.images[k], to.images[k].begin());
  std::ranges::copy(from.state, to.state.begin());
  std::ranges::copy(from.tool, to.tool.begin());
  *to.instruction = *from.instruction;
  final_[Index(i)] = std::move(last);
  environment.BeginNext();
  Look(i, worker);
}

EnvironmentReport EnvironmentBatch::Report(int environment) const {
  const Environment& one = environments_.at(Index(environment));
  if (!one.Begun()) throw InputError(fmt::format("environment {}: no episode has begun: reset first", environment));
  return one.Report();
}

std::vector<Image> EnvironmentBatch::Pictures(int height, int width) {
  for (int i = 0; i < Size(); ++i) {
    if (!environments_[Index(i)].Begun()) {
      throw InputError(fmt::format("render: the episode of environment {} has not begun: reset first", i));
    }
  }
  std::vector<Image> pictures(environments_.size());
  pool_.Run(Size(), [&](int i, int worker) {
    pictures[Index(i)] = environments_[Index(i)].Picture(RendererOf(worker), height, width);
  });
  return pictures;
}

void EnvironmentBatch::Look(int i, int worker) {
  Renderer* renderer = shape_.pictures.cameras.empty() ? nullptr : &RendererOf(worker);
  environments_[Index(i)].Look(renderer, observations_.Row(shape_, i));
}

Renderer& EnvironmentBatch::RendererOf(int worker) {
  std::unique_ptr<Renderer>& renderer = renderers_.at(Index(worker));
  if (!renderer) renderer = PolicyRenderer(options_.renderer);
  return *renderer;
}

}  // namespace divla
