#include "policy/model_bench.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "policy/divla/bench/random_model.h"
#include "policy/divla/hf/hf_weights.h"
#include "policy/divla/ops/cores.h"
#include "policy/divla/ops/memory_bandwidth.h"
#include "sim/check.h"
#include "sim/rng.h"

namespace divla {
namespace {

constexpr int kViews = 3, kNewTokens = 25;
constexpr PatchGrid kPatches{18, 22};        // of 240 x 320 pixels: 252 x 308 after smart_resize
constexpr std::int64_t kPromptTokens = 322;  // 297 of pictures

constexpr std::int64_t kBandwidthBytes = std::int64_t{1} << 30;
constexpr int kBandwidthPasses = 16;
constexpr double kPatience = 20;  // s; a figure that took so long is not repeated

double Seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Resident memory of this process in bytes: now, or of pages of files ("RssFile") or of its own ("RssAnon").
double StatusBytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(key + ":")) continue;
    std::istringstream words(line.substr(key.size() + 1));
    double kilobytes = 0;
    words >> kilobytes;
    return kilobytes * 1024.0;
  }
  return 0;
}

at::Device DeviceNamed(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name != "cuda") throw InputError(fmt::format("option --device: expected cpu or cuda, found '{}'", name));
  if (!at::hasCUDA()) throw MachineError("no CUDA device: this build of LibTorch has none, or the machine");
  return {at::kCUDA, 0};
}

VlaQuery RandomQuery(const HfConfig& config, std::uint64_t index) {
  VlaQuery query{"", {}};
  for (int view = 0; view < kViews; ++view) {
    Rng rng({.seed = index, .stream = "bench-picture", .index = static_cast<std::uint64_t>(view)});
    PixelPatches patches{kPatches, {}};
    patches.values.resize(static_cast<std::size_t>(kPatches.height * kPatches.width * config.vision.PatchValues()));
    for (float& value : patches.values) value = static_cast<float>(rng.Uniform(-2.0, 2.0));
    query.views.push_back(std::move(patches));
  }
  return query;
}

// What writing one token reads: the language model's layers and its output weights once, and the cache of each row.
double BytesPerToken(const HfConfig& config, const ParamSpecs& specs, double size, int batch) {
  const TextConfig& text = config.text;
  double numbers = 0;
  for (const ParamSpec& spec : specs) {
    const bool lookup = spec.name == "model.embed_tokens.weight" && !text.tie_word_embeddings;
    if (lookup || (!spec.name.starts_with("model.") && spec.name != "lm_head.weight")) continue;
    double count = 1;
    for (std::int64_t side : spec.shape) count *= static_cast<double>(side);
    numbers += count;
  }
  const double cache = 2.0 * text.num_hidden_layers * text.num_key_value_heads * text.HeadDim() *
                       static_cast<double>(kPromptTokens + kNewTokens / 2);
  return (numbers + batch * cache) * size;
}

class Bench {
 public:
  Bench(const ModelBenchOptions& options, const std::function<void(const ModelFigure&)>& report)
      : options_(options),
        report_(report),
        type_(ComputeTypeNamed(options.dtype)),
        device_(DeviceNamed(options.device)) {}

  std::vector<ModelFigure> Run() {
    c10::AutoGradMode no_grad(false);
    const int threads = options_.threads > 0 ? options_.threads : UsableCores();
    at::set_num_threads(threads);
    double bandwidth = 0;
    if (device_.is_cpu()) {
      bandwidth = MeasureReadBandwidth(threads, kBandwidthBytes, kBandwidthPasses) * 1e9;
      Add("memory read bandwidth", bandwidth / 1e9, "GB/s",
          fmt::format("{} threads, plain loop, best of several", threads));
    }
    const double began = Seconds();
    VlaEngine engine = Load();
    Add("load", Seconds() - began, "s", options_.model);
    if (device_.is_cpu()) AddResident("resident memory after loading");
    for (int batch : options_.batches) Measure(engine, batch, bandwidth);
    if (device_.is_cpu()) AddResident("resident memory after the queries");
    return std::move(figures_);
  }

 private:
  void Add(const std::string& what, double value, const std::string& unit, const std::string& note = "") {
    figures_.push_back({what, value, unit, note});
    if (report_) report_(figures_.back());
  }

  void AddResident(const std::string& what) {
    const double resident = StatusBytes("VmRSS");
    Add(what, resident / 1e9, "GB",
        fmt::format("{:.3f} times the weights' {:.2f} GB; {:.2f} GB mapped from files", resident / weight_bytes_,
                    weight_bytes_ / 1e9, StatusBytes("RssFile") / 1e9));
  }

