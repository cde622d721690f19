// Textures: MuJoCo's bytes become 10 bits a channel in linear light, with a mip chain by averaging two by two.
#include <algorithm>
#include <array>
#include <cstddef>

#include "sim/check.h"
#include "sim/render/software/assets.h"

namespace divla::software {
namespace {

// round(1023 x) of the sRGB decoding (IEC 61966-2-1) of v / 255: (v <= 0.04045 ? v / 12.92 : ((v + 0.055)
// / 1.055)^2.4). A table, so that no power function decides a pixel.
constexpr std::array<std::int16_t, 256> kSrgb = {
    0,   0,   1,   1,   1,   2,   2,   2,   2,   3,   3,   3,    4,    4,   4,   5,   5,   6,   6,   7,   7,   8,
    8,   9,   9,   10,  11,  11,  12,  13,  13,  14,  15,  16,   16,   17,  18,  19,  20,  21,  22,  23,  24,  25,
    26,  27,  28,  29,  30,  31,  33,  34,  35,  36,  38,  39,   40,   42,  43,  45,  46,  48,  49,  51,  52,  54,
    56,  57,  59,  61,  63,  64,  66,  68,  70,  72,  74,  76,   78,   80,  82,  84,  86,  88,  91,  93,  95,  97,
    100, 102, 105, 107, 109, 112, 115, 117, 120, 122, 125, 128,  130,  133, 136, 139, 142, 145, 147, 150, 153, 156,
    160, 163, 166, 169, 172, 175, 179, 182, 185, 189, 192, 196,  199,  203, 206, 210, 213, 217, 221, 225, 228, 232,
    236, 240, 244, 248, 252, 256, 260, 264, 268, 272, 277, 281,  285,  290, 294, 298, 303, 307, 312, 317, 321, 326,
    331, 335, 340, 345, 350, 355, 360, 365, 370, 375, 380, 385,  390,  395, 401, 406, 411, 417, 422, 427, 433, 439,
    444, 450, 455, 461, 467, 473, 479, 484, 490, 496, 502, 508,  514,  521, 527, 533, 539, 546, 552, 558, 565, 571,
    578, 584, 591, 598, 604, 611, 618, 625, 631, 638, 645, 652,  659,  666, 674, 681, 688, 695, 702, 710, 717, 725,
    732, 740, 747, 755, 763, 770, 778, 786, 794, 802, 809, 817,  826,  834, 842, 850, 858, 866, 875, 883, 891, 900,
    908, 917, 925, 934, 943, 952, 960, 969, 978, 987, 996, 1005, 1014, 1023};

// The mean of four texels, each channel rounded to nearest. Red and blue are summed with room between them, green
// apart.
std::int32_t MeanOf(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  constexpr std::uint32_t kRedBlue = 1023u | 1023u << 20, kGreen = 1023u << 10;
  constexpr std::uint32_t kHalfRedBlue = 2u | 2u << 20, kHalfGreen = 2u << 10;
  const std::uint32_t red_blue = (a & kRedBlue) + (b & kRedBlue) + (c & kRedBlue) + (d & kRedBlue) + kHalfRedBlue;
  const std::uint32_t green = (a & kGreen) + (b & kGreen) + (c & kGreen) + (d & kGreen) + kHalfGreen;
  return static_cast<std::int32_t>((red_blue >> 2 & kRedBlue) | (green >> 2 & kGreen));
}

// One level of a picture, or of a face, with its border.
struct Level {
  std::int32_t* first;  // texel within the border
  int width, height;

