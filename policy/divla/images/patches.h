// From pictures to what the vision towers read: float32 numbers, in Hugging Face's order. Each number is rounded as the
// Pillow-and-numpy processors of transformers round it (Qwen2VLImageProcessorPil; `slow` in version 4): v * factor in
// double precision, rounded to float32, then minus the mean and over the deviation in float32. The torchvision ones
// ("fast") fold the factor into mean and deviation and differ in the last bits; their resize differs, too.
#pragma once

#include <span>
#include <vector>

#include "policy/divla/images/image_config.h"
#include "policy/divla/images/smart_resize.h"
#include "sim/image.h"

namespace divla {

// One picture in Qwen2-VL's patches.
struct ImagePatches {
  int grid_height{};  // patches, before merging
  int grid_width{};
  int row_size{};             // numbers of a patch: 3 * temporal_patch_size * patch_size^2, 1176 as published
  std::vector<float> values;  // (grid_height * grid_width, row_size)
};

// The size of the picture when patches are cut, and so the grid: size / patch_size. Throws InputError as SmartResize
// does, and where do_resize is false and a side is no multiple of patch_size * merge_size.
ImageSize PatchedSize(ImageSize image, const ImageConfig& config);

// Rows in Qwen2-VL's order: blocks of merge_size x merge_size patches row-major, the patches of a block row-major; in a
// patch channel, time, row, column, with a still picture standing for all times. Errors as PatchedSize. Thread-safe.
ImagePatches MakePatches(const Image& image, const ImageConfig& config);
// The same into memory of the caller, who has asked PatchedSize for its size (DIVLA_CHECK).
void WritePatches(const Image& image, const ImageConfig& config, std::span<float> values);

// SigLIP: (3, side, side), red plane first; the picture is resized to a square without keeping its aspect. Throws
// InputError where do_resize is false and the picture has another size. `planes` has 3 * side^2 numbers (DIVLA_CHECK).
void WritePlanes(const Image& image, const ImageConfig& config, std::span<float> planes);
std::vector<float> MakePlanes(const Image& image, const ImageConfig& config);

}  // namespace divla
