// Catalogue objects as MuJoCo bodies.
#include <cmath>
#include <numbers>

#include "tasks/catalogue.h"

namespace divla {
namespace {

mjtGeom GeomType(const std::string& type) {
  if (type == "sphere") return mjGEOM_SPHERE;
  if (type == "capsule") return mjGEOM_CAPSULE;
  if (type == "cylinder") return mjGEOM_CYLINDER;
  if (type == "ellipsoid") return mjGEOM_ELLIPSOID;
  return mjGEOM_BOX;
}

}  // namespace

void AddObject(SceneBuilder& builder, const ObjectInfo& object, const std::string& body_name,
               const std::array<double, 3>& position, double yaw) {
  mjsBody* body = mjs_addBody(builder.World(), nullptr);
  mjs_setName(body->element, body_name.c_str());
  for (std::size_t i = 0; i < 3; ++i) body->pos[i] = position[i];
  body->quat[0] = std::cos(yaw / 2);
  body->quat[3] = std::sin(yaw / 2);
  if (!object.fixed) {
    mjsJoint* joint = mjs_addFreeJoint(body);
    mjs_setName(joint->element, (body_name + "_joint").c_str());
  }
  int solid = 0;
  for (const ObjectGeom& geom : object.geoms) solid += geom.visual ? 0 : 1;
  for (const ObjectGeom& info : object.geoms) {
    mjsGeom* geom = mjs_addGeom(body, nullptr);
    geom->type = GeomType(info.type);
    for (std::size_t i = 0; i < info.size.size(); ++i) geom->size[i] = info.size[i];
    for (std::size_t i = 0; i < 3; ++i) geom->pos[i] = info.position[i];
    geom->alt.type = mjORIENTATION_EULER;
    // Angles set through MjSpec are in radians whatever the file's compiler says.
    for (std::size_t i = 0; i < 3; ++i) geom->alt.euler[i] = info.euler[i] * std::numbers::pi / 180.0;
    if (info.fromto) {
      geom->alt.type = mjORIENTATION_QUAT;
      for (std::size_t i = 0; i < 6; ++i) geom->fromto[i] = (*info.fromto)[i];
    }
    for (std::size_t i = 0; i < 4; ++i) geom->rgba[i] = info.rgba[i];
    if (info.visual) {
      geom->contype = 0;
      geom->conaffinity = 0;
      geom->mass = 0;
      geom->group = 2;
    } else {
      geom->mass = object.mass / solid;
      geom->condim = 4;
      geom->friction[0] = 1.0;
      geom->friction[1] = 0.02;
      geom->friction[2] = 0.001;
      if (info.hidden) geom->group = 3;  // where the robots keep what collides and is not drawn
    }
  }
}

}  // namespace divla
