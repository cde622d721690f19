#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>

#include "viewer/panels/panels.h"

namespace divla {
namespace {

// A place as a ring with a cross hair, dark outside so that it is seen on any picture.
void Mark(ImDrawList& draw, ImVec2 at, ImU32 colour, const Theme& theme) {
  const float radius = theme.Px(8);
  draw.AddCircle(at, radius, IM_COL32(0, 0, 0, 200), 0, theme.Px(4));
  draw.AddCircle(at, radius, colour, 0, theme.Px(2));
  draw.AddLine({at.x - radius * 1.5F, at.y}, {at.x - radius * 0.5F, at.y}, colour, theme.Px(2));
  draw.AddLine({at.x + radius * 0.5F, at.y}, {at.x + radius * 1.5F, at.y}, colour, theme.Px(2));
  draw.AddLine({at.x, at.y - radius * 1.5F}, {at.x, at.y - radius * 0.5F}, colour, theme.Px(2));
  draw.AddLine({at.x, at.y + radius * 0.5F}, {at.x, at.y + radius * 1.5F}, colour, theme.Px(2));
}

}  // namespace

void CameraPanes(GuiContext& gui) {
  const Theme& theme = gui.theme;
  const StepView& now = gui.director.At(gui.ui.focus);
  if (!now.pictures || now.pictures->images.empty()) {
    Heading("CAMERAS: nothing was drawn", theme);
    return;
  }
  const QueryView* query = now.query.get();
  const auto& images = now.pictures->images;
  Heading(
      fmt::format("{} at step {}", now.pictures->given ? "WHAT THE POLICY GOT" : "CAMERAS (the policy looks at none)",
                  now.pictures->step)
          .c_str(),
      theme);
  const auto count = static_cast<float>(images.size());
  const float gap = theme.Px(6);
  const float width = (ImGui::GetContentRegionAvail().x - gap * (count - 1)) / count;
  float height = 0;
  for (const auto& [camera, image] : images) {
    height = std::max(height, width * static_cast<float>(image.height) / static_cast<float>(image.width));
  }
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const ImVec2 first = ImGui::GetCursorScreenPos();
  float x = first.x;
  for (const auto& [camera, image] : images) {
    const float tall = width * static_cast<float>(image.height) / static_cast<float>(image.width);
    const ImTextureID texture = gui.textures.Show(LineName(gui.ui.focus), now.pictures, camera);
    draw.AddImage(texture, {x, first.y}, {x + width, first.y + tall});
    if (query != nullptr && query->step == now.pictures->step) {
      const auto place = query->reasoning.pixels.find(camera);
      if (place != query->reasoning.pixels.end()) {
        Mark(draw, {x + place->second[0] * width, first.y + place->second[1] * tall}, AgreementColour(query, theme),
             theme);
      }
    }
    // Beside two others a name has no room for the size as well; longer ones are cut off where the picture ends.
    const std::string whole = fmt::format("{} {} x {}", camera, image.width, image.height);
    const float wanted = theme.small->CalcTextSizeA(theme.small->FontSize, FLT_MAX, 0, whole.c_str()).x;
    const ImVec2 corner{x, first.y + height + theme.Px(3)};
    draw.PushClipRect(corner, {x + width, corner.y + theme.Px(17)}, true);
    draw.AddText(theme.small, theme.small->FontSize, corner, theme.muted, (wanted <= width ? whole : camera).c_str());
    draw.PopClipRect();
    x += width + gap;
  }
  ImGui::Dummy({0, height + theme.Px(20)});
}

}  // namespace divla
