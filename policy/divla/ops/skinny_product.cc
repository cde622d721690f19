#include "policy/divla/ops/skinny_product.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <vector>

#include "policy/divla/ops/kernel/kernels.h"
#include "policy/divla/ops/kernel/numbers.h"
#include "sim/check.h"

namespace divla {
namespace {

// Threads take pieces of about this size one after the other, so a thread that is held up does not hold up the others;
// large enough that taking one and starting to fetch its weights costs nothing beside reading them.
constexpr std::int64_t kPieceBytes = 256 * 1024;
constexpr std::int64_t kPieceOutputs = 144, kOutputGroup = 24;  // at most; a multiple of every tile

std::int64_t BytesOf(NumberType type) { return type == NumberType::kFloat32 ? 4 : 2; }

float LoadNumber(const void* numbers, NumberType type, std::int64_t index) {
  const auto* at = static_cast<const unsigned char*>(numbers) + index * BytesOf(type);
  if (type == NumberType::kFloat32) {
    float number = 0;
    std::memcpy(&number, at, sizeof(number));
    return number;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof(bits));
  return type == NumberType::kFloat16 ? kernel::FloatOfHalf(bits) : kernel::FloatOfBfloat16(bits);
}

// Memory of a thread that stays for its next call, aligned for the widest register.
class Scratch {
 public:
  void* Get(std::int64_t bytes) {
    if (static_cast<std::int64_t>(lines_.size()) * kLine < bytes)
      lines_.resize(static_cast<std::size_t>(bytes / kLine + 1));
    return lines_.data();
  }

 private:
  static constexpr std::int64_t kLine = 64;
  struct alignas(kLine) Line {
    unsigned char bytes[kLine];
  };
  std::vector<Line> lines_;
};

kernel::Format FormatOf(const SkinnyInput& input, const SkinnyWeight& weight, const kernel::Kernels& kernels) {
  switch (weight.weight_type) {
    case NumberType::kFloat32:
      return kernel::kFloat32Weights;
    case NumberType::kFloat16:
      return kernel::kFloat16Weights;
    case NumberType::kBfloat16:
      break;
  }
  const bool dots = input.type == NumberType::kBfloat16 && kernels.multiply[kernel::kBfloat16Dots] != nullptr;
  return dots ? kernel::kBfloat16Dots : kernel::kBfloat16Weights;
}

// x in the order and type that a format reads, each row padded with zeros to `stride` numbers.
void Pack(const SkinnyInput& input, kernel::Format format, const kernel::Kernels& kernels, std::int64_t stride,
          void* packed) {
  if (input.depth == 0) return;
  thread_local std::vector<float> floats;
  for (std::int64_t r = 0; r < input.rows; ++r) {
    const auto* row = static_cast<const unsigned char*>(input.x) + r * input.depth * BytesOf(input.type);
    if (format == kernel::kBfloat16Dots) {
      auto* out = static_cast<std::uint16_t*>(packed) + r * stride;
      std::memcpy(out, row, static_cast<std::size_t>(2 * input.depth));
      std::fill(out + input.depth, out + stride, std::uint16_t{0});
      continue;
    }
    auto* out = static_cast<float*>(packed) + r * stride;
    floats.assign(static_cast<std::size_t>(stride), 0.0F);
    float* plain = format == kernel::kBfloat16Weights ? floats.data() : out;
    if (input.type == NumberType::kFloat32) {
      std::memcpy(plain, row, static_cast<std::size_t>(4 * input.depth));
    } else {
      for (std::int64_t k = 0; k < input.depth; ++k) plain[k] = LoadNumber(row, input.type, k);
    }
    std::fill(plain + input.depth, plain + stride, 0.0F);
    if (format == kernel::kBfloat16Weights) kernels.pack_pairs(plain, stride, out);
  }
}

// One share of the work: some outputs of one weight.
struct Piece {
  std::size_t weight{};
  std::int64_t begin{}, count{};  // outputs
  std::int64_t column{};          // of y, for the first one
};

std::vector<Piece> Divide(std::span<const SkinnyWeight> weights, std::int64_t depth) {
  std::vector<Piece> pieces;
  std::int64_t column = 0;
  for (std::size_t w = 0; w < weights.size(); ++w) {
    const std::int64_t outputs = weights[w].outputs;
    const std::int64_t fitting = kPieceBytes / std::max<std::int64_t>(1, depth * BytesOf(weights[w].weight_type));
    const std::int64_t size = std::clamp(fitting / kOutputGroup * kOutputGroup, kOutputGroup, kPieceOutputs);
    for (std::int64_t begin = 0; begin < outputs; begin += size) {
      pieces.push_back({w, begin, std::min(size, outputs - begin), column + begin});
    }
    column += outputs;
  }
  return pieces;
}

void StorePiece(const SkinnyWeight& weight, const Piece& piece, const float* sums, std::int64_t rows,
                std::int64_t columns, const SkinnyOutput& output) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::int64_t to = r * columns + piece.column;
    for (std::int64_t o = 0; o < piece.count; ++o) {
      float value = sums[r * piece.count + o];
      if (weight.bias != nullptr) value += LoadNumber(weight.bias, weight.bias_type, piece.begin + o);
      if (output.type == NumberType::kFloat32) {
        static_cast<float*>(output.y)[to + o] = value;
      } else {
        static_cast<std::uint16_t*>(output.y)[to + o] = kernel::Bfloat16OfFloat(value);
      }
    }
  }
}

}  // namespace

