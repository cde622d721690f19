// Theme: the colours and type of the viewer, dark and light, at any scale.
#pragma once

#include <imgui.h>

namespace divla {

struct Theme {
  bool dark{true};
  float scale{1};  // of every length: 1 at 96 dots per inch
  // Colours by what they say.
  ImU32 background{}, panel{}, line{}, text{}, muted{};
  ImU32 accent{};  // what is chosen; the cursor
  ImU32 good{}, warn{}, bad{};
  ImU32 branch{};  // the branch beside the episode
  ImU32 veil{};    // under text over a picture
  ImU32 over{};    // that text
  // Owned by ImGui. `small` 12, `body` 15, `bold` 15, `large` 26 units.
  ImFont *small{}, *body{}, *bold{}, *large{};

  float Px(float units) const { return units * scale; }
};

// Sets ImGui's style and the colours. Fonts are made by LoadFonts.
void ApplyTheme(bool dark, float scale, Theme& theme);
// Loads DejaVu Sans at the theme's scale into ImGui's atlas in place of what is there; ImGui's own small font where it
// is not installed. Before a frame.
void LoadFonts(Theme& theme);

ImVec4 Vec(ImU32 colour);

}  // namespace divla
