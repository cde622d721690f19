// For the tests of the software renderer: small worlds from MJCF, drawn straight through Prepare and a kernel, and rays
// asked of MuJoCo's own ray casting, which shares no code with the renderer.
#pragma once

#include <mujoco/mujoco.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/mj_ptr.h"
#include "sim/render/software/assets.h"
#include "sim/render/software/kernels.h"
#include "sim/render/software/prepare.h"
#include "tests/sim/render/software/all_shapes.h"
#include "tests/support/mujoco_warning_guard.h"

namespace divla::software {

using Point = std::array<double, 3>;  // m, world frame; or a direction

// Row-major, top row first.
struct Picture {
  int height{}, width{};
  std::vector<std::int32_t> color;  // red | green << 8 | blue << 16
  std::vector<float> depth;         // m
  std::vector<std::int32_t> key;
  std::vector<std::int32_t> geom;  // model id, -1: none

  std::size_t At(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
  }
  // Red, green, blue, 0 to 255.
  std::array<int, 3> Color(int row, int column) const;
  bool operator==(const Picture&) const = default;
};

struct Drawing {
  int height{64}, width{64};
  bool shadows{true}, antialias{false};
  InstructionSet set{InstructionSet::kSse4};
};

// A compiled world after mj_forward. Any warning of MuJoCo fails the test while it lives.
class World {
 public:
  // `bodies` goes into <worldbody>, `assets` into <asset>, `visual` into <visual>. The headlight is off unless `visual`
  // says otherwise.
  explicit World(const std::string& bodies, const std::string& assets = "", const std::string& visual = "");
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  mjModel& Model() { return *model_; }
  mjData& Data() { return *data_; }
  // Before anything is drawn: one texel of a texture's bytes, 0 to 255 a channel. Faces of a cube lie one below
  // another.
  void SetTexel(int texture, int row, int column, const std::array<int, 3>& color);
  // Fills `frame` but for its buffers.
  void Prepare(const std::string& camera, const Drawing& how, PreparedFrame& frame);
  // Draws what `frame` holds; `solid` with transparent geoms in depth and key, as in Renderer::DrawFrame.
  static Picture Draw(PreparedFrame& frame, InstructionSet set, bool solid = false);
  Picture Draw(const std::string& camera, const Drawing& how = {});
  const mjvScene& View(const std::string& camera);
  const Assets& GetAssets();

  // Where a pixel looks, from the camera's pose and field of view. `direction` has length 1 along the camera's axis.
  struct Ray {
    Point from, direction;
  };
  Ray PixelRay(const std::string& camera, int height, int width, double row, double column);
  // First geom along a ray, -1 without; `distance` in units of the direction.
  int Cast(const Ray& ray, double* distance = nullptr);

 private:
  MujocoWarningGuard guard_;
  MjModelPtr model_;
  MjDataPtr data_;
  mjvScene view_{};
  std::unique_ptr<Assets> assets_;
};

// Assets: a black texture "t", its bytes as wide and high as asked, and a material "t" that shows it.
std::string BlankTexture(int width, int height, const std::string& more = "");

// Within 2 of 255 in each channel.
void ExpectColor(const std::array<int, 3>& found, const std::array<int, 3>& expected, const std::string& where);

// Those that this processor has, narrowest first.
std::vector<InstructionSet> SupportedSets();

}  // namespace divla::software
