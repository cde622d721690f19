// The contact sheet of the object catalogue: every object on a plain table, under its id.
#pragma once

#include <vector>

#include "sim/image.h"
#include "sim/render/renderer.h"
#include "tasks/catalogue.h"

namespace divla {

// Row by row in the given order, `columns` to a row (at least 1), each picture `size` pixels wide and high. Every
// object fills its picture, so sizes are not to scale. Throws MachineError for `gl` without OpenGL.
Image ObjectSheet(const std::vector<ObjectInfo>& objects, RendererKind kind, int size, int columns);

}  // namespace divla
