#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

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

// Each cell over the pixels that it stands for; the brightest has the largest weight of all cameras.
void Heat(ImDrawList& draw, ImVec2 at, float width, float height, const AttentionMap& map, float largest) {
  const float w = width / static_cast<float>(map.width), h = height / static_cast<float>(map.height);
  for (int row = 0; row < map.height; ++row) {
    for (int column = 0; column < map.width; ++column) {
      const float weight = map.weights[static_cast<std::size_t>(row * map.width + column)] / largest;
      const ImVec2 corner{at.x + w * static_cast<float>(column), at.y + h * static_cast<float>(row)};
      const auto green = static_cast<int>(40 + 190 * weight);
      draw.AddRectFilled(corner, {corner.x + w, corner.y + h},
                         IM_COL32(255, green, 30, static_cast<int>(190 * weight)));
    }
  }
}

float Largest(const Attention& looked) {
  float largest = 1e-9F;
  for (const auto& [camera, map] : looked) {
    for (const float weight : map.weights) largest = std::max(largest, weight);
  }
  return largest;
}

struct Looked {
  Attention attention;  // empty: no heat
  std::string heading;
};

Looked LookedNow(const GuiContext& gui, const Inside& inside, const CameraPictures& pictures) {
  const char* of = pictures.given ? "WHAT THE POLICY GOT" : "CAMERAS (the policy looks at none)";
  if (!gui.ui.thought.heat) return {{}, fmt::format("{} at step {}", of, pictures.step)};
  const bool fits = inside.thought && pictures.given && inside.thought->step == pictures.step;
  const Gaze gaze = gui.ui.thought.gaze;
  Attention attention = fits ? LookedAt(*inside.thought, gaze, inside.moment) : Attention();
  if (attention.empty()) return {{}, fmt::format("AT STEP {}: the attention is not known", pictures.step)};
  double all = 0;
  for (const auto& [camera, map] : attention) all += PictureShare(map);
  return {std::move(attention),
          fmt::format("AT STEP {}: attention of {}, {:.0f} % to pictures", pictures.step, GazeName(gaze), 100 * all)};
}

// Where the text says that the object is: as far as it is written, in a replay or while the policy writes.
void Place(const GuiContext& gui, const Inside& inside, const QueryView* query, const CameraPictures& pictures,
           const std::string& camera, const std::function<void(std::array<float, 2>, ImU32)>& mark) {
  const bool partly = inside.live || inside.replayed;
  const int tokens = partly ? MomentOf(*inside.thought, inside.moment).tokens : 0;
  const bool judged = !inside.live && query != nullptr && query->step == pictures.step;
  if (!partly && !judged) return;
  if (partly && tokens == 0) return;
  const Reasoning& said =
      partly ? inside.thought->tokens[static_cast<std::size_t>(tokens) - 1]->so_far : query->reasoning;
  const auto place = said.pixels.find(camera);
  if (place != said.pixels.end()) mark(place->second, judged ? AgreementColour(query, gui.theme) : gui.theme.accent);
}

}  // namespace

void CameraPanes(GuiContext& gui) {
  const Theme& theme = gui.theme;
  const StepView& now = gui.director.At(gui.ui.focus);
  const Inside inside = InsideOf(gui, gui.ui.focus);
  // While the policy is asked, what it is given now.
  const auto& pictures = inside.live && inside.thought->pictures ? inside.thought->pictures : now.pictures;
  if (!pictures || pictures->images.empty()) {
    Heading("CAMERAS: nothing was drawn", theme);
    return;
  }
  const auto& images = pictures->images;
  const Looked looked = LookedNow(gui, inside, *pictures);
  Heading(looked.heading.c_str(), theme);
  const float largest = Largest(looked.attention);
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
    const ImTextureID texture = gui.textures.Show(LineName(gui.ui.focus), pictures, camera);
    draw.AddImage(texture, {x, first.y}, {x + width, first.y + tall});
    const auto map = looked.attention.find(camera);
    const bool heat = map != looked.attention.end();
    if (heat) Heat(draw, {x, first.y}, width, tall, map->second, largest);
    Place(gui, inside, now.query.get(), *pictures, camera, [&](std::array<float, 2> at, ImU32 colour) {
      Mark(draw, {x + at[0] * width, first.y + at[1] * tall}, colour, theme);
    });
    // Beside two others a name has no room for the size as well; longer ones are cut off where the picture ends.
    const std::string brief = heat ? fmt::format("{:.0f} %", 100 * PictureShare(map->second)) : camera;
    const std::string whole =
        heat ? camera + " " + brief : fmt::format("{} {} x {}", camera, image.width, image.height);
    const float wanted = theme.small->CalcTextSizeA(theme.small->FontSize, FLT_MAX, 0, whole.c_str()).x;
    const ImVec2 corner{x, first.y + height + theme.Px(3)};
    draw.PushClipRect(corner, {x + width, corner.y + theme.Px(17)}, true);
    draw.AddText(theme.small, theme.small->FontSize, corner, theme.muted, (wanted <= width ? whole : brief).c_str());
    draw.PopClipRect();
    x += width + gap;
  }
  ImGui::Dummy({0, height + theme.Px(20)});
}

}  // namespace divla
