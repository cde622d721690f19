#include "sim/render/scene_view.h"

#include <span>
#include <utility>

#include "sim/check.h"
#include "sim/hash.h"

namespace divla {
namespace {

constexpr int kSpareGeoms = 1000;  // room for what is no model geom: sites, tendon segments, decoration

// What is drawn must mean the same to both renderers, so effects that only OpenGL has are off.
void SetFlags(mjvScene& view) {
  view.flags[mjRND_REFLECTION] = 0;
  view.flags[mjRND_HAZE] = 0;
  view.flags[mjRND_FOG] = 0;
}

// Adds one field at a time: structs of MuJoCo hold padding and text that say nothing about a picture.
class FieldHasher {
 public:
  template <class Number>
  void Add(Number number) {
    static_assert(std::is_arithmetic_v<Number>);
    hasher_.Add(&number, sizeof number);
  }
  template <class Number, std::size_t count>
  void Add(const Number (&numbers)[count]) {
    hasher_.Add(std::span<const Number>(numbers));
  }
  std::string Hex() const { return hasher_.Hex(); }

 private:
  Hasher hasher_;
};

// camdist and transparent are left out: a renderer works them out from the rest.
void AddGeom(const mjvGeom& geom, FieldHasher& hash) {
  for (const int number : {geom.type, geom.dataid, geom.objtype, geom.objid, geom.category, geom.matid, geom.texid,
                           geom.texuniform, geom.texcoord, geom.segid}) {
    hash.Add(number);
  }
  hash.Add(geom.size);
  hash.Add(geom.pos);
  hash.Add(geom.mat);
  hash.Add(geom.rgba);
  hash.Add(geom.emission);
  hash.Add(geom.specular);
  hash.Add(geom.shininess);
  hash.Add(geom.reflectance);
  hash.Add(geom.texrepeat);
  hash.Add(geom.castshadow);
  hash.Add(geom.modelrbound);  // transparent geoms are sorted by it
}

void AddLight(const mjvLight& light, FieldHasher& hash) {
  hash.Add(light.id);
  hash.Add(light.pos);
  hash.Add(light.dir);
  hash.Add(light.type);
  hash.Add(light.texid);
  hash.Add(light.attenuation);
  hash.Add(light.cutoff);
  hash.Add(light.exponent);
  hash.Add(light.ambient);
  hash.Add(light.diffuse);
  hash.Add(light.specular);
  hash.Add(light.headlight);
  hash.Add(light.castshadow);
  hash.Add(light.bulbradius);
  hash.Add(light.intensity);
  hash.Add(light.range);
  hash.Add(light.softness);
}

void AddCamera(const mjvGLCamera& camera, FieldHasher& hash) {
  hash.Add(camera.pos);
  hash.Add(camera.forward);
  hash.Add(camera.up);
  // frustum_width is "not used for rendering" (mjvisualize.h).
  hash.Add(camera.frustum_center);
  hash.Add(camera.frustum_bottom);
  hash.Add(camera.frustum_top);
  hash.Add(camera.frustum_near);
  hash.Add(camera.frustum_far);
  hash.Add(camera.orthographic);
}

}  // namespace

SceneView::SceneView() {
  mjv_defaultScene(&view_);
  SetFlags(view_);
}

SceneView::~SceneView() { mjv_freeScene(&view_); }

SceneView::SceneView(SceneView&& other) noexcept : SceneView() { std::swap(view_, other.view_); }

SceneView& SceneView::operator=(SceneView&& other) noexcept {
  std::swap(view_, other.view_);
  return *this;
}

const mjvScene& SceneView::Update(const Scene& scene, int camera_id) {
  const mjModel& model = scene.Model();
  DIVLA_CHECK(camera_id >= 0 && camera_id < model.ncam, "a camera of the scene");
  DIVLA_CHECK(model.nflex == 0 && model.nskin == 0, "soft bodies have no room in the view");
  const int worn = scene.Looks() != nullptr ? scene.Looks()->Room() : 0;
  const int room = static_cast<int>(model.ngeom + model.nsite) + kSpareGeoms + worn;
  if (view_.maxgeom < room) {
    mjv_freeScene(&view_);
    mjv_makeScene(nullptr, &view_, room);
    SetFlags(view_);
  }
  mjvOption option;
  mjv_defaultOption(&option);
  mjvCamera camera;
  mjv_defaultCamera(&camera);
  camera.type = mjCAMERA_FIXED;
  camera.fixedcamid = camera_id;
  // mjv_updateScene lays an endless plane around the camera that the view had before: without this a picture would
  // depend on the picture drawn before it.
  mjv_updateCamera(&model, &scene.Data(), &camera, &view_);
  // mjv_updateScene only reads the data it is given, but is not declared so.
  mjv_updateScene(&model, const_cast<mjData*>(&scene.Data()), &option, nullptr, &camera, mjCAT_ALL, &view_);
  DIVLA_CHECK(view_.status == 0, "every geom found room in the view");
  if (scene.Looks() != nullptr) scene.Looks()->Dress(scene.Data(), view_);
  // MuJoCo sets the eyes of a stereo pair apart (cam_ipd, 6.8 cm by default) and draws a mono picture from the middle.
  for (mjvGLCamera& eye : view_.camera) {
    for (int axis = 0; axis < 3; ++axis) {
      eye.pos[axis] = static_cast<float>(scene.Data().cam_xpos[3 * camera_id + axis]);
    }
  }
  return view_;
}

std::string HashView(const mjvScene& view) {
  FieldHasher hash;
  hash.Add(view.ngeom);
  for (int i = 0; i < view.ngeom; ++i) AddGeom(view.geoms[i], hash);
  hash.Add(view.nlight);
  for (int i = 0; i < view.nlight; ++i) AddLight(view.lights[i], hash);
  AddCamera(view.camera[0], hash);
  for (const int flag : {mjRND_SHADOW, mjRND_WIREFRAME, mjRND_REFLECTION, mjRND_ADDITIVE, mjRND_SKYBOX, mjRND_FOG,
                         mjRND_HAZE, mjRND_CULL_FACE}) {
    hash.Add(view.flags[flag]);
  }
  return hash.Hex();
}

}  // namespace divla
