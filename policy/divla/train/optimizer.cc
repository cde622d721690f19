#include "policy/divla/train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <set>

#include "policy/divla/ops/kernel/training.h"

namespace divla {
namespace {

using kernel::Half, kernel::Rates;

constexpr std::int64_t kPiece = 1 << 16;

std::int64_t Count(const ParamSpec& spec) {
  std::int64_t count = 1;
  for (std::int64_t size : spec.shape) count *= size;
  return count;
}

// Matrices of products with many rows, and their biases. What is small and close to an answer stays float32: the
// layers of single embodiments, the condition, the heads of training.
std::vector<bool> Rounded(const ParamSpecs& specs, bool bfloat16) {
  std::set<std::string> layers;
  for (const ParamSpec& spec : specs) {
    const bool small =
        spec.name.starts_with("embodiments.") || spec.name.starts_with("condition.") || spec.name.starts_with("train.");
    if (bfloat16 && spec.decay && !small) layers.insert(spec.name.substr(0, spec.name.rfind('.')));
  }
  std::vector<bool> rounded;
  for (const ParamSpec& spec : specs) rounded.push_back(layers.contains(spec.name.substr(0, spec.name.rfind('.'))));
  return rounded;
}

Half* Halves(at::Tensor& tensor) { return static_cast<Half*>(tensor.mutable_data_ptr()); }

}  // namespace

FlatParams Flatten(const ParamSpecs& specs, const ParamStore& initial, bool bfloat16) {
  FlatParams flat;
  flat.specs = specs;
  flat.rounded = Rounded(specs, bfloat16);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    flat.offsets.push_back(count);
    const std::int64_t size = Count(specs[i]);
    for (std::int64_t at = 0; at < size; at += kPiece) {
      flat.pieces.push_back({count + at, std::min(kPiece, size - at), specs[i].decay, flat.rounded[i]});
    }
    count += size;
    count = (count + 31) / 32 * 32;  // each tensor starts on a cache line, in both types
  }
  flat.values = at::zeros({count}, at::kFloat);  // with zeros between the tensors
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const at::Tensor& tensor = Param(initial, specs[i].name);
    flat.values.narrow(0, flat.offsets[i], tensor.numel()).copy_(tensor.flatten());
  }
  if (bfloat16) flat.copy = flat.values.to(at::kBFloat16);
  return flat;
}

void TrainOnly(FlatParams& flat, const std::set<std::string>& embodiments) {
  const std::string own = "embodiments.";
  std::size_t piece = 0;
  for (std::size_t i = 0; i < flat.specs.size(); ++i) {
    const std::string& name = flat.specs[i].name;
    const bool frozen = name.starts_with(own) &&
                        !embodiments.contains(name.substr(own.size(), name.find('.', own.size()) - own.size()));
    const std::int64_t end = flat.offsets[i] + Count(flat.specs[i]);
    for (; piece < flat.pieces.size() && flat.pieces[piece].begin < end; ++piece) flat.pieces[piece].frozen = frozen;
  }
}

ParamStore Views(const FlatParams& flat, const at::Tensor& values) {
  ParamStore views;
  for (std::size_t i = 0; i < flat.specs.size(); ++i) {
    const ParamSpec& spec = flat.specs[i];
    views.emplace(spec.name, values.narrow(0, flat.offsets[i], Count(spec)).view(spec.shape));
  }
  return views;
}

void RefreshCopy(FlatParams& flat) {
  if (flat.copy.defined()) flat.copy.copy_(flat.values);
}

