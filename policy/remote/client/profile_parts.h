// What the profiles share: pictures and numbers for the wire, rotations, and rates of control.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy/policy.h"
#include "policy/remote/wire/value.h"

namespace divla {

// openpi's policies see 224 x 224; wider pictures are shrunk to that width, with black bars above and below.
inline constexpr int kOpenpiPicture = 224;  // pixels

// uint8 [H, W, 3], the rows from the top.
WireValue PictureHwc(const Image& image);
// `image`, kOpenpiPicture wide and at most so high, in the middle of a black square. Errors are ours (DIVLA_CHECK).
Image BlackBars(const Image& image);
// Left and right exchanged.
Image Mirrored(const Image& image);
// uint8 [3, H, W]
WireValue PictureChw(const Image& image);

WireValue FloatArray(std::span<const float> values);  // f4 [n]
WireValue TextValue(const std::string& text);

// Throws InputError "profile libero: expected actions of 7 numbers, found 8" when dim is another.
void RequireDim(const char* profile, int expected, int found);
// Throws InputError when the robot is not the one that the profile is made for.
void RequireRobot(const char* profile, const RobotInterface& robot, const char* expected);

using Matrix3 = std::array<std::array<double, 3>, 3>;
// From the first two rows (6 numbers), as in sim/action.h.
Matrix3 FromTwoRows(std::span<const float> rows);
// The axis times the angle. Of the two that give the same rotation the one whose axis has x >= 0, with an angle from 0 to
// 2 pi: the gripper of LIBERO points down (half a turn about x), and there this does not jump, as MuJoCo's quaternions
// do not. Policies depend on that (vla-evaluation-harness, docs/reproductions/common-pitfalls.md).
std::array<double, 3> AxisAngle(const Matrix3& rotation);
Matrix3 FromAxisAngle(const std::array<double, 3>& rotation);
Matrix3 Product(const Matrix3& a, const Matrix3& b);

// A server's actions come at `hz` actions a second, ours at 20. So many of our control steps fit into `actions` of
// theirs; at least 1.
int ControlSteps(int actions, int hz);

}  // namespace divla