void MultiplySkinny(const SkinnyInput& input, std::span<const SkinnyWeight> weights, const SkinnyOutput& output) {
  DIVLA_CHECK(input.rows >= 0 && input.depth >= 0, "sizes of a skinny product");
  DIVLA_CHECK(output.type != NumberType::kFloat16, "a skinny product gives float32 or bfloat16");
  const kernel::Kernels& kernels = kernel::KernelsFor(kernel::ChooseInstructionSet());
  const std::int64_t stride = (input.depth + kernel::kPadding - 1) / kernel::kPadding * kernel::kPadding;

  // Usually all weights have one format, and x is packed once.
  thread_local Scratch scratch[kernel::kFormats];
  const void* packed[kernel::kFormats] = {};
  std::vector<kernel::Format> formats;
  std::int64_t columns = 0;
  for (const SkinnyWeight& weight : weights) {
    const kernel::Format format = formats.emplace_back(FormatOf(input, weight, kernels));
    columns += weight.outputs;
    if (packed[format] != nullptr) continue;
    void* memory = scratch[format].Get(input.rows * stride * (format == kernel::kBfloat16Dots ? 2 : 4));
    Pack(input, format, kernels, stride, memory);
    packed[format] = memory;
  }

  const std::vector<Piece> pieces = Divide(weights, input.depth);
  const auto compute = [&](const Piece& piece) {
    const SkinnyWeight& weight = weights[piece.weight];
    thread_local Scratch sums_memory;
    auto* sums = static_cast<float*>(sums_memory.Get(input.rows * piece.count * 4));
    kernel::Job job;
    job.x = packed[formats[piece.weight]];
    job.x_stride = stride;
    job.weight =
        static_cast<const unsigned char*>(weight.weight) + piece.begin * input.depth * BytesOf(weight.weight_type);
    job.rows = input.rows;
    job.outputs = piece.count;
    job.depth = input.depth;
    job.sums = sums;
    job.stride = piece.count;
    kernels.multiply[formats[piece.weight]](job);
    StorePiece(weight, piece, sums, input.rows, columns, output);
  };
  const auto count = static_cast<std::int64_t>(pieces.size());
  std::atomic<std::int64_t> next = 0;
  at::parallel_for(0, std::min<std::int64_t>(at::get_num_threads(), count), 1,
                   [&](std::int64_t begin, std::int64_t end) {
                     // `begin` counts threads. A program that has only one of them calls once, for all.
                     for (; begin < end; ++begin) {
                       for (std::int64_t i = next++; i < count; i = next++)
                         compute(pieces[static_cast<std::size_t>(i)]);
                     }
                   });
}

}  // namespace divla
