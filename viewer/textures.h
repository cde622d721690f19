// Textures: pictures in the graphics memory, uploaded again only when another picture is shown in their place. The thread
// with the OpenGL context only.
#pragma once

#include <imgui.h>

#include <map>
#include <memory>
#include <string>

#include "viewer/history.h"

namespace divla {

class Textures {
 public:
  Textures() = default;
  Textures(const Textures&) = delete;
  Textures& operator=(const Textures&) = delete;
  ~Textures();  // the context must still be current

  // The picture of `camera`, shown in `place` (any name; one picture at a time). Pixels are not smoothed: what is seen is
  // what the policy got.
  ImTextureID Show(const std::string& place, const std::shared_ptr<const CameraPictures>& pictures,
                   const std::string& camera);

 private:
  struct Slot {
    unsigned id{};
    std::shared_ptr<const CameraPictures> shown;  // kept, so that another one cannot have its address
  };
  std::map<std::string, Slot> slots_;
};

}  // namespace divla
