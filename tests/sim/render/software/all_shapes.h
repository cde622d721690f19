// One scene that exercises the whole renderer. Strings only: tests/reproducibility uses it without the test framework.
#pragma once

#include <string>

namespace divla::software {

// A scene that holds every shape, mapping, kind of light, a sky, meshes with and without texture coordinates, and
// transparent geoms. Cameras: "front", "side", "low" near; "away" 12 m off with a narrow view.
std::string AllShapesBodies();
std::string AllShapesAssets();

}  // namespace divla::software
