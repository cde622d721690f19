// Arithmetic in the object families (assets/objects/families/): "length / 2 - 0.004", "0.03 * cos(60 * i)".
// Numbers, named values, + - * / with the usual precedence, signs, brackets, and sin, cos (degrees), min, max, abs,
// sqrt.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace divla {

// The value of `text` with these names. Pure. Throws InputError that shows the text and the character where it stopped
// making sense, or names the unknown word; the caller adds file and object. Never gives a number that is not finite.
double EvaluateExpression(std::string_view text, const std::map<std::string, double>& names);

}  // namespace divla
