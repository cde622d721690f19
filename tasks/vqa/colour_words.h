// The colour words that answers may use.
#pragma once

#include <string>
#include <vector>

namespace divla {

// What a person may call a colour of the catalogue, the catalogue's own word first. Empty for what is no one colour
// ("many", "clear").
std::vector<std::string> ColourNames(const std::string& colour);

// The colour words that are wrong for it: of all other colours, less what ColourNames gives.
std::vector<std::string> OtherColourNames(const std::string& colour);

}  // namespace divla