  VlaEngine Load() {
    std::error_code error;
    const double size = type_ == at::kFloat ? 4 : 2;
    const auto count = [&](const HfConfig& config) {
      for (const ParamSpec& spec : HfSpecs(config)) {
        double numbers = 1;
        for (std::int64_t side : spec.shape) numbers *= static_cast<double>(side);
        weight_bytes_ += numbers * size;
      }
    };
    if (std::filesystem::is_directory(options_.model, error)) {
      VlaEngine engine = VlaEngine::Open(options_.model, type_, device_);
      count(engine.Config());
      return engine;
    }
    const HfConfig config = PublishedConfig(options_.model);
    count(config);
    return RandomEngine(config, type_, device_);
  }

  // Best seconds of `work`, after one call that is not counted (two where steps are captured).
  double Best(const std::function<void(int)>& work) const {
    double best = std::numeric_limits<double>::infinity(), spent = 0;
    const int warm = device_.is_cpu() ? 1 : 2;
    for (int i = 0; i < warm + options_.repeats && (i <= warm || spent < kPatience); ++i) {
      const double began = Seconds();
      work(i);
      const double took = Seconds() - began;
      spent += took;
      if (i >= warm || took > kPatience / 2) best = std::min(best, took);
      if (took > kPatience / 2) break;
    }
    return best;
  }

  void Measure(VlaEngine& engine, int batch, double bandwidth) {
    const HfConfig& config = engine.Config();
    const std::vector<ImageGrid> grids(kViews, {kPatches.height / config.vision.spatial_merge_size,
                                                kPatches.width / config.vision.spatial_merge_size});
    const std::vector<Prompt> prompts(static_cast<std::size_t>(batch), MadeUpPrompt(config, grids, kPromptTokens));
    std::vector<std::vector<VlaQuery>> rounds(2);  // other pictures each time: nothing may be reused
    for (std::size_t round = 0; round < 2; ++round) {
      for (int row = 0; row < batch; ++row) {
        rounds[round].push_back(RandomQuery(config, round * 1000 + static_cast<std::uint64_t>(row)));
      }
    }
    const std::string of = fmt::format("batch {}: ", batch);
    at::Tensor seen;
    const auto finish = [this](const at::Tensor& tensor) {  // waits for the device
      if (!device_.is_cpu()) tensor.flatten()[0].item();
    };
    const double see = Best([&](int i) { finish(seen = engine.See(rounds[static_cast<std::size_t>(i % 2)])); });
    Add(of + "vision", see * 1e3, "ms", fmt::format("{} views of 240 x 320", kViews * batch));
    double read = std::numeric_limits<double>::infinity();
    // Once around where pictures take long: only what is read counts here.
    const int reads = see < kPatience / 4 ? options_.repeats : 1;
    for (int i = 0; i < 1 + reads; ++i) {
      seen = engine.See(rounds[static_cast<std::size_t>(i % 2)]);
      finish(seen);
      const double began = Seconds();
      engine.ReadPrompts(prompts, seen, kNewTokens);
      finish(engine.PromptStates(0));
      if (i > 0) read = std::min(read, Seconds() - began);
    }
    Add(of + "prefill", read * 1e3, "ms",
        fmt::format("{} tokens, the {} before the first view kept", kPromptTokens, 9));
    std::vector<std::vector<int>> ids;
    const double write = Best([&](int) { ids = engine.Write(kNewTokens); });
    const double token = write / (kNewTokens - 1);  // the first one comes from the prefill
    const double bytes = BytesPerToken(config, HfSpecs(config), type_ == at::kFloat ? 4 : 2, batch);
    Add(of + "per token", token * 1e3, "ms", fmt::format("{:.1f} tokens/s", batch / token));
    Add(of + "memory read by a token", bytes / token / 1e9, "GB/s",
        bandwidth > 0 ? fmt::format("{:.2f} GB a step; {:.0f} % of the measured bandwidth", bytes / 1e9,
                                    bytes / token / bandwidth * 100)
                      : fmt::format("{:.2f} GB a step", bytes / 1e9));
    double act = 0;
    if (engine.HasHead()) {
      const std::int64_t steps = config.head->prediction_horizon;
      const at::Tensor state = at::zeros({batch, config.head->state_dim}),
                       noise = at::ones({batch, steps, config.head->input_dim});
      act = Best([&](int) { finish(engine.Act(engine.Condition(), state, noise)); });
      Add(of + "denoising", act * 1e3, "ms", fmt::format("{} DDIM steps", config.head->num_inference_timesteps));
    }
    const double query = see + read + write + act;
    Add(of + "whole query", query * 1e3, "ms", fmt::format("{} reasoning tokens", kNewTokens));
    if (engine.HasHead()) {
      Add(of + "actions", batch * config.head->prediction_horizon / query, "/s",
          fmt::format("chunks of {}", config.head->prediction_horizon));
    }
  }

  const ModelBenchOptions& options_;
  const std::function<void(const ModelFigure&)>& report_;
  at::ScalarType type_;
  at::Device device_;
  double weight_bytes_{};
  std::vector<ModelFigure> figures_;
};

}  // namespace

std::vector<ModelFigure> BenchModel(const ModelBenchOptions& options,
                                    const std::function<void(const ModelFigure&)>& report) {
  return Bench(options, report).Run();
}

}  // namespace divla
