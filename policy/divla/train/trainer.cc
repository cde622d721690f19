#include "policy/trainer.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <malloc.h>

#include <barrier>
#include <chrono>
#include <cmath>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "policy/divla/head/normalizer.h"
#include "policy/divla/model.h"
#include "policy/divla/text/bpe_trainer.h"
#include "policy/divla/train/batch.h"
#include "policy/divla/train/dataset.h"
#include "policy/divla/train/loss.h"
#include "policy/divla/train/optimizer.h"
#include "policy/divla/weights/safetensors.h"
#include "policy/file_io.h"
#include "sim/check.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

// Which embodiment each micro-batch is from: always the one that is furthest behind its share.
std::vector<int> BodySchedule(const std::vector<Body>& bodies, std::size_t count) {
  double sum = 0;
  for (const Body& body : bodies) sum += body.weight;
  std::vector<double> given(bodies.size());
  std::vector<int> schedule;
  for (std::size_t n = 0; n < count; ++n) {
    std::size_t best = 0;
    double most = -1e30;
    for (std::size_t b = 0; b < bodies.size(); ++b) {
      const double behind = bodies[b].weight / sum * static_cast<double>(n + 1) - given[b];
      if (behind > most + 1e-12) most = behind, best = b;
    }
    given[best] += 1;
    schedule.push_back(static_cast<int>(best));
  }
  return schedule;
}

// One thread per replica, all waiting for a step to begin. The calling thread runs none of them.
class ReplicaThreads {
 public:
  ReplicaThreads(int count, std::function<void(int)> work)
      : work_(std::move(work)), errors_(static_cast<std::size_t>(count)), begin_(count + 1), end_(count + 1) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this, i] { Loop(i); });
  }
  ~ReplicaThreads() {
    stop_ = true;
    begin_.arrive_and_wait();
    for (std::thread& thread : threads_) thread.join();
  }
  ReplicaThreads(const ReplicaThreads&) = delete;
  ReplicaThreads& operator=(const ReplicaThreads&) = delete;

  void Run() {
    begin_.arrive_and_wait();
    end_.arrive_and_wait();
    for (std::exception_ptr& error : errors_) {
      if (error) std::rethrow_exception(std::exchange(error, nullptr));
    }
  }

 private:
  void Loop(int index) {
    at::set_num_threads(1);
    while (true) {
      begin_.arrive_and_wait();
      if (stop_) return;
      try {
        work_(index);
      } catch (...) {
        errors_[static_cast<std::size_t>(index)] = std::current_exception();
      }
      end_.arrive_and_wait();
    }
  }

  std::function<void(int)> work_;
  std::vector<std::exception_ptr> errors_;
  std::barrier<> begin_, end_;
  bool stop_{};
  std::vector<std::thread> threads_;
};

TensorView View(const std::string& name, const at::Tensor& tensor) {
  return {name,
          Dtype::kF32,
          tensor.sizes().vec(),
          {static_cast<const std::byte*>(tensor.const_data_ptr()), static_cast<std::size_t>(tensor.numel()) * 4}};
}

// state/: everything that resuming needs, bit for bit.
void SaveState(const fs::path& out, const FlatParams& flat, const AdamW& adam, int step,
               const std::string& config_json) {
  fs::create_directories(out / "state");
  const std::vector<TensorView> views{View("values", flat.values), View("first", adam.first),
                                      View("second", adam.second), View("average", adam.average)};
  WriteSafetensors((out / "state" / "state.safetensors").string(), views,
                   {{"step", std::to_string(step)}, {"config", config_json}});
}

