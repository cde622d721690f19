#include "sim/render/renderer.h"

#include "sim/check.h"
#include "sim/looks/menagerie.h"

namespace divla {

const char* ToString(RendererKind kind) {
  switch (kind) {
    case RendererKind::kSoftware:
      return "software";
    case RendererKind::kGl:
      return "gl";
  }
  DIVLA_CHECK(false, "a renderer kind");
}

RendererKind ParseRendererKind(std::string_view name) {
  for (const RendererKind kind : {RendererKind::kSoftware, RendererKind::kGl}) {
    if (name == ToString(kind)) return kind;
  }
  throw InputError("renderer: expected software or gl, found '" + std::string(name) + "'");
}

std::unique_ptr<Renderer> MakeRenderer(RendererKind kind, const RenderOptions& options) {
  return kind == RendererKind::kSoftware ? MakeSoftwareRenderer(options) : MakeGlRenderer(options);
}

std::string WithLooks(const std::string& description) {
  const std::string looks = LooksInUseName();
  return looks.empty() ? description : description + ", " + looks;
}

Image Renderer::Render(const Scene& scene, int camera_id, int height, int width) {
  return Draw(scene, view_.Update(scene, camera_id), height, width);
}

}  // namespace divla
