#include "sim/looks/robot_looks.h"

#include <cstddef>
#include <utility>

#include "sim/check.h"

namespace divla {
namespace {

constexpr double kHousing = 0.05;  // m, from a camera to the middle of what carries it

bool NearCamera(const mjModel& model, int geom) {
  for (int camera = 0; camera < model.ncam; ++camera) {
    if (model.cam_bodyid[camera] != model.geom_bodyid[geom]) continue;
    if (mju_dist3(model.cam_pos + 3 * camera, model.geom_pos + 3 * geom) < kHousing) return true;
  }
  return false;
}

}  // namespace

SceneLooks::SceneLooks(std::shared_ptr<const RobotLooks> looks, const mjModel& model)
    : looks_(std::move(looks)),
      replaced_(static_cast<std::size_t>(model.ngeom)),
      body_of_(model.geom_bodyid, model.geom_bodyid + model.ngeom),
      first_mesh_(static_cast<int>(model.nmesh)) {
  std::vector<char> dressed(static_cast<std::size_t>(model.nbody));
  for (const LooksGeom& geom : looks_->geoms) {
    const int body = mj_name2id(&model, mjOBJ_BODY, geom.body.c_str());
    if (body < 0) {
      throw InputError("looks of " + looks_->robot + ": expected a body '" + geom.body + "' in the scene, found none");
    }
    bodies_.push_back(body);
    dressed[static_cast<std::size_t>(body)] = 1;
  }
  for (int geom = 0; geom < static_cast<int>(model.ngeom); ++geom) {
    const bool visual = model.geom_contype[geom] == 0 && model.geom_conaffinity[geom] == 0;
    const bool worn = dressed[static_cast<std::size_t>(model.geom_bodyid[geom])] != 0;
    replaced_[static_cast<std::size_t>(geom)] = visual && worn && !NearCamera(model, geom) ? 1 : 0;
  }
}

void SceneLooks::Dress(const mjData& data, mjvScene& view) const {
  // The first geom seen of a body stands for all of it: its ids, category and shadow.
  std::vector<std::pair<int, mjvGeom>> stands_for;
  int kept = 0;
  for (int i = 0; i < view.ngeom; ++i) {
    const mjvGeom& geom = view.geoms[i];
    if (geom.objtype != mjOBJ_GEOM || !Replaces(geom.objid)) {
      if (kept != i) view.geoms[kept] = geom;
      ++kept;
      continue;
    }
    const int body = body_of_[static_cast<std::size_t>(geom.objid)];
    if (stands_for.empty() || stands_for.back().first != body) stands_for.emplace_back(body, geom);
  }
  view.ngeom = kept;
  for (std::size_t i = 0; i < bodies_.size(); ++i) {
    const LooksGeom& look = looks_->geoms[i];
    const mjvGeom* stand = nullptr;
    for (const auto& [body, geom] : stands_for) {
      if (body == bodies_[i]) stand = &geom;
    }
    if (stand == nullptr) continue;
    DIVLA_CHECK(view.ngeom < view.maxgeom, "the view has room for the looks");
    mjvGeom& drawn = view.geoms[view.ngeom++];
    drawn = look.shown;
    if (drawn.dataid >= 0) drawn.dataid += 2 * first_mesh_;
    drawn.matid = drawn.texid = -1;
    drawn.objtype = stand->objtype;
    drawn.objid = stand->objid;
    drawn.category = stand->category;
    drawn.segid = stand->segid;
    drawn.castshadow = stand->castshadow;
    const mjtNum* turn = data.xmat + 9 * bodies_[i];
    mjtNum position[3], rotation[9];
    mju_mulMatVec3(position, turn, look.position);
    mju_addTo3(position, data.xpos + 3 * bodies_[i]);
    mju_mulMatMat(rotation, turn, look.rotation, 3, 3, 3);
    for (int k = 0; k < 3; ++k) drawn.pos[k] = static_cast<float>(position[k]);
    for (int k = 0; k < 9; ++k) drawn.mat[k] = static_cast<float>(rotation[k]);
  }
}

}  // namespace divla
