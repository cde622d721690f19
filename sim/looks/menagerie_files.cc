#include "sim/looks/menagerie_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>

#include "sim/check.h"
#include "sim/hash.h"

namespace divla {
namespace {

namespace fs = std::filesystem;

std::string Bytes(const fs::path& file, const std::string& expected) {
  std::ifstream stream(file, std::ios::binary);
  if (!fs::is_regular_file(file) || !stream) RefuseLooks(file, expected, "no such file");
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// The greatest number of a vertex in "f 1//1 2/2/2 3", 0 without.
int GreatestVertex(std::string_view line) {
  int greatest = 0;
  for (std::size_t at = line.find(' '); at != std::string_view::npos; at = line.find(' ', at + 1)) {
    int vertex = 0;
    std::from_chars(line.data() + at + 1, line.data() + line.size(), vertex);
    greatest = std::max(greatest, vertex);
  }
  return greatest;
}

void RequireWhole(const fs::path& file, std::string_view text) {
  int vertices = 0, greatest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with("v ")) ++vertices;
    if (line.starts_with("f ")) greatest = std::max(greatest, GreatestVertex(line));
    at = end + 1;
  }
  const bool ended = text.ends_with('\n');
  if (ended && greatest == vertices && vertices > 0) return;
  RefuseLooks(file, "a whole OBJ file, with a face for its last vertex",
              fmt::format("{} bytes with {} vertices, used up to number {}{}", text.size(), vertices, greatest,
                          ended ? "" : ", and no end of the last line"));
}

}  // namespace

void RefuseLooks(const fs::path& file, const std::string& expected, const std::string& found) {
  std::string text = fmt::format("file {} (looks of panda, {}): expected {}, found {}", file.string(),
                                 kMenagerieVariable, expected, found);
  std::replace(text.begin(), text.end(), '\n', ' ');  // MuJoCo says where in a line of its own
  throw InputError(text);
}

std::string HashLooksFiles(const fs::path& model_file, const mjSpec& spec) {
  Hasher hasher;
  hasher.Add(Bytes(model_file, "Menagerie's model of the Panda"));
  const fs::path folder = model_file.parent_path() / mjs_getString(spec.compiler.meshdir);
  for (mjsElement* element = mjs_firstElement(&spec, mjOBJ_MESH); element != nullptr;
       element = mjs_nextElement(&spec, element)) {
    const std::string name = mjs_getString(mjs_asMesh(element)->file);
    if (name.empty()) continue;  // stands in the model file
    const std::string bytes = Bytes(folder / name, fmt::format("a mesh that {} names", model_file.filename().string()));
    if (name.ends_with(".obj")) RequireWhole(folder / name, bytes);
    hasher.Add(name);
    hasher.Add(bytes);
  }
  return hasher.Hex();
}

}  // namespace divla
