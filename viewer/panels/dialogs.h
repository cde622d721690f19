// What the dialogs share.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "viewer/ui.h"

namespace divla {

// A window in the middle of the screen, over the rest; false when it was closed. Ends with ImGui::End() either way.
bool BeginDialog(const char* title, float width, GuiContext& gui);
// Into a text field of a form; what is too long is cut.
template <std::size_t size>
void Write(const std::string& text, std::array<char, size>& field) {
  field.fill(0);
  std::memcpy(field.data(), text.data(), std::min(text.size(), size - 1));
}
// A form with what is so at the director's cursor, and what a form asks to be changed there.
BranchForm FreshBranchForm(const Director& director);
Edits EditsOf(const BranchForm& form, const Director& director);

}  // namespace divla
