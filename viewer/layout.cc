#include <algorithm>

#include "viewer/ui.h"

namespace divla {

Layout MakeLayout(float width, float height, int lines, const Theme& theme) {
  Layout layout;
  layout.lines = lines;
  const float top = theme.Px(46);
  const float bottom = theme.Px(lines > 1 ? 126 : 100);
  const float side = std::clamp(width * 0.27F, theme.Px(330), theme.Px(520));
  const float middle = std::max(1.F, height - top - bottom);
  layout.top = {0, 0, width, top};
  layout.scene = {0, top, std::max(1.F, width - side), middle};
  layout.side = {width - side, top, side, middle};
  layout.timeline = {0, height - bottom, width, bottom};
  const float gap = theme.Px(2);
  layout.views[0] = layout.scene;
  if (lines > 1) {
    const float half = (layout.scene.w - gap) / 2;
    layout.views[0].w = half;
    layout.views[1] = {layout.scene.x + half + gap, layout.scene.y, half, layout.scene.h};
  }
  return layout;
}

}  // namespace divla
