// A strict reading of a page of ours, stricter than a browser's: every element but the void ones is closed in its
// order, attributes are quoted and stand once, ids are unique, links within the page lead somewhere.
#pragma once

#include <string>
#include <vector>

namespace divla::testing {

// What is wrong, one line each; empty for a page that is well formed.
std::vector<std::string> CheckHtml(const std::string& page);

}  // namespace divla::testing
