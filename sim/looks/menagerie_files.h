// The files behind the looks: read whole or refused, and hashed. For menagerie.cc.
#pragma once

#include <mujoco/mujoco.h>

#include <filesystem>
#include <string>

namespace divla {

inline constexpr const char* kMenagerieVariable = "DIVLA_MENAGERIE";

// Throws InputError, one line.
[[noreturn]] void RefuseLooks(const std::filesystem::path& file, const std::string& expected, const std::string& found);

// XXH3-128 of what decides over the pictures: the model file and every mesh that it names, in its order. `spec` is that of
// `model_file`. Throws InputError naming the first file that is missing or cut short. An OBJ file counts as whole when its
// last line has an end and its last vertex a face: MuJoCo itself reads one that was cut among its faces, and shows what is
// left. (Cut exactly between two late faces it passes; the hash is then another one.)
std::string HashLooksFiles(const std::filesystem::path& model_file, const mjSpec& spec);

}  // namespace divla
