// The looks of `panda` from MuJoCo Menagerie (google-deepmind/mujoco_menagerie, folder franka_emika_panda): the original
// meshes of arm, hand and fingers. Optional, and never on by itself: a picture must not depend on what happens to lie on a
// machine. Nothing of Menagerie is part of this project.
//
// The environment variable DIVLA_MENAGERIE says where they are; without it, what was given to CMake as -DMENAGERIE:
//   FOLDER      franka_emika_panda itself, or a folder that holds it, such as a clone of Menagerie
//   package     the cache of the PyPI package mujoco-menagerie, found as that finds it: MENAGERIE_ROOT, else
//               MENAGERIE_CACHE_DIR, else mujoco_menagerie in XDG_CACHE_HOME or ~/.cache
//   off, empty  none: the robot's own looks
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "sim/looks/robot_looks.h"

namespace divla {

// Where the looks in use are read from: a folder with a panda.xml. Nothing when there are none. Throws InputError with what
// was named, expected and found.
std::optional<std::filesystem::path> MenagerieFolder();

// Reads `folder`/panda.xml through MuJoCo and takes what MuJoCo shows of its bodies link0 to link7, hand, left_finger and
// right_finger. Our bodies stand at the same places, which is checked (1 mm). Every link must have something to show; a
// hand or finger without keeps our own looks. Throws InputError, one line with the file, what was expected and found, for
// a file that is missing or cannot be read, another arm, or a material with a texture.
std::shared_ptr<const RobotLooks> LoadMenagerie(const std::filesystem::path& folder);

// The looks in use, read once for each folder; null without. Any thread.
std::shared_ptr<const RobotLooks> LooksInUse();

// Their RobotLooks::name, empty without.
std::string LooksInUseName();

}  // namespace divla
