#include "tasks/variation/apply.h"

namespace divla {
namespace {

void ScaleFriction(double factor, mjSpec* spec) {
  for (mjsElement* element = mjs_firstElement(spec, mjOBJ_GEOM); element != nullptr;
       element = mjs_nextElement(spec, element)) {
    mjs_asGeom(element)->friction[0] *= factor;
  }
}

void ScaleMass(const EpisodePlan& plan, double factor, mjSpec* spec) {
  for (const ObjectPlacement& placement : plan.objects) {
    mjsBody* body = mjs_findBody(spec, placement.body.c_str());
    for (mjsElement* element = mjs_firstChild(body, mjOBJ_GEOM, 0); element != nullptr;
         element = mjs_nextChild(body, element, 0)) {
      mjs_asGeom(element)->mass *= factor;
    }
  }
}

}  // namespace

void ApplyVariation(const EpisodePlan& plan, SceneBuilder& builder) {
  const Variation& variation = plan.variation;
  mjSpec* spec = builder.Spec();
  if (variation.view != ViewChange{}) ApplyView(variation.view, spec);
  if (variation.light != LightChange{}) ApplyLight(variation.light, spec);
  if (variation.surroundings) ApplySurroundings(*variation.surroundings, spec);
  for (const auto& [body, look] : variation.looks) ApplyLook(body, look, spec);
  if (variation.plinth != 0) builder.RaiseRobot(variation.plinth);
  if (variation.friction != 1) ScaleFriction(variation.friction, spec);
  if (variation.mass != 1) ScaleMass(plan, variation.mass, spec);
}

}  // namespace divla