  std::int32_t& At(int y, int x) const { return first[static_cast<std::ptrdiff_t>(y) * (width + 2) + x]; }
};

// One picture is made for each scene, so the inner loops run along rows without a bound to check.
void Halve(const Level& from, const Level& to) {
  const int whole = std::min(to.width, from.width / 2);  // columns with two columns above them
  for (int y = 0; y < to.height; ++y) {
    const std::int32_t* upper = &from.At(std::min(2 * y, from.height - 1), 0);
    const std::int32_t* lower = &from.At(std::min(2 * y + 1, from.height - 1), 0);
    std::int32_t* out = &to.At(y, 0);
    const auto mean = [&](int x, int x0, int x1) {
      out[x] = MeanOf(static_cast<std::uint32_t>(upper[x0]), static_cast<std::uint32_t>(upper[x1]),
                      static_cast<std::uint32_t>(lower[x0]), static_cast<std::uint32_t>(lower[x1]));
    };
    for (int x = 0; x < whole; ++x) mean(x, 2 * x, 2 * x + 1);
    for (int x = whole; x < to.width; ++x) mean(x, std::min(2 * x, from.width - 1), from.width - 1);
  }
}

void AddBorder(const Level& level, bool repeat) {
  const int right = level.width - 1, bottom = level.height - 1;
  for (int y = 0; y <= bottom; ++y) {
    level.At(y, -1) = level.At(y, repeat ? right : 0);
    level.At(y, right + 1) = level.At(y, repeat ? 0 : right);
  }
  for (int x = -1; x <= right + 1; ++x) {
    level.At(-1, x) = level.At(repeat ? bottom : 0, x);
    level.At(bottom + 1, x) = level.At(repeat ? 0 : bottom, x);
  }
}

// 10 bits for each byte.
std::array<std::int32_t, 256> Decoding(bool srgb) {
  std::array<std::int32_t, 256> table{};
  for (std::size_t v = 0; v < table.size(); ++v) {
    table[v] = srgb ? kSrgb[v] : (static_cast<std::int32_t>(v) * 1023 + 127) / 255;
  }
  return table;
}

}  // namespace

Texture MakeTexture(const mjModel& model, int id, std::vector<std::int32_t>& texels) {
  Texture texture{};
  const int faces = model.tex_type[id] == mjTEXTURE_2D ? 1 : 6;
  const int width = model.tex_width[id];
  // A cube whose six sides are the same is stored as one.
  const int stored = faces == 6 && model.tex_height[id] == width ? 1 : faces;
  const int height = model.tex_height[id] / stored, channels = model.tex_nchannel[id];
  DIVLA_CHECK(width > 0 && height > 0 && channels >= 1, "a texture of the model has no pixels");
  const auto decoding = Decoding(model.tex_colorspace[id] == mjCOLORSPACE_SRGB);
  const int green = channels >= 3 ? 1 : 0, blue = channels >= 3 ? 2 : 0;  // else grey
  const mjtByte* bytes = model.tex_data + model.tex_adr[id];
  const int face_size = width * height;

  int total = 0;
  for (int w = width, h = height; texture.levels < kMaxMipLevels; w = std::max(1, w / 2), h = std::max(1, h / 2)) {
    texture.width[texture.levels] = w;
    texture.height[texture.levels] = h;
    texture.offset[texture.levels++] = total;
    total += faces * (w + 2) * (h + 2);
    if (w == 1 && h == 1) break;
  }
  texels.resize(static_cast<std::size_t>(total));
  for (int face = 0; face < faces; ++face) {
    const mjtByte* source = bytes + static_cast<std::ptrdiff_t>(stored == 1 ? 0 : face) * face_size * channels;
    const auto level = [&](int l) {
      const int w = texture.width[l], h = texture.height[l];
      return Level{texels.data() + texture.offset[l] + face * (w + 2) * (h + 2) + w + 3, w, h};
    };
    for (int y = 0; y < height; ++y) {
      std::int32_t* texel = &level(0).At(y, 0);
      for (int x = 0; x < width; ++x, source += channels) {
        texel[x] = decoding[source[0]] | decoding[source[green]] << 10 | decoding[source[blue]] << 20;
      }
    }
    for (int l = 1; l < texture.levels; ++l) Halve(level(l - 1), level(l));
    for (int l = 0; l < texture.levels; ++l) AddBorder(level(l), faces == 1);
  }
  texture.texels = texels.data();
  return texture;
}

}  // namespace divla::software
