// How a checkpoint wants its pictures: Hugging Face's preprocessor_config.json, or the part "image_processor" of
// processor_config.json, which transformers 5 writes with a whole processor and prefers where both are there.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace divla {

struct ImageConfig {
  bool do_resize{true};
  bool do_rescale{true};    // v * rescale_factor
  bool do_normalize{true};  // (v - mean) / std
  double rescale_factor{1.0 / 255.0};
  std::array<double, 3> mean{};  // red, green, blue; after rescaling
  std::array<double, 3> std{};   // > 0

  // Qwen2-VL only.
  std::int64_t min_pixels{56 * 56};
  std::int64_t max_pixels{28 * 28 * 1280};
  int patch_size{14};  // pixels a side
  int temporal_patch_size{2};
  int merge_size{2};  // patches a side that become one token

  // SigLIP only: pictures become squares of this side, whatever their aspect.
  int side{};  // pixels
};

// What a key or a file that is missing, or null, stands for: the defaults of the classes Qwen2VLImageProcessor and
// SiglipImageProcessor (mean and deviation of CLIP, and 0.5).
ImageConfig DefaultQwen2VlImages();
ImageConfig DefaultSiglipImages(int side);

// `folder` is the checkpoint's. Limits stand as min_pixels and max_pixels (these win), or as size.shortest_edge and
// size.longest_edge, or as size.min_pixels and size.max_pixels. Keys that do not change the numbers are ignored. Throws
// InputError for what is wrong or not done here: a resample other than 3 (bicubic), do_pad, do_center_crop, and for
// SigLIP a size other than the `side` of the network (its config.json's image_size).
ImageConfig ReadQwen2VlImages(const std::string& folder);
ImageConfig ReadSiglipImages(const std::string& folder, int side);

}  // namespace divla
