#include "viewer/textures.h"

#include <GL/gl.h>

#include <cstdint>

namespace divla {

Textures::~Textures() {
  for (const auto& [place, slot] : slots_) glDeleteTextures(1, &slot.id);
}

ImTextureID Textures::Show(const std::string& place, const std::shared_ptr<const CameraPictures>& pictures,
                           const std::string& camera) {
  Slot& slot = slots_[place + "/" + camera];
  if (slot.shown != pictures) {
    const Image& image = pictures->images.at(camera);
    if (slot.id == 0) glGenTextures(1, &slot.id);
    glBindTexture(GL_TEXTURE_2D, slot.id);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB, image.width, image.height, 0, GL_RGB, GL_UNSIGNED_BYTE, image.rgb.data());
    slot.shown = pictures;
  }
  return reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(slot.id));
}

}  // namespace divla