// Returns the number of finished steps.
int LoadState(const fs::path& out, FlatParams& flat, AdamW& adam, const std::string& config_json) {
  const std::string path = (out / "state" / "state.safetensors").string();
  const SafetensorsFile file = SafetensorsFile::Open(path);
  const auto& metadata = file.Metadata();
  if (!metadata.contains("step") || !metadata.contains("config")) {
    throw InputError(fmt::format("file {}: key 'step': expected a saved training state, found none", path));
  }
  if (metadata.at("config") != config_json) {
    throw InputError(fmt::format(
        "file {}: key 'config': expected the configuration of this run, found another; train into a new folder", path));
  }
  for (const auto& [name, tensor] : {std::pair{"values", &flat.values},
                                     {"first", &adam.first},
                                     {"second", &adam.second},
                                     {"average", &adam.average}}) {
    const TensorView& view = file.Tensor(name);
    if (view.dtype != Dtype::kF32 || view.shape != tensor->sizes().vec()) {
      throw InputError(
          fmt::format("file {}: tensor '{}': expected {} numbers, found another shape", path, name, tensor->numel()));
    }
    std::memcpy(tensor->mutable_data_ptr(), view.data.data(), view.data.size());
  }
  const std::string& step = metadata.at("step");
  if (step.empty() || step.size() > 9 || step.find_first_not_of("0123456789") != std::string::npos) {
    throw InputError(fmt::format("file {}: key 'step': expected a number, found '{}'", path, step));
  }
  return std::stoi(step);
}

// model.safetensors from the moving average, without the heads that only training has.
void SaveModel(const fs::path& out, const FlatParams& flat, const AdamW& adam, const ParamStore& normalizer) {
  ParamStore weights = normalizer;
  for (const auto& [name, tensor] : Views(flat, adam.average)) {
    if (!name.starts_with("train.")) weights.emplace(name, tensor);
  }
  SaveWeights(weights, {{"format", "pt"}}, (out / "model.safetensors").string());
}

nlohmann::ordered_json ProgressJson(const TrainProgress& p) {
  return {{"step", p.step},
          {"loss", p.loss},
          {"diffusion", p.diffusion},
          {"text", p.text},
          {"location", p.location},
          {"location_bins", p.location_bins},
          {"auxiliary", p.auxiliary},
          {"points", p.points},
          {"learning_rate", p.learning_rate},
          {"gradient_norm", p.gradient_norm},
          {"samples_per_second", p.samples_per_second}};
}

std::string TrainingJson(const TrainConfig& config, const Dataset& dataset, int step) {
  nlohmann::ordered_json json;
  json["config"] = nlohmann::ordered_json::parse(config.json);
  for (const Body& body : dataset.Bodies()) {
    for (const Source& source : body.sources) {
      const RowsInfo& info = source.reader.Info();
      json["data"].push_back({{"task", info.task}, {"robot", info.robot}, {"rows", info.rows}});
    }
  }
  json["renderer"] = dataset.Renderer();
  json["object_classes"] = dataset.ObjectClasses();
  json["steps_done"] = step;
  json["samples"] = static_cast<std::int64_t>(step) * config.replicas * config.micro_batch;
  json["torch"] = "2.13.0";
  return json.dump(2) + "\n";
}

// train.jsonl up to and including `step`: what a resumed run goes on from.
std::string LogUntil(const std::string& path, int step) {
  std::string kept;
  if (step == 0 || !fs::exists(path)) return kept;
  std::istringstream lines(ReadFile(path));
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.value("step", step + 1) <= step) kept += line + "\n";
  }
  return kept;
}

}  // namespace

std::string TrainProgress::Line() const {
  return fmt::format(
      "step {}/{}  loss {:.3f}  diffusion {:.4f}  text {:.4f}  location {:.3f} ({:.2f} bins)  cells {:.3f}  points "
      "{:.3f}  lr {:.1e}  "
      "{:.1f} samples/s  {:.0f}:{:02.0f} left",
      step, steps, loss, diffusion, text, location, location_bins, auxiliary, points, learning_rate, samples_per_second,
      std::floor(seconds_left / 60), std::fmod(std::floor(seconds_left), 60.0));
}

