// How far two pictures of one size are apart. Pure functions, thread-safe.
#pragma once

#include "sim/image.h"

namespace divla {

struct PictureDifference {
  double psnr{};           // dB, 10 log10(255^2 / mean squared error) over all channels; kEqualPsnr for equal pictures
  double mean_absolute{};  // of all channels, 0 to 255
  double share_over_8{};   // of the pixels: those with a channel that differs by more than 8
};

// Stands for infinity, so that tables and JSON hold a number; no two different pictures of 8 bits and under 10^7 pixels
// come near it.
inline constexpr double kEqualPsnr = 200.0;

// The pictures have one size, at least 1x1 (DIVLA_CHECK).
PictureDifference ComparePictures(const Image& a, const Image& b);

// 4 x the absolute difference of each channel, cut at 255: black where the pictures agree.
Image DifferencePicture(const Image& a, const Image& b);

}  // namespace divla
