#include "tests/sim/render/software/drawing.h"

#include <cmath>
#include <stdexcept>

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
  const std::size_t pixels = stride * static_cast<std::size_t>(frame.height);
  std::vector<float> depth(pixels);
  std::vector<std::int32_t> key(pixels + 2), triangle(pixels), color(pixels), edges(2 * pixels);
  frame.depth = depth.data();
  frame.key = key.data() + 1;
  frame.triangle = triangle.data();
  frame.color = color.data();
  frame.edges = edges.data();
  const Kernels& kernels = KernelsFor(set);
  kernels.draw_picture(frame);
  if (solid) kernels.add_transparent(frame);
  Picture picture{frame.height, frame.width, {}, {}, {}, {}};
  for (int row = 0; row < frame.height; ++row) {
    for (int column = 0; column < frame.width; ++column) {
      const std::size_t at = static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column);
      picture.color.push_back(color[at]);
      picture.depth.push_back(depth[at]);
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

std::string AllShapesAssets() {
  return R"(<texture name="fade" type="2d" builtin="gradient" rgb1="1 .9 .1" rgb2=".1 .2 .8" width="64" height="48"/>
<texture name="check" type="2d" builtin="checker" rgb1=".9 .3 .2" rgb2=".2 .4 .9" width="100" height="60"/>
<texture name="cube" type="cube" builtin="checker" rgb1=".9 .9 .2" rgb2=".2 .6 .3" width="64" height="64" mark="edge" markrgb="0 0 0"/>
<texture name="sky" type="skybox" builtin="gradient" rgb1=".4 .6 .9" rgb2=".1 .1 .2" width="32" height="32" mark="random" random=".05" markrgb="1 1 1"/>
<texture name="srgb" type="2d" builtin="gradient" rgb1="1 1 1" rgb2="0 0 0" width="64" height="64" colorspace="sRGB"/>
<material name="fade" texture="fade"/><material name="check" texture="check" texrepeat="3 2"/>
<material name="even" texture="check" texuniform="true" texrepeat="4 4"/>
<material name="cube" texture="cube"/><material name="cube_even" texture="cube" texuniform="true"/>
<material name="srgb" texture="srgb"/><material name="glass" rgba=".2 .5 .9 .4"/>
<material name="shiny" rgba=".7 .2 .2 1" specular=".9" shininess=".8"/>
<material name="glow" rgba=".2 .8 .3 1" emission=".6"/>
<mesh name="bowl" builtin="supersphere" params="24 .7 .7" scale=".12 .12 .12"/>
<mesh name="ring" builtin="supertorus" params="32 .4 1 1" scale=".15 .15 .15"/>
<mesh name="wedge" vertex="0 0 0 .3 0 0 0 .2 0 0 0 .25" texcoord="0 0 1 0 0 1 1 1" face="0 2 1 0 1 3 0 3 2 1 2 3"/>)";
}

std::string AllShapesBodies() {
  return R"(
<light name="spot" pos=".6 -.8 1.6" dir="-.3 .45 -1" cutoff="40" exponent="6" diffuse=".6 .6 .55" castshadow="true"/>
<light name="sun" type="directional" pos="-1.5 -.6 3" dir=".5 .2 -1" diffuse=".3 .3 .35" specular=".3 .3 .3" castshadow="true"/>
<light name="fill" pos="-1 1 1" dir="1 -1 -1" diffuse=".2 .1 .1" castshadow="false" attenuation="1 .2 .1"/>
<geom type="plane" size="0 0 1" material="check"/>
<geom type="box" size=".12 .1 .08" pos="-.5 -.3 .1" euler="10 5 30" material="fade"/>
<geom type="sphere" size=".1" pos="-.2 -.35 .12" material="fade"/>
<geom type="capsule" size=".06 .1" pos=".05 -.35 .2" euler="20 0 0" material="fade"/>
<geom type="cylinder" size=".08 .1" pos=".3 -.35 .14" euler="20 10 0" material="fade"/>
<geom type="ellipsoid" size=".1 .06 .08" pos=".55 -.3 .1" material="fade"/>
<geom type="box" size=".12 .1 .08" pos="-.5 0 .1" euler="10 5 30" material="even"/>
<geom type="sphere" size=".1" pos="-.2 -.05 .12" material="cube"/>
<geom type="capsule" size=".06 .1" pos=".05 -.05 .2" euler="20 0 0" material="cube"/>
<geom type="cylinder" size=".08 .1" pos=".3 -.05 .14" euler="20 10 0" material="cube_even"/>
<geom type="ellipsoid" size=".1 .06 .08" pos=".55 0 .1" material="cube"/>
<geom type="box" size=".1 .1 .1" pos="-.5 .3 .12" material="srgb"/>
<geom type="mesh" mesh="bowl" pos="-.2 .3 .2" material="shiny"/>
<geom type="mesh" mesh="wedge" pos=".1 .3 .1" material="fade"/>
<geom type="sphere" size=".1" pos=".35 .3 .12" material="glass"/>
<geom type="box" size=".05 .1 .1" pos=".45 .2 .12" material="glass"/>
<geom type="cylinder" size=".05 .12" pos=".6 .35 .12" material="glow"/>
<geom type="mesh" mesh="ring" pos="0 .7 .3" euler="40 20 0" material="check"/>
<camera name="front" pos="0 -1.5 1.1" xyaxes="1 0 0 0 .6 .8" fovy="50"/>
<camera name="side" pos="1.1 .9 .7" xyaxes="-.63 .77 0 -.3 -.25 .9" fovy="60"/>
<camera name="low" pos="-.9 -.9 .25" xyaxes=".7 -.7 0 .1 .1 1" fovy="70"/>
<camera name="away" pos="4 -10 5.5" xyaxes=".93 .37 0 -.16 .41 .9" fovy="7"/>)";
}

}  // namespace divla::software
