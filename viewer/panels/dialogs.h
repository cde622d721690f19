// What the dialogs share.
#pragma once

#include "viewer/ui.h"

namespace divla {

// A window in the middle of the screen, over the rest; false when it was closed. Ends with ImGui::End() either way.
bool BeginDialog(const char* title, float width, GuiContext& gui);
// A form with what is so at the director's cursor, and what a form asks to be changed there.
BranchForm FreshBranchForm(const Director& director);
Edits EditsOf(const BranchForm& form, const Director& director);

}  // namespace divla