Replica MakeReplica(const FlatParams& flat) {
  Replica replica;
  replica.gradient = at::zeros_like(flat.values);
  if (flat.copy.defined()) replica.rounded_gradient = at::zeros_like(flat.copy);
  for (std::size_t i = 0; i < flat.specs.size(); ++i) {
    const ParamSpec& spec = flat.specs[i];
    const auto view = [&](const at::Tensor& all) {
      return all.narrow(0, flat.offsets[i], Count(spec)).view(spec.shape).detach();
    };
    at::Tensor leaf = view(flat.rounded[i] ? flat.copy : flat.values);
    leaf.set_requires_grad(true);
    leaf.mutable_grad() = view(flat.rounded[i] ? replica.rounded_gradient : replica.gradient);
    replica.params.emplace(spec.name, leaf);
  }
  return replica;
}

AdamW MakeAdamW(const FlatParams& flat) {
  return {at::zeros_like(flat.values), at::zeros_like(flat.values), flat.values.clone()};
}

double LearningRate(const TrainConfig& config, int step) {
  if (step < config.warmup_steps) return config.learning_rate * (step + 1) / config.warmup_steps;
  const double done = static_cast<double>(step - config.warmup_steps) / std::max(1, config.steps - config.warmup_steps);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(1.0, done)));
  return config.learning_rate * (config.final_lr_fraction + (1.0 - config.final_lr_fraction) * cosine);
}

double Step(const TrainConfig& config, int step, FlatParams& flat, AdamW& state, std::vector<Replica>& replicas,
            Team& team) {
  const std::size_t count = flat.pieces.size(), threads = static_cast<std::size_t>(team.size());
  const float share = 1.0F / static_cast<float>(replicas.size());
  const kernel::TrainingLoops& loops = kernel::ChosenTrainingLoops();
  at::Tensor total = at::empty_like(flat.values);
  auto* sum = total.mutable_data_ptr<float>();
  std::vector<double> squares(count);
  team.Run([&](int thread) {
    for (auto p = static_cast<std::size_t>(thread); p < count; p += threads) {
      const FlatParams::Piece& piece = flat.pieces[p];
      for (std::size_t r = 0; r < replicas.size(); ++r) {
        if (piece.rounded) {
          loops.half.take(piece.count, Halves(replicas[r].rounded_gradient) + piece.begin, sum + piece.begin, r == 0);
        } else {
          loops.single.take(piece.count, replicas[r].gradient.mutable_data_ptr<float>() + piece.begin,
                            sum + piece.begin, r == 0);
        }
      }
      squares[p] = loops.square_sum(piece.count, sum + piece.begin, share);
    }
  });
  double norm = 0;
  for (double square : squares) norm += square;
  norm = std::sqrt(norm);

  Rates rates{.scale = static_cast<float>(static_cast<double>(share) * std::min(1.0, config.clip_norm / (norm + 1e-6))),
              .beta1 = static_cast<float>(config.beta1),
              .beta2 = static_cast<float>(config.beta2),
              .rate = static_cast<float>(LearningRate(config, step)),
              .correction1 = static_cast<float>(1.0 / (1.0 - std::pow(config.beta1, step + 1))),
              .correction2 = static_cast<float>(1.0 / (1.0 - std::pow(config.beta2, step + 1))),
              .keep = static_cast<float>(std::min(config.ema_decay, (1.0 + step) / (10.0 + step)))};
  team.Run([&](int thread) {
    for (auto p = static_cast<std::size_t>(thread); p < count; p += threads) {
      const FlatParams::Piece& piece = flat.pieces[p];
      if (piece.frozen) continue;
      Rates own = rates;
      if (piece.decay) own.shrink = rates.rate * static_cast<float>(config.weight_decay);
      float* w = flat.values.mutable_data_ptr<float>() + piece.begin;
      loops.update(piece.count, own, sum + piece.begin, w, state.first.mutable_data_ptr<float>() + piece.begin,
                   state.second.mutable_data_ptr<float>() + piece.begin,
                   state.average.mutable_data_ptr<float>() + piece.begin);
      if (piece.rounded) {
        flat.copy.narrow(0, piece.begin, piece.count).copy_(flat.values.narrow(0, piece.begin, piece.count));
      }
    }
  });
  return norm;
}

}  // namespace divla
