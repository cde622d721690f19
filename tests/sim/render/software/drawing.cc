#include "tests/sim/render/software/drawing.h"

#include <cmath>
#include <stdexcept>

#include "sim/render/software/frame_buffers.h"

namespace divla::software {

std::array<int, 3> Picture::Color(int row, int column) const {
  const std::int32_t c = color[At(row, column)];
  return {c & 255, c >> 8 & 255, c >> 16 & 255};
}

World::World(const std::string& bodies, const std::string& assets, const std::string& visual) {
  const std::string off = R"(<headlight ambient="0 0 0" diffuse="0 0 0" specular="0 0 0" active="0"/>)";
  const std::string xml = "<mujoco><visual>" + (visual.find("headlight") == std::string::npos ? off : "") + visual +
                          R"(<map znear="0.01" zfar="50"/></visual><statistic extent="1" center="0 0 0"/><asset>)" +
                          assets + "</asset><worldbody>" + bodies + "</worldbody></mujoco>";
  char error[1000] = "";
  const MjSpecPtr spec(mj_parseXMLString(xml.c_str(), nullptr, error, sizeof error));
  if (spec == nullptr) throw std::runtime_error(error);
  model_.reset(mj_compile(spec.get(), nullptr));
  if (model_ == nullptr) throw std::runtime_error(mjs_getError(spec.get()));
  data_.reset(mj_makeData(model_.get()));
  mj_forward(model_.get(), data_.get());
  mjv_defaultScene(&view_);
  mjv_makeScene(nullptr, &view_, static_cast<int>(model_->ngeom) + 100);
}

World::~World() { mjv_freeScene(&view_); }

const mjvScene& World::View(const std::string& camera) {
  const int id = mj_name2id(model_.get(), mjOBJ_CAMERA, camera.c_str());
  if (id < 0) throw std::runtime_error("no camera " + camera);
  mjvOption option;
  mjv_defaultOption(&option);
  mjvCamera fixed;
  mjv_defaultCamera(&fixed);
  fixed.type = mjCAMERA_FIXED;
  fixed.fixedcamid = id;
  mjv_updateCamera(model_.get(), data_.get(), &fixed, &view_);  // as in SceneView
  mjv_updateScene(model_.get(), data_.get(), &option, nullptr, &fixed, mjCAT_ALL, &view_);
  for (mjvGLCamera& eye : view_.camera) {
    for (int k = 0; k < 3; ++k) eye.pos[k] = static_cast<float>(data_->cam_xpos[3 * id + k]);
  }
  return view_;
}

void World::SetTexel(int texture, int row, int column, const std::array<int, 3>& color) {
  mjtByte* at = model_->tex_data + model_->tex_adr[texture] +
                static_cast<std::ptrdiff_t>(row * model_->tex_width[texture] + column) * model_->tex_nchannel[texture];
  for (std::size_t k = 0; k < 3; ++k) at[k] = static_cast<mjtByte>(color[k]);
}

const Assets& World::GetAssets() {
  if (assets_ == nullptr) assets_ = std::make_unique<Assets>(*model_);
  return *assets_;
}

void World::Prepare(const std::string& camera, const Drawing& how, PreparedFrame& frame) {
  frame.Prepare(*model_, View(camera), GetAssets(), how.height, how.width, how.shadows, how.antialias);
}

Picture World::Draw(PreparedFrame& prepared, InstructionSet set, bool solid) {
  Frame& frame = prepared.Get();
  const auto stride = static_cast<std::size_t>(frame.stride);
  FrameBuffers buffers;
  buffers.Attach(frame);
  const Kernels& kernels = KernelsFor(set);
  kernels.draw_picture(frame);
  if (solid) kernels.add_transparent(frame);
  Picture picture{frame.height, frame.width, {}, {}, {}, {}};
  for (int row = 0; row < frame.height; ++row) {
    for (int column = 0; column < frame.width; ++column) {
      const std::size_t at = static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column);
      picture.color.push_back(frame.color[at]);
      picture.depth.push_back(frame.depth[at]);
      picture.key.push_back(frame.key[at]);
      picture.geom.push_back(frame.key[at] == kSkyKey ? -1 : frame.geoms[frame.key[at] >> kSurfaceBits].model_id);
    }
  }
  return picture;
}

Picture World::Draw(const std::string& camera, const Drawing& how) {
  PreparedFrame frame;
  Prepare(camera, how, frame);
  return Draw(frame, how.set);
}

World::Ray World::PixelRay(const std::string& camera, int height, int width, double row, double column) {
  const int id = mj_name2id(model_.get(), mjOBJ_CAMERA, camera.c_str());
  const double half = std::tan(model_->cam_fovy[id] * mjPI / 360.0);
  const double x = half * (2.0 * column + 1.0 - width) / height, y = half * (height - 2.0 * row - 1.0) / height;
  const mjtNum* axes = data_->cam_xmat + 9 * id;  // columns: right, up, backwards
  Ray ray;
  for (std::size_t k = 0; k < 3; ++k) {
    ray.from[k] = data_->cam_xpos[3 * static_cast<std::size_t>(id) + k];
    ray.direction[k] = axes[3 * k] * x + axes[3 * k + 1] * y - axes[3 * k + 2];
  }
  return ray;
}

int World::Cast(const Ray& ray, double* distance) {
  int geom = -1;
  // mj_ray wants a unit vector for some shapes.
  const double length = mju_norm3(ray.direction.data());
  const Point unit{ray.direction[0] / length, ray.direction[1] / length, ray.direction[2] / length};
  const double d =
      mj_ray(model_.get(), data_.get(), ray.from.data(), unit.data(), nullptr, 1, -1, &geom, nullptr) / length;
  if (distance != nullptr) *distance = d;
  return geom;
}

std::string BlankTexture(int width, int height, const std::string& more) {
  return "<texture name='t' type='2d' builtin='flat' rgb1='0 0 0' rgb2='0 0 0' width='" + std::to_string(width) +
         "' height='" + std::to_string(height) + "' " + more + "/><material name='t' texture='t'/>";
}

void ExpectColor(const std::array<int, 3>& found, const std::array<int, 3>& expected, const std::string& where) {
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(found[k], expected[k], 2) << where << " channel " << k;
}

std::vector<InstructionSet> SupportedSets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set : {InstructionSet::kSse4, InstructionSet::kAvx2, InstructionSet::kAvx512}) {
    if (IsSupported(set)) sets.push_back(set);
  }
  return sets;
}

}  // namespace divla::software