void TrainDivla(const TrainOptions& options) {
  // Keep freed memory: every step asks for the same large blocks again, and fresh pages cost 7 % of its time.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_ARENA_MAX, 1);
  TrainConfig config = ReadTrainConfig(options.config);
  const fs::path out = options.out;
  std::error_code error;
  fs::create_directories(out, error);
  if (error) throw MachineError(fmt::format("folder {}: cannot be made: {}", options.out, error.message()));

  const Dataset dataset(config, options.data);
  // Only the embodiments that there is data for are part of the checkpoint.
  std::map<std::string, EmbodimentConfig> embodiments;
  for (const Body& body : dataset.Bodies()) embodiments.emplace(body.name, body.config);
  config.model.embodiments = embodiments;
  const std::vector<std::string> special = SpecialTokens();
  const Tokenizer tokenizer = TrainBpe(dataset.Texts(), config.vocab_size, special);
  config.model.text.vocab_size = tokenizer.VocabSize();
  tokenizer.Save(out.string());
  WriteFile((out / "config.json").string(), DivlaConfigJson(config.model));

  ParamSpecs specs = ModelSpecs(config.model);
  AddTrainingHeads(specs, config.model, static_cast<int>(dataset.ObjectClasses().size()));
  FlatParams flat = Flatten(specs, InitParams(specs, config.seed));
  AdamW adam = MakeAdamW(flat);
  const ParamStore normalizer = dataset.NormalizerValues(config.model.head.chunk_size);
  int step = 0;
  if (options.resume && fs::exists(out / "state" / "state.safetensors")) step = LoadState(out, flat, adam, config.json);
  std::vector<Replica> replicas;
  for (int r = 0; r < config.replicas; ++r) {
    replicas.push_back(MakeReplica(flat));
    for (const auto& [name, tensor] : normalizer) replicas.back().params.emplace(name, tensor);
  }

  const BatchMaker maker(config, dataset, tokenizer);
  const DdimSchedule schedule = MakeDdimSchedule(config.model.head);
  const auto per_step = static_cast<std::size_t>(config.replicas);
  const std::vector<int> bodies = BodySchedule(dataset.Bodies(), static_cast<std::size_t>(config.steps) * per_step);
  std::vector<LossValues> losses(per_step);
  ReplicaThreads threads(config.replicas, [&](int r) {
    const auto number = static_cast<std::size_t>(step) * per_step + static_cast<std::size_t>(r);
    const Batch batch = maker.Make(bodies[number], number);
    LossValues& values = losses[static_cast<std::size_t>(r)];
    values = {};
    Loss(config, replicas[static_cast<std::size_t>(r)].params, schedule, batch, maker.FirstLocationId(), values)
        .backward();
  });

  const std::string log_path = (out / "train.jsonl").string();
  WriteFile(log_path, LogUntil(log_path, step));
  std::ofstream log(log_path, std::ios::app);
  if (!log) throw MachineError(fmt::format("file {}: cannot be written", log_path));
  TrainProgress progress{.steps = config.steps};
  LossValues sum;
  int summed = 0;
  const auto begin = std::chrono::steady_clock::now();
  auto last_report = begin;
  const int first_step = step;
  const auto save = [&] {
    SaveModel(out, flat, adam, normalizer);
    WriteFile((out / "training.json").string(), TrainingJson(config, dataset, step));
    SaveState(out, flat, adam, step, config.json);
  };
  while (step < config.steps) {
    threads.Run();
    progress.learning_rate = LearningRate(config, step);
    progress.gradient_norm = Step(config, step, flat, adam, replicas);
    ++step;
    for (const LossValues& values : losses) {
      sum.total += values.total, sum.diffusion += values.diffusion, sum.text += values.text,
          sum.location += values.location;
      sum.location_bins += values.location_bins, sum.auxiliary += values.auxiliary, sum.points += values.points;
      ++summed;
    }
    if (step % config.log_every == 0 || step == config.steps) {
      const auto now = std::chrono::steady_clock::now();
      const double window = std::chrono::duration<double>(now - last_report).count(),
                   spent = std::chrono::duration<double>(now - begin).count();
      const double n = summed;
      progress.step = step;
      progress.loss = sum.total / n, progress.diffusion = sum.diffusion / n, progress.text = sum.text / n;
      progress.location = sum.location / n, progress.location_bins = sum.location_bins / n;
      progress.auxiliary = sum.auxiliary / n, progress.points = sum.points / n;
      progress.samples_per_second = n * config.micro_batch / window;
      progress.seconds_left = spent / (step - first_step) * (config.steps - step);
      last_report = now;
      sum = {};
      summed = 0;
      log << ProgressJson(progress).dump() << '\n' << std::flush;
      if (options.progress) options.progress(progress);
      if (!std::isfinite(progress.loss))
        throw MachineError(fmt::format("training: the loss is not finite at step {}; lower learning_rate", step));
    }
    const bool stop =
        (options.stop_after > 0 && step >= options.stop_after) || (options.interrupted && options.interrupted());
    if (stop || step % config.checkpoint_every == 0 || step == config.steps) save();
    if (stop) return;
  }
}

}  // namespace divla
