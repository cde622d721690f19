// Bicubic resizing that equals Pillow's, bit for bit, because the published preprocessing of Qwen2-VL and SigLIP is
// Pillow's (checked against Pillow 13). LibTorch's own resizing rounds elsewhere.
#pragma once

#include "policy/divla/images/smart_resize.h"
#include "sim/image.h"

namespace divla {

// Catmull-Rom cubic (a = -0.5; Keys 1981), antialiased: when shrinking, the kernel is stretched by the scale. Two
// passes, along rows and along columns; each has weights in fixed point with 22 bits and rounds and clips to 8 bits; a
// pass that does not change the size is left out. Rows come first, but columns do where the height shrinks by more than
// twice what the width shrinks by, in pixels (a width that grows shrinks by less than nothing). That order is Pillow
// 13's, found by comparing with it on 2,146 random sizes; versions that always take rows first differ there by some
// values. Sizes >= 1 (DIVLA_CHECK). Pure and thread-safe.
Image ResizeBicubic(const Image& image, ImageSize size);

}  // namespace divla
